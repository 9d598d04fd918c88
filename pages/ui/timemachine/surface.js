// Panel 2: the cost over the (h, v) plane, with the path that the checkpoints took.
import { Frame, legend, text } from "./frame.js";
import { ramp, shadesOf } from "./colours.js";
import { fixed, valueText } from "./labels.js";
import { Scale, extent, niceStep, padded, thinPath, tickText } from "./scales.js";
import { firstFrom, nearestOnPath } from "./steps.js";
import { PerRun, bounded, move, node, px } from "./svg.js";

const MOST_STOPS = 1200;
const BANDS = 14;
const BAR = 64;
// Truth and optimum often lie in one place: the cross fits into the diamond.
const DIAMOND = "M0 -12L12 0L0 12L-12 0Z";
const CROSS = "M0 -6V6M-6 0H6";

// Width of a band in powers of ten, and the first band's number.
export function bands(range) {
  const width = niceStep(Math.max(range[1] - range[0], 1e-6) / BANDS);
  const first = Math.floor(range[0] / width);
  return { width, first, count: Math.ceil(range[1] / width) - first };
}

// The grid at `width` × `height` pixels, bilinear; row 0 is the top, where v is largest.
export function stretch(grid, columns, rows, width, height) {
  const out = new Float32Array(width * height);
  for (let py = 0; py < height; py++) {
    const y = ((height - 1 - py) * (rows - 1)) / Math.max(1, height - 1);
    const j = Math.min(rows - 2, Math.floor(y));
    const dy = y - j;
    for (let pxl = 0; pxl < width; pxl++) {
      const x = (pxl * (columns - 1)) / Math.max(1, width - 1);
      const i = Math.min(columns - 2, Math.floor(x));
      const dx = x - i;
      const a = j * columns + i;
      const b = a + columns;
      out[py * width + pxl] =
        (grid[a] * (1 - dx) + grid[a + 1] * dx) * (1 - dy) + (grid[b] * (1 - dx) + grid[b + 1] * dx) * dy;
    }
  }
  return out;
}

export class SurfacePanel {
  constructor(sheet, canvas) {
    this.canvas = canvas;
    this.sheet = sheet;
    this.legend = node("g", { class: "legend" }, sheet);
    this.bar = node("g", { class: "bar" }, sheet);
    this.frame = new Frame(sheet, "surface");
    const { still, moving, marks } = this.frame;
    this.faint = new PerRun("path", "path faint", "path-whole", still);
    this.casings = new PerRun("path", "path casing", "path-casing", moving);
    this.paths = new PerRun("path", "path", "path", moving);
    this.starts = node("g", { "data-role": "starts" }, marks);
    this.truth = node("g", { "data-role": "truth" }, marks);
    node("path", { class: "halo goal", d: DIAMOND }, this.truth);
    node("path", { class: "goal truth", d: DIAMOND }, this.truth);
    this.optimum = node("g", { "data-role": "optimum" }, marks);
    node("path", { class: "halo", d: CROSS }, this.optimum);
    node("path", { class: "cross", d: CROSS }, this.optimum);
    this.points = new PerRun("circle", "point", "point", marks, { r: 7 });
    this.perRun = [this.faint, this.casings, this.paths, this.points];
  }

  layout(model, width, height, gutter, scale) {
    const { truth, optimum, runs, surface, words } = model;
    for (const marks of this.perRun) marks.fit(runs);
    const items = [];
    if (truth) items.push([words.say("truth"), "goal truth", "diamond"]);
    if (optimum) items.push([words.say("least-squares optimum"), "cross", "cross"]);
    const starts = runs.map((run) => run.start).filter(Boolean);
    if (starts.length) items.push([words.say("start"), "start", "ring"]);
    if (runs.length) {
      items.push([runs[1] ? words.say("paths up to here") : words.say("path up to here"), "point own", "disc", runs[0]]);
    }
    const top = legend(this.legend, gutter.named ? items : [], 2, width - 4) + gutter.top;
    const right = surface && gutter.named ? BAR : gutter.right;
    const inner = { width: width - gutter.left - right, height: height - top - gutter.bottom };
    const [hDomain, vDomain] = this.domains(model);
    const x = new Scale(...hDomain, 0, inner.width);
    const y = new Scale(...vDomain, inner.height, 0);
    const [xLabel, yLabel] = gutter.named ? [words.say("h (horizontal)"), words.say("v (vertical)")] : ["h", "v"];
    this.frame.place({ left: gutter.left, top, ...inner, x, y, xLabel, yLabel, gutter, words });
    this.paint(surface, { left: gutter.left, top, ...inner }, gutter.named, scale, words);
    this.routes = runs.map((run, r) => this.route(run, r, x, y));
    const within = ([h, v]) => h >= x.d0 && h <= x.d1 && v >= y.d0 && v <= y.d1;
    const places = new Set(starts.filter(within).map(([h, v]) => `translate(${px(x.at(h))} ${px(y.at(v))})`));
    this.starts.replaceChildren();
    for (const transform of places) {
      for (const kind of ["halo", "start"]) node("circle", { class: kind, r: 6, transform }, this.starts);
    }
    this.goals(model);
  }

  // Truth and optimum alone, on the axes as they are.
  goals({ truth, optimum }) {
    const { x, y } = this.frame;
    move(this.truth, truth ? x.at(truth[0]) : NaN, truth ? y.at(truth[1]) : NaN);
    move(this.optimum, optimum ? x.at(optimum[0]) : NaN, optimum ? y.at(optimum[1]) : NaN);
  }

  domains({ surface, runs, truth, optimum }) {
    if (surface) return [ends(surface.h), ends(surface.v)];
    const goals = [truth, optimum].filter(Boolean);
    return ["h", "v"].map((name, i) =>
      padded(extent(...runs.map((run) => run[name]), goals.map((goal) => goal[i])), 0.12),
    );
  }

  // The whole path once as text: the part up to a step is then a slice of it. It begins at the run's
  // start, unless the first checkpoints are gone and nothing is known of the way between.
  route(run, r, x, y) {
    const n = run.h.length;
    const px1 = new Float64Array(n);
    const py1 = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      px1[i] = x.at(run.h[i]);
      py1[i] = y.at(run.v[i]);
    }
    const kept = thinPath(px1.subarray(0, run.points), py1.subarray(0, run.points), MOST_STOPS);
    const stops = new Int32Array(kept.length);
    const known = run.start && n && !run.gone.some(([first]) => first < run.steps[0]);
    const head = known ? `M${bounded(x.at(run.start[0]))} ${bounded(y.at(run.start[1]))}` : "";
    let whole = head;
    kept.forEach((i, k) => {
      whole += `${whole ? "L" : "M"}${bounded(px1[i])} ${bounded(py1[i])}`;
      stops[k] = whole.length;
    });
    this.faint.marks[r].setAttribute("d", whole);
    const from = known ? [x.at(run.start[0]), y.at(run.start[1])] : undefined;
    return { px: px1, py: py1, kept, stops, head, whole, from };
  }

  paint(surface, { left, top, width, height }, named, scale, words) {
    const { canvas } = this;
    const shown = Boolean(surface) && width > 1 && height > 1;
    canvas.hidden = !shown;
    this.frame.back.classList.toggle("over-colour", shown);
    this.bar.replaceChildren();
    if (!shown) return;
    const range = extent(surface.log10Cost) || [0, 1];
    const { width: band, first, count } = bands(range);
    const shades = shadesOf(canvas);
    if (named) this.drawBar(left + width + 12, top, height, { band, first, count }, shades, words);
    const density = scale * Math.min(2, window.devicePixelRatio || 1);
    const wide = Math.round(width * density);
    const high = Math.round(height * density);
    const wanted = `${wide}x${high} ${shades}`;
    const place = { left, top, width, height };
    for (const side in place) canvas.style[side] = `${place[side] * scale}px`;
    if (this.painted === surface && this.paintedAs === wanted) return;
    this.painted = surface;
    this.paintedAs = wanted;
    canvas.width = wide;
    canvas.height = high;
    const level = stretch(surface.log10Cost, surface.h.length, surface.v.length, wide, high);
    const context = canvas.getContext("2d");
    const image = context.createImageData(wide, high);
    const colours = Array.from({ length: count + 1 }, (_, b) => ramp((b + 0.5) / count, shades));
    for (let p = 0; p < level.length; p++) {
      const place = level[p] / band - first;
      const b = Math.max(0, Math.min(count, Math.floor(place)));
      // Over one pixel from the edge of a band its colour fades into the last one's: no stair steps.
      const beside = level[p % wide ? p - 1 : p + 1];
      const above = level[p >= wide ? p - wide : p + wide];
      const slope = Math.abs(level[p] - beside) + Math.abs(level[p] - above);
      const share = slope > 0 ? Math.min(1, ((place - b) * band) / slope) : 1;
      const lower = colours[Math.max(0, b - 1)];
      const upper = colours[b];
      for (let c = 0; c < 3; c++) image.data[4 * p + c] = lower[c] + (upper[c] - lower[c]) * share;
      image.data[4 * p + 3] = Number.isFinite(place) ? 255 : 0;
    }
    context.putImageData(image, 0, 0);
  }

  drawBar(left, top, height, { band, first, count }, shades, words) {
    const at = (edge) => px(top + height - (edge / count) * height);
    for (let b = 0; b < count; b++) {
      const style = `fill:rgb(${ramp((b + 0.5) / count, shades)})`;
      node("rect", { x: left, y: at(b + 1), width: 10, height: px(height / count + 0.3), style }, this.bar);
    }
    const every = Math.max(1, Math.ceil(count / (height / 34)));
    for (let b = 0; b <= count; b++) {
      if ((first + b) % every) continue;
      const value = Number((10 ** ((first + b) * band)).toPrecision(2));
      text(this.bar, words.number(tickText(value)), left + 15, at(b) + 4, "start");
    }
    text(this.bar, words.say("cost"), left + 10, top - 9, "middle", "label");
  }

  draw(model, at) {
    this.routes.forEach((route, r) => {
      const index = at[r];
      const stands = index >= 0 && Number.isFinite(route.px[index] + route.py[index]);
      const d = stands ? pathUpTo(route, index) : "";
      this.paths.marks[r].setAttribute("d", d);
      this.casings.marks[r].setAttribute("d", d);
      move(this.points.marks[r], stands ? route.px[index] : NaN, stands ? route.py[index] : NaN);
    });
  }

  // The checkpoint nearest to a place on the sheet, on a path within `reach`; the first run's before others'.
  pick(model, sheetX, sheetY, reach) {
    const place = this.frame.inside(sheetX, sheetY);
    for (let r = 0; place && r < this.routes.length; r++) {
      const route = this.routes[r];
      const index = nearestOnPath(route.px, route.py, ...place, reach, route.from);
      if (index >= 0) return { ...this.frame.onSheet(route.px[index], route.py[index]), run: r, index };
    }
    return null;
  }

  describe(model, at) {
    const run = model.runs[0];
    const { words } = model;
    const [h, v] = (model.optimum || []).map((value) => fixed(value, 3));
    const goal = model.optimum ? ` ${words.say("The least-squares optimum is at h {h}, v {v}.", { h, v })}` : "";
    if (!run || at[0] < 0) return `${words.say("Cost over the plane of h and v.")}${goal}`;
    return `${words.say("Cost over the plane of h and v; {values}.", { values: valueText(run, at[0], model) })}${goal}`;
  }
}

function pathUpTo({ px: left, py: top, kept, stops, head, whole }, index) {
  const k = firstFrom(kept, index + 1) - 1;
  const before = k < 0 ? head : whole.slice(0, stops[k]);
  return before && `${before}L${bounded(left[index])} ${bounded(top[index])}`;
}

const ends = (axis) => [axis[0], axis[axis.length - 1]];
