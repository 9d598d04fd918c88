// The frame of a plot: grid, ticks, axis labels, legend, and the inner group that marks are drawn into.
import { ticksOf, tickText } from "./scales.js";
import { node, ownColour, px } from "./svg.js";
import { ENGLISH } from "./words.js";

// Room around a plot: `top` for the name of its axis. The compact one names its axes inside and has no legend.
export const GUTTER = { left: 50, right: 14, bottom: 36, top: 22, line: 20, tick: [48, 80], named: true };
export const COMPACT = { left: 34, right: 8, bottom: 20, top: 8, line: 20, tick: [44, 64], named: false };
let clips = 0;

// Two clips with one id would cut each other's marks when a page shows two time machines.
const nextClip = () => `tm-clip-${(clips += 1)}`;

export class Frame {
  constructor(sheet, name) {
    this.back = node("g", { class: "axes" }, sheet);
    const id = nextClip();
    this.window = node("rect", {}, node("clipPath", { id }, sheet));
    this.plot = node("g", { class: "plot", "data-plot": name }, sheet);
    this.still = node("g", { "clip-path": `url(#${id})` }, this.plot);
    this.moving = node("g", { "clip-path": `url(#${id})` }, this.plot);
    this.marks = node("g", {}, this.plot);
    this.names = node("g", { class: "axes names" }, sheet);
  }

  // Puts the frame at (left, top) with its inner size, and draws all that does not move with the step.
  place({ left, top, width, height, x, y, xLabel, yLabel, whole = false, xWords = tickText, gutter = GUTTER, words = ENGLISH }) {
    this.x = x;
    this.y = y;
    this.width = width;
    this.height = height;
    const at = `translate(${left} ${top})`;
    this.plot.setAttribute("transform", at);
    this.back.setAttribute("transform", at);
    this.names.setAttribute("transform", at);
    this.window.setAttribute("width", width);
    this.window.setAttribute("height", height);
    const domain = {
      x0: x.d0, x1: x.d1, y0: y.d0, y1: y.d1, width, height, yScale: y.log ? "log" : "linear",
    };
    Object.assign(this.plot.dataset, domain);
    Object.assign(this, { left, top });

    this.back.replaceChildren();
    this.names.replaceChildren();
    let grid = "";
    for (const tick of ticksOf(y, height / gutter.tick[0])) {
      const at = px(y.at(tick));
      grid += `M0 ${at}H${width}`;
      text(this.back, words.number(tickText(tick)), -8, at + 4, "end");
    }
    for (const tick of ticksOf(x, width / gutter.tick[1])) {
      if (whole && !Number.isInteger(tick)) continue;
      const at = px(x.at(tick));
      grid += `M${at} 0V${height}`;
      text(this.back, words.number(xWords(tick)), at, height + 17, "middle");
    }
    this.back.prepend(node("path", { class: "grid", d: grid }));
    node("path", { class: "axis", d: `M0 0V${height}H${width}` }, this.back);
    // The small plot has no room around it, so its axes are named inside.
    const [xAt, yAt] = gutter.named ? [[width, height + 33], [-left + 2, -9]] : [[width - 5, height - 6], [5, 13]];
    text(this.names, xLabel, ...xAt, "end", "label");
    text(this.names, yLabel, ...yAt, "start", "label");
  }

  // A place on the sheet as one inside the plot; null outside of it.
  inside(x, y) {
    const [inX, inY] = [x - this.left, y - this.top];
    return inX >= 0 && inY >= 0 && inX <= this.width && inY <= this.height ? [inX, inY] : null;
  }

  // A place inside the plot as one on the sheet.
  onSheet(x, y) {
    return { x: x + this.left, y: y + this.top };
  }
}

export function text(parent, words, x, y, anchor, kind = "tick") {
  const made = node("text", { x: px(x), y: px(y), "text-anchor": anchor, class: kind }, parent);
  made.textContent = words;
  return made;
}

// Sets the items from left to right, in as many rows as needed; returns the height it took.
// An item is [label, class of its mark, kind of its mark, and the run whose colour it has].
export function legend(group, items, left, width) {
  group.replaceChildren();
  let x = left;
  let y = 12;
  for (const [label, kind, shape, run] of items) {
    const item = node("g", run ? { style: ownColour(run) } : {}, group);
    mark(item, kind, shape);
    const wide = text(item, label, 24, 4, "start", "key").getComputedTextLength() + 40;
    if (x > left && x + wide - 16 > left + width) {
      x = left;
      y += GUTTER.line;
    }
    item.setAttribute("transform", `translate(${px(x)} ${y})`);
    x += wide;
  }
  return items.length ? y + 8 : 0;
}

const SHAPES = {
  line: "M0 0H18",
  dot: "M9 0h0.01",
  diamond: "M9 -6.5L15.5 0L9 6.5L2.5 0Z",
  ring: "M4 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0",
  cross: "M9 -5.5V5.5M3.5 0H14.5",
};

function mark(item, kind, shape) {
  if (shape === "disc") node("circle", { class: kind, cx: 9, cy: 0, r: 5.5 }, item);
  else node("path", { class: kind, d: SHAPES[shape] }, item);
}
