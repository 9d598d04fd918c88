// Panels 3 and 4: h, v and the cost over the steps, with the current step marked.
import { Frame, GUTTER, legend } from "./frame.js";
import { valueWords } from "./labels.js";
import { Scale, decimate, extent, padded, paddedLog } from "./scales.js";
import { nearestIndex, stepRange } from "./steps.js";
import { linePath, move, node, perRun, px } from "./svg.js";

const MOST_POINTS = 1200;

// One quantity over the steps: its frame, a line for each run, and the marks of the current step.
class Series {
  constructor(sheet, name, label) {
    this.name = name;
    this.label = label;
    this.frame = new Frame(sheet, name);
    const { still, moving, marks } = this.frame;
    this.goals = ["truth", "optimum"].map((kind) => node("path", { class: kind }, still));
    this.lines = perRun("path", "line", "line", still);
    // Above the lines: between two checkpoints with deleted ones in between, nothing is known.
    this.gone = node("g", {}, still);
    this.cursor = node("path", { class: "cursor", "data-role": "cursor" }, moving);
    this.points = perRun("circle", "point", "point", marks, { r: 5 });
  }

  layout(model, box, steps, log, goals) {
    const values = model.runs.map((run) => run[this.name]);
    const shown = [...values, goals.filter((goal) => goal !== null)];
    const all = extent(...(log ? shown.map((list) => list.filter((value) => value > 0)) : shown));
    const x = new Scale(...steps, 0, box.width);
    const y = new Scale(...(log ? paddedLog(all) : padded(all, 0.08)), box.height, 0, log);
    this.frame.place({ ...box, x, y, xLabel: "iteration (step)", yLabel: this.label, whole: true });
    this.goals.forEach((path, i) => {
      path.setAttribute("d", goals[i] === null ? "" : `M0 ${px(y.at(goals[i]))}H${box.width}`);
    });
    this.lines.forEach((path, r) => {
      const run = model.runs[r];
      const list = values[r];
      const d = run ? linePath(decimate(list, MOST_POINTS), (i) => x.at(run.steps[i]), (i) => y.at(list[i])) : "";
      path.setAttribute("d", d);
    });
    this.gone.replaceChildren();
    for (const [first, last] of model.runs.length ? model.runs[0].gone : []) {
      const left = x.at(first - 0.5);
      const width = px(Math.max(1, x.at(last + 0.5) - left));
      node("rect", { class: "gone", x: px(left), y: 0, width, height: box.height }, this.gone);
    }
  }

  draw(model, at) {
    const { x, y, height } = this.frame;
    const here = model.runs.length && at[0] >= 0 ? px(x.at(model.runs[0].steps[at[0]])) : NaN;
    this.cursor.setAttribute("d", Number.isFinite(here) ? `M${here} 0V${height}` : "");
    this.points.forEach((point, r) => {
      const run = model.runs[r];
      const index = run ? at[r] : -1;
      const value = index >= 0 ? run[this.name][index] : NaN;
      move(point, index >= 0 ? x.at(run.steps[index]) : NaN, Number.isFinite(value) ? y.at(value) : NaN);
    });
  }
}

// All runs share the axis of steps; deleted steps keep their place on it.
function stepDomain(model) {
  const range = extent(...model.runs.map((run) => (run.steps.length ? stepRange(run) : [])));
  if (!range) return [0, 1];
  return range[1] > range[0] ? range : [range[0] - 1, range[0] + 1];
}

function keys(model) {
  const items = [];
  if (model.truth) items.push(["truth", "truth", "line"]);
  if (model.optimum) items.push(["least-squares optimum", "optimum", "line"]);
  if (model.runs[1]) model.runs.forEach((run, r) => items.push([run.label, `line ${"ab"[r]}`, "line"]));
  return items;
}

const across = (width) => ({ left: GUTTER.left, width: width - GUTTER.left - GUTTER.right });

// Index of the first run's checkpoint nearest to a place in the window, for a click into a plot over steps.
function pickStep(model, sheet, frame, clientX) {
  const left = sheet.getBoundingClientRect().left + GUTTER.left;
  const step = frame.x.back(Math.max(0, Math.min(frame.width, clientX - left)));
  return model.runs.length ? nearestIndex(model.runs[0].steps, Math.round(step)) : -1;
}

export class ParametersPanel {
  constructor(sheet) {
    this.sheet = sheet;
    this.legend = node("g", { class: "legend" }, sheet);
    this.series = [new Series(sheet, "h", "h"), new Series(sheet, "v", "v")];
  }

  layout(model, width, height) {
    const top = legend(this.legend, keys(model), 2, width - 4) + 26;
    const each = (height - top - 2 * GUTTER.bottom - 22) / 2;
    this.series.forEach((series, i) => {
      const box = { ...across(width), top: top + i * (each + GUTTER.bottom + 22), height: each };
      const goals = [model.truth, model.optimum].map((goal) => (goal ? goal[i] : null));
      series.layout(model, box, stepDomain(model), false, goals);
    });
  }

  draw(model, at) {
    for (const series of this.series) series.draw(model, at);
  }

  pick(model, clientX) {
    return pickStep(model, this.sheet, this.series[0].frame, clientX);
  }

  describe(model, at) {
    const run = model.runs[0];
    if (!run || at[0] < 0) return "h and v over the steps; no checkpoint yet.";
    const [h, v] = valueWords(run, at[0], 3, 3);
    return `h and v over the steps; at step ${run.steps[at[0]]} h is ${h} and v is ${v}.`;
  }
}

export class CostPanel {
  constructor(sheet) {
    this.sheet = sheet;
    this.legend = node("g", { class: "legend" }, sheet);
    this.series = new Series(sheet, "cost", "mean squared error, logarithmic");
  }

  layout(model, width, height) {
    const items = keys({ ...model, truth: null });
    const top = legend(this.legend, items, 2, width - 4) + 26;
    const box = { ...across(width), top, height: height - top - GUTTER.bottom };
    this.series.layout(model, box, stepDomain(model), true, [null, model.optimum ? model.optimum[2] : null]);
  }

  draw(model, at) {
    this.series.draw(model, at);
  }

  pick(model, clientX) {
    return pickStep(model, this.sheet, this.series.frame, clientX);
  }

  describe(model, at) {
    const run = model.runs[0];
    if (!run || at[0] < 0) return "Mean squared error over the steps; no checkpoint yet.";
    const [, , cost] = valueWords(run, at[0], 3, 3);
    return `Mean squared error over the steps, logarithmic; at step ${run.steps[at[0]]} it is ${cost}.`;
  }
}
