// From the packed data of __init__.py to typed arrays.
import { extent } from "./scales.js";
import { withTorn, bestIndex } from "./steps.js";
import { Words } from "./words.js";

// Typed arrays read the machine's byte order, and every machine with a browser is little-endian.
export function buffer(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

export const float32 = (base64) => new Float32Array(buffer(base64));
export const float64 = (base64) => new Float64Array(buffer(base64));
export const int32 = (base64) => new Int32Array(buffer(base64));

export function decodeRun(raw) {
  const run = complete(withTorn({
    unit: "iteration",
    label: raw.label,
    colour: raw.colour,
    otherPoints: raw.otherPoints,
    steps: int32(raw.steps),
    h: float32(raw.h),
    v: float32(raw.v),
    cost: float64(raw.cost),
    start: raw.start,
    finalStep: raw.finalStep,
    gone: raw.gone,
    torn: new Map(raw.torn),
  }));
  run.inner = raw.inner && decodeInner(raw.inner, run);
  return run;
}

// The updates inside the first pass, as a run whose steps are the updates, counted from 1.
function decodeInner(raw, { label, colour, otherPoints, start }) {
  const h = float32(raw.h);
  return complete({
    unit: "update",
    source: raw.source,
    label, colour, otherPoints, start, h,
    steps: Int32Array.from(h, (_, i) => i + 1),
    v: float32(raw.v),
    cost: float64(raw.cost),
    finalStep: null,
    gone: [],
    torn: new Map(),
    inner: null,
  });
}

// What follows from the values. `points` is how many of the stops are points of the curves: the last
// stop, saved once more under the name of the end, is no further iteration.
function complete(run) {
  const n = run.steps.length;
  const closes = n > 0 && run.steps[n - 1] === run.finalStep;
  return Object.assign(run, {
    points: closes ? n - 1 : n,
    iterations: closes ? Int32Array.from(run.steps, (step, i) => (i === n - 1 ? step - 1 : step)) : run.steps,
    best: bestIndex(run.cost),
    travelled: travelled(run.h, run.v),
  });
}

// The same model with the slider over the updates of the first pass.
export const insideOf = (model) => ({ ...model, runs: [model.runs[0].inner], files: [] });

// Length of the way through the (h, v) plane up to each checkpoint; the trail of earlier fits is
// spread evenly over it, so that it shows movement and not waiting. Hops shorter than a twentieth
// of the whole range are trembling around one place, and do not count.
export function travelled(h, v) {
  const length = new Float64Array(h.length);
  const [hRange, vRange] = [extent(h), extent(v)];
  const least = hRange && vRange ? Math.hypot(hRange[1] - hRange[0], vRange[1] - vRange[0]) / 20 : 0;
  let from = 0;
  for (let i = 1; i < h.length; i++) {
    const hop = Math.hypot(h[i] - h[from], v[i] - v[from]);
    length[i] = length[i - 1];
    if (hop > least) {
      length[i] += hop;
      from = i;
    }
  }
  return length;
}

// The grid of core/history/surface.py: the value at (h[i], v[j]) lies at place j * h.length + i.
export function decodeSurface(raw) {
  const [h, v, floor, bed] = [raw.h, raw.v, raw.floor, raw.bed].map(float64);
  const log10Cost = new Float32Array(h.length * v.length);
  for (let j = 0; j < v.length; j++) {
    for (let i = 0; i < h.length; i++) {
      log10Cost[j * h.length + i] = Math.log10(Math.max(raw.least, floor[i] + (v[j] - bed[i]) ** 2));
    }
  }
  return { h, v, log10Cost };
}

// `before` is the model of the last call: what did not change keeps its identity, and
// whoever painted it need not paint it again.
export function decode(raw, before) {
  if (before && before.raw === raw) return before;
  const known = before ? before.raw : { runs: [] };
  return {
    raw,
    x: known.x === raw.x ? before.x : float32(raw.x),
    y: known.y === raw.y ? before.y : float32(raw.y),
    truth: raw.truth,
    optimum: raw.optimum,
    runs: raw.runs.map((run, i) => (sameFields(known.runs[i], run) ? before.runs[i] : decodeRun(run))),
    surface: sameFields(known.surface, raw.surface)
      ? before.surface
      : raw.surface && decodeSurface(raw.surface),
    words: new Words(raw.words),
    live: raw.live,
    controls: raw.controls,
    projector: raw.projector,
    compact: raw.compact,
    files: raw.files,
    iterName: raw.iterName,
    finalName: raw.finalName,
  };
}

function sameFields(a, b) {
  if (!a || !b) return false;
  return Object.keys(b).every((name) => a[name] === b[name] || JSON.stringify(a[name]) === JSON.stringify(b[name]));
}
