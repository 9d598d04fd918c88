// Everything that shows a stop: the panels, the numbers, and the words for who cannot see them.
import { underHeader } from "../mounted.js";
import { isDark } from "./colours.js";
import { CurvePanel } from "./curve.js";
import { GUTTER, SMALL } from "./frame.js";
import { Hover } from "./hover.js";
import { CostPanel, ParametersPanel } from "./lines.js";
import { addSave } from "./picture.js";
import { Readout } from "./readout.js";
import { lastUpTo } from "./steps.js";
import { SurfacePanel } from "./surface.js";

const WIDE = 720;
const PANELS = { fit: CurvePanel, surface: SurfacePanel, parameters: ParametersPanel, cost: CostPanel };
const IN_MINIATURE = ["fit", "surface"];
const PROJECTED = 1.5;

// Heights of the panels in pixels. Beside one another they leave room for slider and numbers on one screen.
function heightsFor({ miniature }, width, scale) {
  if (miniature) {
    const small = Math.round(Math.max(150, Math.min(300, width * 0.3)));
    return { fit: small, surface: small };
  }
  if (width < WIDE * scale) return { fit: 320, surface: 340, parameters: 380, cost: 280 };
  const top = Math.round(Math.max(290, Math.min(560, width * (scale > 1 ? 0.32 : 0.28))));
  return { fit: top, surface: top, parameters: 340 * scale, cost: 340 * scale };
}

// Index of the checkpoint to show, for each run: another run shows its last one up to this step.
export function shownAt({ runs }, index) {
  return runs.map((run, r) => (r === 0 || index < 0 ? index : lastUpTo(run.steps, runs[0].steps[index])));
}

export class Views {
  // `pick(step)` is called when a point in a chart is clicked; `signal` ends all listening.
  constructor(root, pick, signal) {
    this.root = root;
    this.readout = new Readout(root);
    this.waiting = root.querySelector(".waiting");
    const shown = () => (this.at && this.at[0] >= 0 ? this : null);
    this.panels = Object.entries(PANELS).map(([name, Panel]) => {
      const figure = root.querySelector(`[data-panel=${name}]`);
      const sheet = figure.querySelector("svg");
      const canvas = figure.querySelector("canvas");
      const panel = { name, figure, sheet, canvas, drawing: new Panel(sheet, canvas), clicks: name !== "fit" };
      panel.hover = new Hover(panel, shown, (r, index) => pick(this.model.runs[r].steps[index]), signal);
      addSave(panel, root, shown, signal);
      return panel;
    });
  }

  // All that stays the same from step to step. False without a width, as in a closed tab: then there is
  // nothing to draw on.
  layout(model) {
    const { root } = this;
    const width = root.clientWidth;
    this.width = width;
    if (!width) return false;
    const scale = model.projector ? PROJECTED : 1;
    Object.assign(this, { model, scale, at: null });
    underHeader(root);
    root.style.setProperty("--scale", scale);
    const dark = isDark(getComputedStyle(root).getPropertyValue("--st-background-color").trim());
    const wide = width >= WIDE * scale;
    const classes = { dark, wide, narrow: !wide, still: !model.controls };
    Object.assign(classes, { projector: model.projector, miniature: model.miniature });
    for (const name in classes) root.classList.toggle(name, classes[name]);
    this.waiting.hidden = model.controls || !model.live || Boolean(model.runs[0] && model.runs[0].steps.length);
    this.readout.layout(model);
    const heights = heightsFor(model, width, scale);
    this.shown = this.panels.filter(({ name }) => !model.miniature || IN_MINIATURE.includes(name));
    const widths = this.shown.map(({ figure }) => Math.floor(figure.clientWidth));
    const gutter = model.miniature ? SMALL : GUTTER;
    this.shown.forEach(({ name, sheet, drawing }, i) => {
      const [wide, high] = [widths[i] / scale, heights[name] / scale];
      sheet.setAttribute("width", widths[i]);
      sheet.setAttribute("height", heights[name]);
      sheet.setAttribute("viewBox", `0 0 ${wide} ${high}`);
      drawing.layout(model, wide, high, gutter, scale);
    });
    return true;
  }

  draw(index) {
    this.at = shownAt(this.model, index);
    for (const { drawing, hover } of this.shown) {
      drawing.draw(this.model, this.at);
      hover.again();
    }
    this.readout.draw(this.model, this.at);
  }

  describe() {
    for (const { sheet, drawing } of this.shown) {
      sheet.setAttribute("aria-label", drawing.describe(this.model, this.at));
    }
  }
}
