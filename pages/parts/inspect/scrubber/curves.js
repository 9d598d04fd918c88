// Curves of the drawn tensors over the steps, with the current step marked.
import { Frame, GUTTER, legend } from "../../../ui/timemachine/frame.js";
import { Scale, decimate, extent, padded, paddedLog } from "../../../ui/timemachine/scales.js";
import { linePath, move, node, px } from "../../../ui/timemachine/svg.js";
import { column, whole } from "./unpack.js";

const LAST = 14; // pixels for the half of the last step's number
const MOST_POINTS = 1200;
const LONGEST = 26; // characters of a name
export const MOST_CURVES = 6;

const ending = (name) => (name.length > LONGEST ? `…${name.slice(1 - LONGEST)}` : name);

export class Curves {
  constructor(sheet) {
    this.sheet = sheet;
    this.legend = node("g", { class: "legend" }, sheet);
    this.frame = new Frame(sheet, "curves");
    this.lines = Array.from({ length: MOST_CURVES }, (_, n) => node("path", { class: `line c${n}` }, this.frame.still));
    this.marks = node("g", {}, this.frame.still);
    this.cursor = node("path", { class: "cursor", "data-role": "cursor" }, this.frame.moving);
    this.points = this.lines.map((_, n) => node("circle", { class: `point c${n}`, r: 5 }, this.frame.marks));
  }

  // Drawn again for other tensors, another statistic or size: not while one drags.
  layout(model, drawn, statistic, width, height) {
    this.statistic = statistic;
    this.values = drawn.map((tensor) => column(model, statistic, tensor));
    const items = drawn.map((tensor, n) => [ending(model.tensors[tensor].name), `line c${n}`, "line"]);
    const top = legend(this.legend, items, 2, width - 4) + 26;
    const all = extent(...this.values);
    const log = Boolean(all) && all[0] > 0 && all[1] / all[0] > 50;
    const count = model.names.length;
    const box = { left: GUTTER.left + 8, top, width: width - GUTTER.left - 8 - GUTTER.right - LAST, height: height - top - GUTTER.bottom };
    const x = new Scale(count > 1 ? 1 : 0, Math.max(count, 2), 0, box.width);
    const y = new Scale(...(log ? paddedLog(all) : padded(all, 0.08)), box.height, 0, log);
    const [xLabel, xWords] = model.steps
      ? ["step of the checkpoint", (place) => (place >= 1 && place <= count ? whole.format(model.steps[place - 1]) : "")]
      : ["checkpoint, counted from 1", undefined];
    this.frame.place({ ...box, x, y, xLabel, xWords, yLabel: `${statistic}${log ? ", logarithmic" : ""}`, whole: true });
    this.lines.forEach((line, n) => {
      const list = this.values[n];
      line.setAttribute("d", list ? linePath(decimate(list, MOST_POINTS), (i) => x.at(i + 1), (i) => y.at(list[i])) : "");
    });
    this.marks.replaceChildren();
    for (const [step, kind, tensor] of model.marks) {
      if (tensor >= 0 && drawn.includes(tensor)) {
        node("path", { class: `mark ${kind}`, d: `M${px(x.at(step + 1))} 0V${px(box.height)}` }, this.marks);
      }
    }
  }

  draw(step) {
    const { x, y, height } = this.frame;
    const at = px(x.at(step + 1));
    this.cursor.setAttribute("d", `M${at} 0V${height}`);
    this.points.forEach((point, n) => {
      const value = this.values[n] ? this.values[n][step] : NaN;
      move(point, at, Number.isFinite(value) ? y.at(value) : NaN);
    });
  }

  step(clientX) {
    const left = this.sheet.getBoundingClientRect().left + GUTTER.left + 8;
    return Math.round(this.frame.x.back(Math.max(0, Math.min(this.frame.width, clientX - left)))) - 1;
  }
}
