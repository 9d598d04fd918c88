// The grid: the fit of every cell over its points, or its path through the (h, v) plane, at one step.
import { Scale, extent, padded } from "../../ui/timemachine/scales.js";
import { paletteOf, prepare, trace } from "./canvas.js";
import { indexIn, isSane, planeOf, standing } from "./model.js";

const LEAST = 76; // pixels of a cell; a narrower page scrolls
const GAP = 6;
const HEAD = 22;
const LABEL = 17; // above the plot of a cell that names itself
const FAR = 1e6;
const PAST = 0.4; // how strong a curve is that stands where its run has ended before

// How wide a cell is: as the room allows; where not all columns fit, the last in sight is cut in half,
// so that one sees that there are more.
export function cellWidth(room, columns) {
  const wide = Math.floor(room / columns) - GAP;
  if (wide >= LEAST) return Math.min(wide, 320);
  const whole = Math.max(1, Math.floor(room / (LEAST + GAP) - 0.5));
  return Math.max(LEAST, Math.floor(room / (whole + 0.5)) - GAP);
}

// The room left of the rows, for their values and the names of both axes.
const sideOf = ([across, down]) =>
  12 + 7 * Math.max(across.label.length + 2, down.label.length + 2, ...down.values.map((value) => value.length));

export class GridPanel {
  constructor(figure) {
    this.figure = figure;
    this.frame = figure.querySelector(".scroller");
    this.canvases = [...figure.querySelectorAll("canvas")];
  }

  layout(model, view) {
    this.model = model;
    this.view = view;
    const { columns, rows, headed } = model.shape;
    this.side = headed ? sideOf(model.axes) : 0;
    this.head = headed ? HEAD : 0;
    const room = this.frame.clientWidth - this.side - 2;
    this.wide = cellWidth(room, columns);
    this.high = Math.round(Math.max(62, Math.min(220, this.wide * 0.72))) + (headed ? 0 : LABEL);
    this.width = this.side + columns * (this.wide + GAP);
    this.height = this.head + rows * (this.high + GAP);
    [this.still, this.moving] = prepare(this.canvases, this.width, this.height);
    this.colours = paletteOf(this.figure);
    this.scale();
    this.drawStill();
  }

  // All cells share their axes, or they could not be compared.
  scale() {
    const { cells, points, shape } = this.model;
    const top = shape.headed ? 0 : LABEL;
    if (this.view === "paths") {
      const [h, v] = planeOf(cells);
      this.x = new Scale(...padded(h, 0.12), 0, this.wide);
      this.y = new Scale(...padded(v, 0.12), this.high, top);
      this.ways = cells.map((cell) => ({
        px: Float32Array.from(cell.h, (value) => this.x.at(value)),
        py: Float32Array.from(cell.v, (value) => this.y.at(value)),
      }));
      return;
    }
    const xDomain = extent(...points.map((each) => each.x)) || [0, 1];
    this.x = new Scale(...padded(xDomain, 0.02), 0, this.wide);
    this.y = new Scale(...padded(extent(...points.map((each) => each.y)), 0.06), this.high, top);
    // A fit is one quadratic Bézier: its ends, and the control point where the tangents at the ends meet.
    const { d0, d1 } = this.x;
    this.bends = cells.map((cell) => {
      const places = new Float32Array(3 * cell.h.length);
      for (let i = 0; i < cell.h.length; i++) {
        const [h, v] = [cell.h[i], cell.v[i]];
        const left = (d0 - h) ** 2 + v;
        places[3 * i] = this.y.at(left);
        places[3 * i + 1] = this.y.at(left + (d0 - h) * (d1 - d0));
        places[3 * i + 2] = this.y.at((d1 - h) ** 2 + v);
      }
      return places;
    });
  }

  corner(c) {
    const { columns } = this.model.shape;
    return [
      this.side + (c % columns) * (this.wide + GAP),
      this.head + Math.floor(c / columns) * (this.high + GAP),
    ];
  }

  inside(context, c, draw) {
    const [left, top] = this.corner(c);
    context.save();
    context.translate(left, top);
    context.beginPath();
    context.rect(0, 0, this.wide, this.high);
    context.clip();
    draw();
    context.restore();
  }

  drawStill() {
    const { still, colours, model, wide, high } = this;
    still.clearRect(0, 0, this.width, this.height);
    still.font = `11px ${colours.font}`;
    still.textBaseline = "middle";
    if (model.shape.headed) this.drawHeads();
    model.cells.forEach((cell, c) => {
      this.inside(still, c, () => {
        still.globalAlpha = 0.045;
        still.fillStyle = colours.ink;
        still.fillRect(0, 0, wide, high);
        still.globalAlpha = 1;
        if (this.view === "paths") this.drawGoal(cell, c);
        else this.drawPoints(cell);
        this.drawWords(cell, c);
      });
    });
  }

  drawHeads() {
    const { still, colours, model } = this;
    const [across, down] = model.axes;
    still.fillStyle = colours.ink;
    still.textAlign = "center";
    across.values.forEach((value, i) => {
      still.fillText(value, this.corner(i)[0] + this.wide / 2, HEAD / 2, this.wide);
    });
    still.textAlign = "right";
    still.fillText(`${across.label} \u2192`, this.side - 7, HEAD / 2, this.side - 8);
    down.values.forEach((value, i) => {
      const top = this.corner(i * across.values.length)[1];
      still.fillText(value, this.side - 7, top + this.high / 2, this.side - 8);
    });
  }

  drawPoints(cell) {
    const { still, colours, x, y } = this;
    still.fillStyle = colours.ink;
    still.globalAlpha = 0.4;
    const size = this.wide < 130 ? 1.5 : 2;
    for (let i = 0; i < cell.points.x.length; i++) {
      still.fillRect(x.at(cell.points.x[i]) - size / 2, y.at(cell.points.y[i]) - size / 2, size, size);
    }
    still.globalAlpha = 1;
  }

  drawGoal(cell, c) {
    const { still, colours } = this;
    if (isSane(cell)) {
      still.strokeStyle = colours.fit;
      still.globalAlpha = 0.35;
      still.beginPath();
      trace(still, this.ways[c].px, this.ways[c].py, 0, cell.last);
      still.stroke();
      still.globalAlpha = 1;
    }
    if (!cell.truth) return;
    const [x, y] = [this.x.at(cell.truth[0]), this.y.at(cell.truth[1])];
    still.strokeStyle = colours.truth;
    still.lineWidth = 1.75;
    still.beginPath();
    still.moveTo(x, y - 6);
    for (const [dx, dy] of [[6, 0], [0, 6], [-6, 0], [0, -6]]) still.lineTo(x + dx, y + dy);
    still.stroke();
    still.lineWidth = 1;
  }

  drawWords(cell) {
    const { still, colours, wide, high } = this;
    const say = (words, x, y, align, colour) => {
      still.textAlign = align;
      still.lineWidth = 3;
      still.strokeStyle = colours.paper;
      still.strokeText(words, x, y, wide - 8);
      still.fillStyle = colour;
      still.fillText(words, x, y, wide - 8);
      still.lineWidth = 1;
    };
    if (!this.model.shape.headed) say(cell.short, 5, 10, "left", colours.ink);
    const words = standing(cell);
    if (words) say(words, wide / 2, high - 10, "center", cell.bad ? colours.warning : colours.ink);
  }

  draw(at, pointed) {
    const { moving, colours, model } = this;
    moving.clearRect(0, 0, this.width, this.height);
    model.cells.forEach((cell, c) => {
      const i = indexIn(cell, at);
      // Paler where the run has ended before this step: what stands there is its last value.
      moving.globalAlpha = i < at && cell.status !== "running" ? PAST : 1;
      if (i >= 0) this.inside(moving, c, () => (this.view === "paths" ? this.drawWay(c, i) : this.drawFit(c, i)));
      moving.globalAlpha = 1;
      if (c !== pointed) return;
      const [left, top] = this.corner(c);
      moving.strokeStyle = colours.primary;
      moving.lineWidth = 2.5;
      moving.strokeRect(left + 0.5, top + 0.5, this.wide - 1, this.high - 1);
    });
  }

  drawFit(c, i) {
    const { moving, bends, wide } = this;
    const [left, middle, right] = bends[c].subarray(3 * i, 3 * i + 3);
    if (!(Math.abs(left) < FAR && Math.abs(middle) < FAR && Math.abs(right) < FAR)) return;
    moving.strokeStyle = this.colours.fit;
    moving.lineWidth = 2;
    moving.beginPath();
    moving.moveTo(0, left);
    moving.quadraticCurveTo(wide / 2, middle, wide, right);
    moving.stroke();
  }

  drawWay(c, i) {
    const { moving, colours } = this;
    const { px, py } = this.ways[c];
    if (!(Math.abs(px[i]) < FAR && Math.abs(py[i]) < FAR)) return;
    moving.strokeStyle = colours.fit;
    moving.lineWidth = 1.75;
    moving.beginPath();
    trace(moving, px, py, 0, i);
    moving.stroke();
    moving.fillStyle = colours.fit;
    moving.beginPath();
    moving.arc(px[i], py[i], 3.5, 0, 7);
    moving.fill();
  }

  // The cell under a place in the window; -1 where there is none.
  cellAt(clientX, clientY) {
    const { columns, rows } = this.model.shape;
    const corner = this.canvases[0].getBoundingClientRect();
    const column = Math.floor((clientX - corner.left - this.side) / (this.wide + GAP));
    const row = Math.floor((clientY - corner.top - this.head) / (this.high + GAP));
    if (column < 0 || column >= columns || row < 0 || row >= rows) return -1;
    const c = row * columns + column;
    return c < this.model.count ? c : -1;
  }

  // Scrolls the frame so that a cell is in sight.
  reveal(c) {
    const [left] = this.corner(c);
    const { scrollLeft, clientWidth } = this.frame;
    if (left < scrollLeft + this.side) this.frame.scrollLeft = left - this.side - GAP;
    else if (left + this.wide > scrollLeft + clientWidth) this.frame.scrollLeft = left + this.wide - clientWidth + GAP;
  }
}
