// Panels 3 and 4: h, v and the cost over the iterations, with the current one marked.
import { Frame, legend } from "./frame.js";
import { placeText, valueWords } from "./labels.js";
import { Scale, decimate, extent, padded, paddedLog } from "./scales.js";
import { nearestIndex, stepRange } from "./steps.js";
import { PerRun, linePath, move, node, px } from "./svg.js";

const MOST_POINTS = 1200;
const BETWEEN = 18;

// One quantity over the iterations: its frame, a line for each run, and the marks of the current one.
class Series {
  constructor(sheet, name) {
    this.name = name;
    this.frame = new Frame(sheet, name);
    const { still, moving, marks } = this.frame;
    this.goals = ["truth", "optimum"].map((kind) => node("path", { class: kind }, still));
    this.lines = new PerRun("path", "line", "line", still);
    // Above the lines: between two checkpoints with deleted ones in between, nothing is known.
    this.gone = node("g", {}, still);
    this.cursor = node("path", { class: "cursor", "data-role": "cursor" }, moving);
    this.points = new PerRun("circle", "point", "point", marks, { r: 5 });
  }

  layout(model, box, log, goals, yLabel) {
    const { runs } = model;
    const values = runs.map((run) => run[this.name].subarray(0, run.points));
    const shown = [...values, goals.filter((goal) => goal !== null)];
    const all = extent(...(log ? shown.map((list) => list.filter((value) => value > 0)) : shown));
    const x = new Scale(...domain(runs), 0, box.width);
    const y = new Scale(...(log ? paddedLog(all) : padded(all, 0.08)), box.height, 0, log);
    const { words } = model;
    const unit = runs.length && runs[0].unit === "update" ? words.say("update") : words.say("iteration");
    const xLabel = box.gutter.named ? unit : "";
    this.frame.place({ ...box, x, y, xLabel, yLabel, whole: true, words });
    this.goals.forEach((path, i) => {
      path.setAttribute("d", goals[i] === null ? "" : `M0 ${px(y.at(goals[i]))}H${box.width}`);
    });
    this.lines.fit(runs);
    this.points.fit(runs);
    this.lines.marks.forEach((path, r) => {
      const list = values[r];
      const kept = decimate(list, MOST_POINTS);
      path.setAttribute("d", linePath(kept, (i) => x.at(runs[r].iterations[i]), (i) => y.at(list[i])));
    });
    this.gone.replaceChildren();
    for (const [first, last] of runs.length ? runs[0].gone : []) {
      const left = x.at(first - 0.5);
      const width = px(Math.max(1, x.at(last + 0.5) - left));
      node("rect", { class: "gone", x: px(left), y: 0, width, height: box.height }, this.gone);
    }
  }

  place(run, index) {
    const value = index >= 0 ? run[this.name][index] : NaN;
    if (!Number.isFinite(value)) return [NaN, NaN];
    return [this.frame.x.at(run.iterations[index]), this.frame.y.at(value)];
  }

  draw(model, at) {
    const { x, height } = this.frame;
    const here = model.runs.length && at[0] >= 0 ? px(x.at(model.runs[0].iterations[at[0]])) : NaN;
    this.cursor.setAttribute("d", Number.isFinite(here) ? `M${here} 0V${height}` : "");
    this.points.marks.forEach((point, r) => move(point, ...this.place(model.runs[r], at[r])));
  }

  // The point of the nearest line over or under a place on the sheet.
  pick(model, sheetX, sheetY) {
    const inner = this.frame.inside(sheetX, sheetY);
    if (!inner) return null;
    let found = null;
    let least = Infinity;
    model.runs.forEach((run, r) => {
      const index = nearestIndex(run.iterations.subarray(0, run.points), this.frame.x.back(inner[0]));
      const [x, y] = this.place(run, index);
      const distance = Math.abs(x - inner[0]) + Math.abs(y - inner[1]);
      if (!(distance < least)) return;
      least = distance;
      found = { ...this.frame.onSheet(x, y), run: r, index };
    });
    return found;
  }
}

// All runs share the axis of iterations; deleted ones keep their place on it.
function domain(runs) {
  const range = extent(...runs.map((run) => {
    if (!run.steps.length) return [];
    const [first, last] = stepRange(run);
    return [first, Math.max(first, Math.min(last, run.iterations[run.iterations.length - 1]))];
  }));
  if (!range) return [0, 1];
  return range[1] > range[0] ? range : [range[0] - 1, range[0] + 1];
}

function keys({ truth, optimum, words }) {
  const items = [];
  if (truth) items.push([words.say("truth"), "truth", "line"]);
  if (optimum) items.push([words.say("least-squares optimum"), "optimum", "line"]);
  return items;
}

const across = (width, { left, right }) => ({ left, width: width - left - right });

export class ParametersPanel {
  constructor(sheet) {
    this.legend = node("g", { class: "legend" }, sheet);
    this.series = [new Series(sheet, "h"), new Series(sheet, "v")];
  }

  layout(model, width, height, gutter) {
    const top = legend(this.legend, gutter.named ? keys(model) : [], 2, width - 4) + gutter.top;
    const each = (height - top - 2 * gutter.bottom - BETWEEN) / 2;
    const half = width / 2;
    this.series.forEach((series, i) => {
      // One above the other; beside each other where there is little room.
      const box = gutter.named
        ? { ...across(width, gutter), top: top + i * (each + gutter.bottom + BETWEEN), height: each }
        : { left: gutter.left + i * half, width: half - gutter.left - gutter.right, top, height: height - top - gutter.bottom };
      Object.assign(box, { gutter });
      const goals = [model.truth, model.optimum].map((goal) => (goal ? goal[i] : null));
      series.layout(model, box, false, goals, series.name);
    });
  }

  draw(model, at) {
    for (const series of this.series) series.draw(model, at);
  }

  pick(model, x, y) {
    return this.series[0].pick(model, x, y) || this.series[1].pick(model, x, y);
  }

  describe(model, at) {
    const run = model.runs[0];
    const { words } = model;
    if (!run || at[0] < 0) return words.say("h and v over the iterations; no checkpoint yet.");
    const [h, v] = valueWords(run, at[0], 3, 3);
    const facts = { place: placeText(run, at[0], model), h, v };
    return run.unit === "update" ? words.say("h and v over the updates; at {place} h is {h} and v is {v}.", facts)
      : words.say("h and v over the iterations; at {place} h is {h} and v is {v}.", facts);
  }
}

export class CostPanel {
  constructor(sheet) {
    this.legend = node("g", { class: "legend" }, sheet);
    this.series = new Series(sheet, "cost");
  }

  layout(model, width, height, gutter) {
    const items = gutter.named ? keys({ ...model, truth: null }) : [];
    const top = legend(this.legend, items, 2, width - 4) + gutter.top;
    const box = { ...across(width, gutter), top, height: height - top - gutter.bottom, gutter };
    const goals = [null, model.optimum ? model.optimum[2] : null];
    this.series.layout(model, box, true, goals, model.words.say("cost (log scale)"));
  }

  draw(model, at) {
    this.series.draw(model, at);
  }

  pick(model, x, y) {
    return this.series.pick(model, x, y);
  }

  describe(model, at) {
    const run = model.runs[0];
    const { words } = model;
    if (!run || at[0] < 0) return words.say("Cost over the iterations; no checkpoint yet.");
    const [, , cost] = valueWords(run, at[0], 3, 3);
    const facts = { place: placeText(run, at[0], model), cost };
    return run.unit === "update" ? words.say("Cost over the updates, logarithmic; at {place} it is {cost}.", facts)
      : words.say("Cost over the iterations, logarithmic; at {place} it is {cost}.", facts);
  }
}
