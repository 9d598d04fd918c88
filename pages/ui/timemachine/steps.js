// Where one can stand: finding checkpoints by their step, over gaps and torn places.

// First index whose step is at least `step`; the length if there is none.
export function firstFrom(steps, step) {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] < step) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Last index whose step is at most `step`; -1 if there is none.
export function lastUpTo(steps, step) {
  return firstFrom(steps, step + 1) - 1;
}

export function nearestIndex(steps, step) {
  const after = firstFrom(steps, step);
  if (after === 0) return steps.length ? 0 : -1;
  if (after === steps.length) return after - 1;
  return steps[after] - step < step - steps[after - 1] ? after : after - 1;
}

// The checkpoint to stand on when the slider moves from step `from` to `to`: the first one
// in the direction of the movement, or the last possible one before the track ends.
export function snap(steps, to, from) {
  if (!steps.length) return -1;
  const index = to >= from ? firstFrom(steps, to) : lastUpTo(steps, to);
  return Math.max(0, Math.min(steps.length - 1, index));
}

export function bestIndex(cost) {
  let best = -1;
  for (let i = 0; i < cost.length; i++) {
    if (Number.isFinite(cost[i]) && (best < 0 || cost[i] < cost[best])) best = i;
  }
  return best;
}

// A torn checkpoint has no values, yet one can stand on it and read why: it joins as NaN.
export function withTorn(run) {
  const missing = [...run.torn.keys()].filter((step) => {
    const index = firstFrom(run.steps, step);
    return run.steps[index] !== step;
  });
  if (!missing.length) return run;
  const steps = Int32Array.from([...run.steps, ...missing]).sort();
  const spread = (values, Type) => {
    const wide = new Type(steps.length).fill(NaN);
    values.forEach((value, i) => { wide[firstFrom(steps, run.steps[i])] = value; });
    return wide;
  };
  return {
    ...run,
    steps,
    h: spread(run.h, Float32Array),
    v: spread(run.v, Float32Array),
    cost: spread(run.cost, Float64Array),
  };
}

// First and last step of the slider's track: deleted checkpoints keep their place on it.
export function stepRange(run) {
  let first = run.steps.length ? run.steps[0] : Infinity;
  let last = run.steps.length ? run.steps[run.steps.length - 1] : -Infinity;
  for (const [from, to] of run.gone) {
    first = Math.min(first, from);
    last = Math.max(last, to);
  }
  return first <= last ? [first, last] : [0, 0];
}

// Index of the point of a path (px, py) that is nearest along it to a place (x, y), in pixels; -1 if the
// path stays further away than `reach`. `from` is where the path begins before its first point.
export function nearestOnPath(px, py, x, y, reach, from = [NaN, NaN]) {
  let found = -1;
  let least = reach * reach;
  let last = -1;
  let [ax, ay] = from;
  for (let i = 0; i < px.length; i++) {
    if (!Number.isFinite(px[i] + py[i])) continue;
    if (Number.isNaN(ax)) [ax, ay] = [px[i], py[i]];
    const dx = px[i] - ax;
    const dy = py[i] - ay;
    const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
    const share = Math.max(0, Math.min(1, along));
    const distance = (ax + share * dx - x) ** 2 + (ay + share * dy - y) ** 2;
    if (distance < least) {
      least = distance;
      found = share < 0.5 && last >= 0 ? last : i;
    }
    last = i;
    ax = px[i];
    ay = py[i];
  }
  return found;
}

// Nearest of the points (px, py) to (x, y), in pixels; -1 if all are further than `reach`.
export function nearestPoint(px, py, x, y, reach) {
  let found = -1;
  let least = reach * reach;
  for (let i = 0; i < px.length; i++) {
    const distance = (px[i] - x) ** 2 + (py[i] - y) ** 2;
    if (distance <= least) {
      least = distance;
      found = i;
    }
  }
  return found;
}
