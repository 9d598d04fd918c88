// The plots that all cells share: cost over the iterations, median and spread, all paths on one surface.
import { ramp, shadesOf } from "../../ui/timemachine/colours.js";
import { Frame, GUTTER, legend } from "../../ui/timemachine/frame.js";
import { Scale, extent, padded, paddedLog } from "../../ui/timemachine/scales.js";
import { bands, stretch } from "../../ui/timemachine/surface.js";
import { bounded, linePath, move, node, px } from "../../ui/timemachine/svg.js";
import { indexIn, isSane, planeOf, seedGroups, spreadOf } from "./model.js";

const HEIGHT = 330;
const HUES = 6;

const indices = (n) => Array.from({ length: n }, (_, i) => i);
const positive = (lists) => lists.map((list) => list.filter((value) => value > 0 && value < 1e12));

// A plot over the iterations, with a cursor at the step.
class OverSteps {
  constructor(figure, name) {
    this.sheet = figure.querySelector("svg");
    this.legend = node("g", { class: "legend" }, this.sheet);
    this.frame = new Frame(this.sheet, name);
    this.lines = node("g", {}, this.frame.still);
    this.cursor = node("path", { class: "cursor", "data-role": "cursor" }, this.frame.moving);
  }

  place(model, width, lists, items) {
    this.sheet.setAttribute("width", width);
    this.sheet.setAttribute("height", HEIGHT);
    const top = legend(this.legend, items, 2, width - 4) + 26;
    const last = model.steps[model.steps.length - 1] || 1;
    const box = { left: GUTTER.left, top, width: width - GUTTER.left - GUTTER.right };
    box.height = HEIGHT - top - GUTTER.bottom;
    const x = new Scale(0, Math.max(1, last), 0, box.width);
    const y = new Scale(...paddedLog(extent(...positive(lists))), box.height, 0, true);
    this.frame.place({ ...box, x, y, xLabel: "iteration", yLabel: "cost, logarithmic", whole: true });
    return [(i) => x.at(model.steps[i]), y];
  }

  draw(model, at) {
    const here = px(this.frame.x.at(model.steps[at]));
    this.cursor.setAttribute("d", Number.isFinite(here) ? `M${here} 0V${this.frame.height}` : "");
  }
}

export class CostsPanel extends OverSteps {
  constructor(figure) {
    super(figure, "costs");
    this.front = node("path", { class: "line own front", "data-role": "front" }, this.frame.moving);
    this.point = node("circle", { class: "point own", r: 5 }, this.frame.marks);
  }

  layout(model, width) {
    const lists = model.cells.map((cell) => cell.cost);
    const items = [["all cells", "line all", "line"], ["the cell pointed at", "line own", "line"]];
    // One that runs away would press all others flat; its line leaves the plot.
    const calm = model.cells.filter(isSane).map((cell) => cell.cost);
    const [x, y] = this.place(model, width, calm.length ? calm : lists, items);
    this.path = (c) => linePath(indices(model.steps.length), x, (i) => y.at(lists[c][i]));
    // One path for all: a hundred elements would be laid out a hundred times.
    const all = lists.map((_, c) => this.path(c)).join("");
    this.lines.replaceChildren(node("path", { class: "line all", d: all }));
    this.shown = undefined;
  }

  draw(model, at, pointed) {
    super.draw(model, at);
    if (pointed !== this.shown) this.front.setAttribute("d", pointed < 0 ? "" : this.path(pointed));
    this.shown = pointed;
    const cell = model.cells[pointed];
    const i = cell ? indexIn(cell, at) : -1;
    const { x, y, height } = this.frame;
    const down = i < 0 ? NaN : y.at(cell.cost[i]);
    // The line of one that runs away leaves the plot; its point must not stand outside.
    move(this.point, i < 0 ? NaN : x.at(model.steps[i]), down >= 0 && down <= height ? down : NaN);
  }
}

// Several seeds of one setting: their median as a line, from the smallest to the largest as a band.
export class SpreadPanel extends OverSteps {
  constructor(figure) {
    super(figure, "spread");
  }

  layout(model, width) {
    const groups = seedGroups(model).map((group) => ({
      ...group, ...spreadOf(group.cells.filter(isSane).map((cell) => cell.cost)),
    }));
    // Where there are more groups than colours, the next are dashed.
    const look = (g) => `line hue${g % HUES} turn${Math.floor(g / HUES)}`;
    const items = groups.map((group, g) => [group.value || "median of all seeds", look(g), "line"]);
    const shown = items.length <= 12 ? items : [...items.slice(0, 11), ["…", "line all", "line"]];
    const [x, y] = this.place(model, width, groups.flatMap((group) => [group.low, group.high]), shown);
    const made = groups.flatMap((group, g) => {
      const known = indices(group.middle.length).filter((i) => Number.isFinite(group.middle[i]));
      const back = [...known].reverse();
      const up = linePath(known, x, (i) => y.at(group.high[i]));
      const down = linePath(back, x, (i) => y.at(group.low[i])).replace("M", "L");
      return [
        node("path", { class: `band hue${g % HUES}`, d: up && `${up}${down}Z` }),
        node("path", { class: look(g), d: linePath(known, x, (i) => y.at(group.middle[i])) }),
      ];
    });
    this.lines.replaceChildren(...made);
  }
}

// All paths on the cost surface of their points.
export class PathsPanel {
  constructor(figure) {
    this.sheet = figure.querySelector("svg");
    this.canvas = figure.querySelector("canvas");
    this.legend = node("g", { class: "legend" }, this.sheet);
    this.frame = new Frame(this.sheet, "paths");
    this.all = node("path", { class: "path all" }, this.frame.still);
    this.front = node("path", { class: "path own" }, this.frame.moving);
    this.goal = node("path", { class: "goal truth", d: "M0 -10L10 0L0 10L-10 0Z" }, this.frame.marks);
    this.dots = node("path", { class: "dots" }, this.frame.marks);
    this.point = node("circle", { class: "point own", r: 6 }, this.frame.marks);
  }

  layout(model, width, dark) {
    const { surface } = model;
    this.sheet.setAttribute("width", width);
    this.sheet.setAttribute("height", HEIGHT);
    const items = [["all cells, and where they stand", "line all", "line"], ["the cell pointed at", "line own", "line"]];
    if (model.cells[0].truth) items.push(["truth", "goal truth", "diamond"]);
    const top = legend(this.legend, items, 2, width - 4) + 26;
    const inner = { width: width - GUTTER.left - GUTTER.right, height: HEIGHT - top - GUTTER.bottom };
    const [h, v] = surface
      ? [[surface.h[0], surface.h.at(-1)], [surface.v[0], surface.v.at(-1)]]
      : planeOf(model.cells).map((range) => padded(range));
    const x = new Scale(...h, 0, inner.width);
    const y = new Scale(...v, inner.height, 0);
    this.frame.place({ left: GUTTER.left, top, ...inner, x, y, xLabel: "h (horizontal)", yLabel: "v (vertical)" });
    this.paint(surface, GUTTER.left, top, inner, dark);
    this.ways = model.cells.map((cell) => {
      const stops = new Int32Array(cell.h.length);
      let whole = "";
      if (isSane(cell)) {
        for (let i = 0; i <= cell.last; i++) {
          whole += `${i ? "L" : "M"}${bounded(x.at(cell.h[i]))} ${bounded(y.at(cell.v[i]))}`;
          stops[i] = whole.length;
        }
      }
      return { whole, stops };
    });
    // The whole ways stand still and only the dots move: a hundred ways a picture would be too many.
    this.all.setAttribute("d", this.ways.map((way) => way.whole).join(""));
    const { truth } = model.cells[0];
    move(this.goal, truth ? x.at(truth[0]) : NaN, truth ? y.at(truth[1]) : NaN);
  }

  paint(surface, left, top, { width, height }, dark) {
    const { canvas } = this;
    canvas.hidden = !surface || width < 2;
    this.frame.back.classList.toggle("over-colour", !canvas.hidden);
    if (canvas.hidden || (this.painted === surface && this.paintedAs === `${width}${height}${dark}`)) return;
    this.painted = surface;
    this.paintedAs = `${width}${height}${dark}`;
    Object.assign(canvas, { width, height });
    for (const [side, value] of Object.entries({ left, top, width, height })) canvas.style[side] = `${value}px`;
    const { width: band, first, count } = bands(extent(surface.log10Cost) || [0, 1]);
    const level = stretch(surface.log10Cost, surface.h.length, surface.v.length, canvas.width, canvas.height);
    const stops = shadesOf(canvas);
    const colours = Array.from({ length: count + 1 }, (_, b) => ramp((b + 0.5) / count, stops));
    const context = canvas.getContext("2d");
    const image = context.createImageData(canvas.width, canvas.height);
    for (let p = 0; p < level.length; p++) {
      const b = Math.max(0, Math.min(count, Math.floor(level[p] / band - first)));
      image.data.set([...colours[b], Number.isFinite(level[p]) ? 255 : 0], 4 * p);
    }
    context.putImageData(image, 0, 0);
  }

  draw(model, at, pointed) {
    const { x, y } = this.frame;
    let dots = "";
    model.cells.forEach((cell, c) => {
      const i = indexIn(cell, at);
      if (i < 0 || !this.ways[c].whole || c === pointed) return;
      dots += `M${bounded(x.at(cell.h[i]))} ${bounded(y.at(cell.v[i]))}h0`;
    });
    this.dots.setAttribute("d", dots);
    const cell = model.cells[pointed];
    const i = cell && this.ways[pointed].whole ? indexIn(cell, at) : -1;
    this.front.setAttribute("d", i < 0 ? "" : this.ways[pointed].whole.slice(0, this.ways[pointed].stops[i]));
    move(this.point, i < 0 ? NaN : x.at(cell.h[i]), i < 0 ? NaN : y.at(cell.v[i]));
  }
}
