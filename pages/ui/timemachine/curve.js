// Panel 1: the fitted parabola over the samples.
import { Frame, legend } from "./frame.js";
import { placeText, unreadable, valueWords } from "./labels.js";
import { Scale, extent, padded } from "./scales.js";
import { firstFrom, nearestPoint } from "./steps.js";
import { PerRun, bounded, node, ownColour, px } from "./svg.js";

const TRAIL = 8;
const MOST_SAMPLES = 1500;

// y = (x - h)² + v from x0 to x1 is exactly one quadratic Bézier curve, whose control point
// lies where the tangents at both ends meet. So a fit costs one short path, at any width.
export function parabola(h, v, xScale, yScale) {
  const x0 = xScale.d0;
  const x1 = xScale.d1;
  const y0 = (x0 - h) ** 2 + v;
  const y1 = (x1 - h) ** 2 + v;
  const middle = y0 + (x0 - h) * (x1 - x0);
  const corners = [[x0, y0], [(x0 + x1) / 2, middle], [x1, y1]];
  const places = corners.flatMap(([x, y]) => [xScale.at(x), yScale.at(y)]);
  // Further out than this, single precision would bend the curve.
  if (!places.every((value) => Math.abs(value) < 1e6)) return "";
  const [ax, ay, bx, by, cx, cy] = places.map(px);
  return `M${ax} ${ay}Q${bx} ${by} ${cx} ${cy}`;
}

// Indices of up to `count` earlier checkpoints, spread evenly over the way to the current one.
export function trail(travelled, index, count) {
  const earlier = [];
  for (let i = 0; i < count; i++) {
    const at = Math.min(index, firstFrom(travelled, (travelled[index] * i) / count));
    if (at < index && at !== earlier[earlier.length - 1]) earlier.push(at);
  }
  return earlier;
}

export class CurvePanel {
  constructor(sheet) {
    this.legend = node("g", { class: "legend" }, sheet);
    this.frame = new Frame(sheet, "fit");
    const { still, moving } = this.frame;
    this.samples = node("path", { class: "samples", "data-role": "samples" }, still);
    this.trailGroup = node("g", {}, moving);
    this.trail = Array.from({ length: TRAIL }, (_, i) => node("path", {
      class: "trail own", "data-role": "trail", opacity: px(0.12 + (0.4 * i) / TRAIL),
    }, this.trailGroup));
    this.truth = node("path", { class: "truth", "data-role": "truth" }, moving);
    this.optimum = node("path", { class: "optimum", "data-role": "optimum" }, moving);
    this.fits = new PerRun("path", "fit", "fit", moving);
  }

  layout(model, width, height, gutter) {
    const { x, runs, words } = model;
    this.fits.fit(runs);
    if (runs.length) this.trailGroup.setAttribute("style", ownColour(runs[0]));
    const { truth, optimum } = model;
    const items = [[words.say("points"), "samples", "dot"]];
    if (truth) items.push([words.say("truth"), "truth", "line"]);
    if (optimum) items.push([words.say("least-squares optimum"), "optimum", "line"]);
    if (runs.length === 1) items.push([words.say("fit"), "fit own", "line", runs[0]]);
    if (runs.length) items.push([words.say("earlier fits"), "trail own", "line", runs[0]]);
    const top = legend(this.legend, gutter.named ? items : [], 2, width - 4) + gutter.top;
    const inner = { width: width - gutter.left - gutter.right, height: height - top - gutter.bottom };
    const xDomain = padded(extent(x), 0.03);
    const xScale = new Scale(...xDomain, 0, inner.width);
    const yScale = new Scale(...this.heights(model, xDomain), inner.height, 0);
    const labels = { xLabel: "x", yLabel: gutter.named ? "y" : "", gutter, words };
    this.frame.place({ left: gutter.left, top, ...inner, x: xScale, y: yScale, ...labels });
    this.scatter(model);
  }

  // The points, the truth and the optimum alone, on the axes as they are: while somebody drags the truth.
  scatter({ x, y, truth, optimum }) {
    const { x: xScale, y: yScale } = this.frame;
    const stride = Math.max(1, Math.ceil(x.length / MOST_SAMPLES));
    const shown = Int32Array.from({ length: Math.ceil(x.length / stride) }, (_, i) => i * stride);
    const places = [Float64Array.from(shown, (i) => xScale.at(x[i])), Float64Array.from(shown, (i) => yScale.at(y[i]))];
    this.dots = { shown, places };
    this.samples.setAttribute("d", Array.from(shown, (_, i) => dot(places[0][i], places[1][i])).join(""));
    this.truth.setAttribute("d", truth ? parabola(truth[0], truth[1], xScale, yScale) : "");
    this.optimum.setAttribute("d", optimum ? parabola(optimum[0], optimum[1], xScale, yScale) : "");
  }

  // The axis stays put while the step moves, so it has room for the samples, for the ends of truth and
  // optimum, and for the lowest points of all fits unless they run far away.
  heights({ y, truth, optimum, runs }, [x0, x1]) {
    const seen = [];
    for (const goal of [truth, optimum]) {
      if (goal) seen.push(goal[1], (x0 - goal[0]) ** 2 + goal[1], (x1 - goal[0]) ** 2 + goal[1]);
    }
    const [low, high] = extent(y, seen) || [0, 1];
    const room = (high - low) * 0.35;
    const bottoms = extent(...runs.map((run) => run.v)) || [low, low];
    return padded([Math.min(low, Math.max(bottoms[0], low - room)), high], 0.05);
  }

  draw(model, at) {
    const { x, y } = this.frame;
    this.fits.marks.forEach((path, r) => {
      const run = model.runs[r];
      const index = at[r];
      const d = run && index >= 0 ? parabola(run.h[index], run.v[index], x, y) : "";
      path.setAttribute("d", d);
    });
    const run = model.runs[0];
    const earlier = run && at[0] >= 0 ? trail(run.travelled, at[0], TRAIL) : [];
    const blank = TRAIL - earlier.length;
    this.trail.forEach((path, i) => {
      const index = earlier[i - blank];
      path.setAttribute("d", index === undefined ? "" : parabola(run.h[index], run.v[index], x, y));
    });
  }

  // The sample under a place on the sheet, or else the fit of a run.
  pick(model, sheetX, sheetY, reach, at) {
    const place = this.frame.inside(sheetX, sheetY);
    if (!place) return null;
    const { shown, places } = this.dots;
    const dotAt = nearestPoint(...places, ...place, reach / 2);
    if (dotAt >= 0) {
      const i = shown[dotAt];
      return { ...this.frame.onSheet(places[0][dotAt], places[1][dotAt]), sample: [model.x[i], model.y[i]] };
    }
    const x = this.frame.x.back(place[0]);
    let found = null;
    let least = reach;
    model.runs.forEach((run, r) => {
      const y = at[r] < 0 ? NaN : this.frame.y.at((x - run.h[at[r]]) ** 2 + run.v[at[r]]);
      if (!(Math.abs(y - place[1]) < least)) return;
      least = Math.abs(y - place[1]);
      found = { ...this.frame.onSheet(place[0], y), run: r, index: at[r] };
    });
    return found;
  }

  describe(model, at) {
    const run = model.runs[0];
    const { words } = model;
    if (!run || at[0] < 0) return words.say("Points and the true parabola; no checkpoint yet.");
    const place = placeText(run, at[0], model);
    if (unreadable(run, at[0])) return words.say("Points and the true parabola; {place} cannot be read.", { place });
    const [h, v, cost] = valueWords(run, at[0], 3, 3);
    const formula = `y = (x - (${h}))² + (${v})`;
    return words.say("Points and the fit {formula} of {place}; cost {cost}.", { formula, place, cost });
  }
}

const dot = (x, y) => (Number.isFinite(x + y) ? `M${px(x)} ${bounded(y)}h0` : "");
