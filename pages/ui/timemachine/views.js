// Everything that shows a stop: the panels, the numbers, and the words for who cannot see them.
import { underHeader } from "../mounted.js";
import { isDark } from "./colours.js";
import { CurvePanel } from "./curve.js";
import { COMPACT, GUTTER } from "./frame.js";
import { Hover } from "./hover.js";
import { CostPanel, ParametersPanel } from "./lines.js";
import { addSave } from "./picture.js";
import { Readout } from "./readout.js";
import { lastUpTo } from "./steps.js";
import { SurfacePanel } from "./surface.js";

const WIDE = 720;
const PANELS = { fit: CurvePanel, surface: SurfacePanel, parameters: ParametersPanel, cost: CostPanel };
const PROJECTED = 1.5;
const BELOW = 20; // pixels under the charts

// Heights of the panels in pixels. Beside one another they leave room for slider and numbers on one screen.
function heightsFor({ compact }, width, scale, room) {
  const narrow = width < WIDE * scale;
  if (compact) {
    if (narrow) return { fit: 250, surface: 270, parameters: 150, cost: 140 };
    const top = Math.round(Math.max(200, room * 0.62));
    const low = Math.round(Math.max(110, room * 0.38));
    return { fit: top, surface: top, parameters: low, cost: low };
  }
  if (narrow) return { fit: 320, surface: 340, parameters: 380, cost: 280 };
  const top = Math.round(Math.max(290, Math.min(560, width * (scale > 1 ? 0.32 : 0.28))));
  return { fit: top, surface: top, parameters: 340 * scale, cost: 340 * scale };
}

// Index of the checkpoint to show, for each run: another run shows its last one up to this iteration. The
// stop after the last iteration is a step of its own, of the same iteration.
export function shownAt({ runs }, index) {
  return runs.map((run, r) => (r === 0 || index < 0 ? index : lastUpTo(run.iterations, runs[0].iterations[index])));
}

export class Views {
  // `pick(step)` is called when a point in a chart is clicked; `signal` ends all listening; `readout` shows the
  // values of the stop in words.
  constructor(root, pick, signal, readout = new Readout(root)) {
    this.root = root;
    this.readout = readout;
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
    const classes = { dark, wide, narrow: !wide, still: !model.controls, projector: model.projector, compact: model.compact, rtl: model.words.rtl };
    for (const name in classes) root.classList.toggle(name, classes[name]);
    this.waiting.hidden = model.controls || !model.live || Boolean(model.runs[0] && model.runs[0].steps.length);
    this.readout.layout(model);
    const heights = heightsFor(model, width, scale, this.room());
    const widths = this.panels.map(({ sheet }) => Math.floor(sheet.parentElement.clientWidth));
    const gutter = model.compact ? COMPACT : GUTTER;
    this.panels.forEach(({ name, sheet, drawing }, i) => {
      const [wide, high] = [widths[i] / scale, heights[name] / scale];
      sheet.setAttribute("width", widths[i]);
      sheet.setAttribute("height", heights[name]);
      sheet.setAttribute("viewBox", `0 0 ${wide} ${high}`);
      drawing.layout(model, wide, high, gutter, scale);
    });
    return true;
  }

  // Pixels that two rows of charts can have so that the whole fits into the window.
  room() {
    const [first] = this.panels;
    const last = this.panels[this.panels.length - 1];
    const taken = first.sheet.clientHeight + last.sheet.clientHeight;
    const stage = (this.root.querySelector(".stage") || this.root).getBoundingClientRect();
    const scrolled = this.root.closest("[data-testid=stMain]");
    const above = stage.top + (scrolled ? scrolled.scrollTop : 0);
    return Math.min(620, window.innerHeight - above - (stage.height - taken) - BELOW);
  }

  draw(index) {
    this.at = shownAt(this.model, index);
    for (const { drawing, hover } of this.panels) {
      drawing.draw(this.model, this.at);
      hover.again();
    }
    this.readout.draw(this.model, this.at);
  }

  describe() {
    for (const { sheet, drawing } of this.panels) {
      sheet.setAttribute("aria-label", drawing.describe(this.model, this.at));
    }
  }
}
