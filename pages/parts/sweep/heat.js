// Final cost, or distance from the truth, of every cell as a colour; its value is told on pointing at it.
import { isDark, ramp, shadesOf } from "../../ui/timemachine/colours.js";
import { significant } from "../../ui/timemachine/labels.js";
import { extent } from "../../ui/timemachine/scales.js";
import { node, px } from "../../ui/timemachine/svg.js";
import { text } from "../../ui/timemachine/frame.js";

const LABEL = 6.6; // pixels of a character, about
const TOP = 22;

// Where a value lies between the smallest and the largest, in magnitude; NaN without a value.
export function shares(values) {
  const logs = Array.from(values, (value) => (Number.isFinite(value) ? Math.log10(Math.max(value, 1e-12)) : NaN));
  const range = extent(logs);
  if (!range) return logs;
  const width = range[1] - range[0] || 1;
  return logs.map((log) => (log - range[0]) / width);
}

const longest = (words) => Math.max(1, ...words.map((word) => word.length));

export class HeatPanel {
  constructor(figure, name) {
    this.figure = figure;
    this.name = name;
    this.sheet = figure.querySelector("svg");
    this.value = figure.querySelector("[data-role=value]");
  }

  layout(model, width) {
    this.model = model;
    const { columns, rows, headed } = model.shape;
    const name = headed ? `${model.axes[0].label} \u2192` : "";
    const side = headed ? 10 + LABEL * Math.min(18, longest([name, ...model.axes[1].values])) : 2;
    const head = headed ? TOP : 2;
    const wide = Math.min(90, (width - side - 2) / columns);
    const high = Math.max(20, Math.min(44, wide * 0.8));
    this.sheet.setAttribute("width", width);
    this.sheet.setAttribute("height", head + rows * high + 2);
    const tiles = [];
    const stops = shadesOf(this.figure);
    const share = shares(model.cells.map((cell) => cell[this.name]));
    model.cells.forEach((cell, c) => {
      const [x, y] = [side + (c % columns) * wide, head + Math.floor(c / columns) * high];
      const group = node("g", { "data-cell": c });
      const known = Number.isFinite(share[c]);
      // Without headings every tile names its own setting, above the value.
      const named = !headed && wide >= 52;
      const down = y + high / (named ? 1.5 : 2);
      const fill = known ? `rgb(${ramp(share[c], stops)})` : "transparent";
      const box = { x: px(x + 1), y: px(y + 1), width: px(wide - 2), height: px(high - 2), rx: 2, class: "tile" };
      node("rect", { ...box, style: `fill:${fill}` }, group);
      if (!known) node("path", { class: "none", d: `M${px(x + 5)} ${px(y + high - 5)}L${px(x + wide - 5)} ${px(y + 5)}` }, group);
      else if (wide >= 52) {
        const words = text(group, significant(cell[this.name], 3), x + wide / 2, down + 4, "middle", "");
        words.setAttribute("class", isDark(fill) ? "on-dark" : "on-light");
      }
      if (named) {
        const setting = text(group, cell.short, x + wide / 2, y + high / 3, "middle", "");
        if (known) setting.setAttribute("class", isDark(fill) ? "on-dark" : "on-light");
      }
      tiles.push(group);
    });
    this.mark = node("rect", { class: "pointed", rx: 3, width: px(wide), height: px(high), visibility: "hidden" });
    this.place = (c) => [side + (c % columns) * wide, head + Math.floor(c / columns) * high];
    this.sheet.replaceChildren(...tiles, this.mark);
    if (!headed) return;
    const [across, down] = model.axes;
    text(this.sheet, name, side - 6, TOP - 8, "end");
    const stride = Math.max(1, Math.ceil((longest(across.values) + 1) * LABEL / wide));
    across.values.forEach((value, i) => {
      if (i % stride === 0) text(this.sheet, value, side + (i + 0.5) * wide, TOP - 8, "middle");
    });
    down.values.forEach((value, i) => text(this.sheet, value.slice(0, 16), side - 6, head + (i + 0.5) * high + 4, "end"));
  }

  draw(pointed) {
    const cell = this.model.cells[pointed];
    this.mark.setAttribute("visibility", cell ? "visible" : "hidden");
    const empty = this.model.cells.some((each) => !Number.isFinite(each[this.name]));
    this.value.textContent = cell ? `${cell.label}: ${this.words(cell)}` : empty ? "crossed out: no value" : "";
    if (!cell) return;
    const [x, y] = this.place(pointed);
    this.mark.setAttribute("x", px(x));
    this.mark.setAttribute("y", px(y));
  }

  words(cell) {
    return Number.isFinite(cell[this.name]) ? significant(cell[this.name], 4) : cell.status;
  }

  cellOf(target) {
    const group = target.closest && target.closest("[data-cell]");
    return group ? Number(group.dataset.cell) : -1;
  }
}
