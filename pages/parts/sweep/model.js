// From the packed data of view.py to typed arrays, and where things are in them.
import { decodeSurface, float32, int32 } from "../../ui/timemachine/decode.js";
import { extent } from "../../ui/timemachine/scales.js";

export function decodeSweep(raw) {
  const steps = int32(raw.steps);
  const count = raw.cells.length;
  const tracks = { h: float32(raw.h), v: float32(raw.v), cost: float32(raw.cost) };
  const truth = float32(raw.truth);
  const [final, distance] = [float32(raw.final), float32(raw.distance)];
  const points = raw.points.map((each) => ({ x: float32(each.x), y: float32(each.y) }));
  const cells = raw.cells.map((cell, c) => {
    const part = (values) => values.subarray(c * steps.length, (c + 1) * steps.length);
    const [h, v, cost] = [part(tracks.h), part(tracks.v), part(tracks.cost)];
    const own = {
      truth: Number.isFinite(truth[2 * c]) ? [truth[2 * c], truth[2 * c + 1]] : null,
      last: lastFinite(cost),
      final: final[c],
      distance: distance[c],
    };
    const status = cell.status === "queued" && !raw.live ? "missing" : cell.status;
    return { ...cell, ...own, status, h, v, cost, points: points[cell.points] };
  });
  const surface = raw.surface && decodeSurface(raw.surface);
  const { axes, seeds, live } = raw;
  return { raw, steps, cells, count, points, surface, axes, seeds, live, shape: shapeOf(axes, count) };
}

// The last place with a value; -1 if there is none.
export function lastFinite(values) {
  let at = values.length - 1;
  while (at >= 0 && !Number.isFinite(values[at])) at -= 1;
  return at;
}

// How the cells lie: with two axes as the grid is, with one wrapped, so that nobody scrolls a mile.
export function shapeOf(axes, count) {
  if (axes.length > 1) return { columns: axes[0].values.length, rows: axes[1].values.length, headed: true };
  const columns = count <= 6 ? count : Math.ceil(Math.sqrt(count));
  return { columns, rows: Math.ceil(count / columns), headed: false };
}

// What a cell shows at a place of the slider: its own last value, where it has not come so far.
export const indexIn = (cell, at) => Math.min(at, cell.last);

// The cell and the place with the lowest cost of all.
export function bestPlace(cells) {
  let found = { cell: -1, at: -1 };
  let least = Infinity;
  cells.forEach((cell, c) => {
    for (let at = 0; at < cell.cost.length; at++) {
      if (cell.cost[at] < least) {
        least = cell.cost[at];
        found = { cell: c, at };
      }
    }
  });
  return found;
}

// Does a cell show what it learned, or did it run away?
export const isSane = (cell) => cell.status !== "diverged" && cell.last >= 0;

// The part of the (h, v) plane that all sane paths, their start and their truths need.
export function planeOf(cells) {
  const sane = cells.filter(isSane);
  return ["h", "v"].map((name, i) =>
    extent([0], ...sane.map((cell) => cell[name]), cells.filter((cell) => cell.truth).map((cell) => cell.truth[i])),
  );
}

// Median, smallest and largest over several lists of one length, place by place; of finite values alone.
export function spreadOf(lists) {
  const length = lists.length ? lists[0].length : 0;
  const [middle, low, high] = [0, 1, 2].map(() => new Float32Array(length).fill(NaN));
  for (let i = 0; i < length; i++) {
    const values = lists.map((list) => list[i]).filter(Number.isFinite).sort((a, b) => a - b);
    if (!values.length) continue;
    const half = values.length >> 1;
    middle[i] = values.length % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
    low[i] = values[0];
    high[i] = values[values.length - 1];
  }
  return { middle, low, high };
}

// The cells that differ in their seed alone, a group for each value of the other axis.
export function seedGroups(model) {
  if (model.seeds === null) return [];
  const other = model.axes[1 - model.seeds];
  const wide = model.axes[0].values.length;
  const groups = (other ? other.values : [""]).map((value) => ({ value, cells: [] }));
  model.cells.forEach((cell, c) => {
    const place = [c % wide, Math.floor(c / wide)];
    groups[other ? place[1 - model.seeds] : 0].cells.push(cell);
  });
  return groups;
}

// What a cell says in its place: what became of it, or why it has no curve.
export function standing(cell) {
  if (cell.status === "diverged") return cell.last < 0 ? "diverged at once" : `diverged after ${cell.done}`;
  const words = { queued: "waits", missing: "not begun", failed: "failed", stopped: "stopped", paused: "paused", deleted: "deleted" };
  if (cell.status === "running" && cell.last < 0) return "starts";
  return words[cell.status] || cell.outcome || "";
}
