// Everything that shows a step: the panels, the numbers, and the words for who cannot see them.
import { isDark } from "./colours.js";
import { CurvePanel } from "./curve.js";
import { CostPanel, ParametersPanel } from "./lines.js";
import { addSave } from "./picture.js";
import { Readout } from "./readout.js";
import { lastUpTo } from "./steps.js";
import { SurfacePanel } from "./surface.js";

const WIDE = 720;
const REACH = { mouse: 12, pen: 12, touch: 22 };
const PANELS = { fit: CurvePanel, surface: SurfacePanel, parameters: ParametersPanel, cost: CostPanel };

// Heights of the panels for a width of the whole; two columns grow with it, for a projector.
function heightsFor(width) {
  if (width < WIDE) return { fit: 330, surface: 340, parameters: 380, cost: 280 };
  const top = Math.round(Math.max(390, Math.min(540, width * 0.36)));
  return { fit: top, surface: top, parameters: 380, cost: 380 };
}

// Index of the checkpoint to show, for each run: another run shows its last one up to this step.
export function shownAt({ runs }, index) {
  return runs.map((run, r) => (r === 0 || index < 0 ? index : lastUpTo(run.steps, runs[0].steps[index])));
}

export class Views {
  // `pick(index)` is called when a place in a chart is clicked; `signal` ends all listening.
  constructor(root, pick, signal) {
    this.root = root;
    this.index = -1;
    this.readout = new Readout(root);
    this.panels = Object.entries(PANELS).map(([name, Panel]) => {
      const figure = root.querySelector(`[data-panel=${name}]`);
      const sheet = figure.querySelector("svg");
      const canvas = figure.querySelector("canvas");
      const panel = { name, figure, sheet, canvas, drawing: new Panel(sheet, canvas) };
      addSave(panel, root, () => [this.model, this.index], signal);
      if (panel.drawing.pick) this.addPick(panel, pick, signal);
      return panel;
    });
  }

  addPick({ sheet, drawing }, pick, signal) {
    const under = ({ clientX, clientY, pointerType }) =>
      (this.model && this.model.controls && this.index >= 0
        ? drawing.pick(this.model, clientX, clientY, REACH[pointerType] || REACH.mouse)
        : -1);
    sheet.addEventListener("click", (event) => pick(under(event)), { signal });
    sheet.addEventListener("pointermove", (event) => {
      sheet.classList.toggle("near", under(event) >= 0);
    }, { signal });
  }

  // All that stays the same from step to step. False without a width, as in a closed tab: then there is
  // nothing to draw on.
  layout(model) {
    const { root } = this;
    const width = root.clientWidth;
    this.width = width;
    if (!width) return false;
    this.model = model;
    // Streamlit's header covers what scrolls below it; embedded pages have none.
    const header = document.querySelector("[data-testid=stHeader]");
    root.style.setProperty("--header", `${header ? header.offsetHeight : 0}px`);
    const dark = isDark(getComputedStyle(root).getPropertyValue("--st-background-color").trim());
    const classes = { dark, wide: width >= WIDE, narrow: width < WIDE, still: !model.controls };
    for (const name in classes) root.classList.toggle(name, classes[name]);
    root.querySelector(".waiting").hidden = !model.live || Boolean(model.runs[0] && model.runs[0].steps.length);
    this.readout.layout(model);
    const heights = heightsFor(width);
    const widths = this.panels.map(({ figure }) => Math.floor(figure.clientWidth));
    this.panels.forEach(({ name, sheet, drawing }, i) => {
      sheet.setAttribute("width", widths[i]);
      sheet.setAttribute("height", heights[name]);
      drawing.layout(model, widths[i], heights[name]);
    });
    return true;
  }

  draw(index) {
    this.index = index;
    const at = shownAt(this.model, index);
    for (const { drawing } of this.panels) drawing.draw(this.model, at);
    this.readout.draw(this.model, at);
  }

  describe() {
    const at = shownAt(this.model, this.index);
    for (const { sheet, drawing } of this.panels) {
      sheet.setAttribute("aria-label", drawing.describe(this.model, at));
    }
  }
}
