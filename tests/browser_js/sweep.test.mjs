// What the sweep's drawing computes, without a browser.
import test from "node:test";
import assert from "node:assert/strict";
import {
  bestPlace, decodeSweep, indexIn, lastFinite, planeOf, seedGroups, shapeOf, spreadOf, standing,
} from "../../pages/parts/sweep/model.js";
import { cellWidth } from "../../pages/parts/sweep/grid.js";
import { shares } from "../../pages/parts/sweep/heat.js";
import { trace } from "../../pages/parts/sweep/canvas.js";

const pack = (values, Type = Float32Array) => Buffer.from(Type.from(values).buffer).toString("base64");

function raw(changes = {}) {
  return {
    sweep: "a", live: false, seeds: null, surface: null, step: null, cell: null,
    axes: [{ label: "Learning rate", values: ["0.1", "0.2"] }],
    cells: [
      { label: "0.1", short: "0.1", status: "finished", outcome: "oscillates", bad: false, points: 0 },
      { label: "0.2", short: "0.2", status: "diverged", bad: true, points: 0 },
    ],
    points: [{ x: pack([0, 1]), y: pack([2, 3]) }],
    steps: pack([0, 1, 2], Int32Array),
    h: pack([1, 2, 3, 4, NaN, NaN]),
    v: pack([5, 6, 7, 8, NaN, NaN]),
    cost: pack([9, 4, 6, 80, NaN, NaN]),
    truth: pack([1, -2, NaN, NaN]),
    final: pack([6, NaN]),
    distance: pack([0.5, NaN]),
    ...changes,
  };
}

test("a packed sweep is unpacked cell by cell", () => {
  const { cells, steps, count } = decodeSweep(raw());
  assert.equal(count, 2);
  assert.deepEqual([...steps], [0, 1, 2]);
  assert.deepEqual([...cells[0].h], [1, 2, 3]);
  assert.deepEqual([...cells[0].cost], [9, 4, 6]);
  assert.deepEqual([cells[0].last, cells[1].last], [2, 0]);
  assert.deepEqual(cells[0].truth, [1, -2]);
  assert.equal(cells[1].truth, null);
  assert.equal(cells[1].points, cells[0].points);
  assert.deepEqual([...cells[0].points.y], [2, 3]);
});

test("a cell that has not come as far shows its last value", () => {
  const { cells } = decodeSweep(raw());
  assert.equal(indexIn(cells[0], 1), 1);
  assert.equal(indexIn(cells[1], 2), 0);
  assert.equal(lastFinite(Float32Array.of(NaN, NaN)), -1);
});

test("one axis is wrapped, two are a grid", () => {
  assert.deepEqual(shapeOf([{ values: [] }], 5), { columns: 5, rows: 1, headed: false });
  assert.deepEqual(shapeOf([{ values: [] }], 100), { columns: 10, rows: 10, headed: false });
  assert.deepEqual(shapeOf([{ values: [] }], 7), { columns: 3, rows: 3, headed: false });
  const two = [{ values: ["a", "b", "c"] }, { values: ["d", "e"] }];
  assert.deepEqual(shapeOf(two, 6), { columns: 3, rows: 2, headed: true });
});

test("the best place is the lowest cost of all", () => {
  const { cells } = decodeSweep(raw());
  assert.deepEqual(bestPlace(cells), { cell: 0, at: 1 });
  assert.deepEqual(bestPlace([]), { cell: -1, at: -1 });
});

test("the plane has room for calm paths, the start and the truth, not for those that ran away", () => {
  const { cells } = decodeSweep(raw());
  assert.deepEqual(planeOf(cells), [[0, 3], [-2, 7]]);
});

test("the spread over seeds is median, smallest and largest of what is finite", () => {
  const { middle, low, high } = spreadOf([[1, 10], [3, NaN], [2, 20]].map((list) => Float32Array.from(list)));
  assert.deepEqual([...middle], [2, 15]);
  assert.deepEqual([...low], [1, 10]);
  assert.deepEqual([...high], [3, 20]);
  assert.deepEqual(spreadOf([]).middle.length, 0);
});

test("cells that differ in their seed alone are one group", () => {
  const cells = ["a", "b", "c", "d", "e", "f"].map((name) => ({ name }));
  const axes = [{ values: ["0", "1", "2"] }, { values: ["Adam", "Momentum"] }];
  const names = (groups) => groups.map(({ value, cells: found }) => [value, found.map(({ name }) => name).join("")]);
  assert.deepEqual(names(seedGroups({ cells, axes, seeds: 0 })), [["Adam", "abc"], ["Momentum", "def"]]);
  assert.deepEqual(names(seedGroups({ cells, axes, seeds: 1 })), [["0", "ad"], ["1", "be"], ["2", "cf"]]);
  assert.deepEqual(names(seedGroups({ cells, axes: [axes[0]], seeds: 0 }))[0][0], "");
  assert.deepEqual(seedGroups({ cells, axes, seeds: null }), []);
});

test("a cell says in its place how it stands", () => {
  assert.equal(standing({ status: "diverged", last: 4, done: 17 }), "diverged after 17");
  assert.equal(standing({ status: "diverged", last: -1 }), "diverged at once");
  assert.equal(standing({ status: "running", last: -1 }), "starts");
  assert.equal(standing({ status: "running", last: 3 }), "");
  assert.equal(standing({ status: "queued", last: -1 }), "waits");
  assert.equal(standing({ status: "finished", last: 9, outcome: "" }), "");
  assert.equal(standing({ status: "finished", last: 9, outcome: "at the optimum" }), "at the optimum");
  assert.equal(standing({ status: "stopped", last: 9, outcome: "still falling" }), "stopped");
});

test("heat is in magnitude, and what has no value has no heat", () => {
  const found = shares(Float32Array.of(1, 10, 100, NaN));
  assert.deepEqual(found.slice(0, 3).map((share) => Number(share.toFixed(6))), [0, 0.5, 1]);
  assert.ok(Number.isNaN(found[3]));
  assert.ok(shares([NaN]).every(Number.isNaN));
  assert.deepEqual(shares([2, 2]), [0, 0]);
});

test("a traced line breaks where a value is not finite, and ends where it is told", () => {
  const calls = [];
  const context = { moveTo: (x) => calls.push(`M${x}`), lineTo: (x) => calls.push(`L${x}`) };
  trace(context, [0, 1, NaN, 3, 4, 5], [0, 0, 0, 0, 0, 0], 0, 4);
  assert.deepEqual(calls, ["M0", "L1", "M3", "L4"]);
});

test("where not all columns fit, one in sight is cut in half", () => {
  const gap = 6;
  assert.equal(cellWidth(1000, 5), 194);
  assert.equal(cellWidth(5000, 5), 320);
  for (const room of [170, 230, 330, 450]) {
    const wide = cellWidth(room, 8);
    assert.ok(wide >= 76);
    const shown = room / (wide + gap);
    assert.ok(Math.abs(shown - Math.floor(shown) - 0.5) < 0.1, `${shown} columns in ${room} px`);
  }
});
