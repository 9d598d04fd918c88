// The parts of the scrubber that need no browser: `node --test tests/browser_js/`.
import assert from "node:assert/strict";
import test from "node:test";

const home = new URL("../../pages/parts/inspect/scrubber/", import.meta.url);
const part = (name) => import(new URL(name, home));
const { cellOf, column, short, unpack } = await part("unpack.js");
const { bars, palette, pointAt } = await part("weights.js");

const base64 = (typed) => Buffer.from(typed.buffer).toString("base64");
const RAW = {
  version: "1",
  names: ["m-1", "m-2", "m-3"],
  words: ["", "", ""],
  tensors: [{ name: "a" }, { name: "b" }],
  marks: [],
  stats: { norm: base64(Float32Array.of(1, 10, 2, 20, NaN, 30)) },
  look: {
    version: "1-a",
    bins: 2,
    counts: base64(Uint32Array.of(1, 3, 4, 0, 0, 0)),
    pixels: base64(Uint8Array.of(0, 254, 255)),
  },
};

test("tables are steps of tensors", () => {
  const model = unpack(RAW, undefined);
  assert.deepEqual([...column(model, "norm", 1)], [10, 20, 30]);
  assert.equal(cellOf(model, "norm", 1, 0), 2);
  assert.ok(Number.isNaN(cellOf(model, "norm", 2, 0)));
});

test("what did not change is not unpacked again", () => {
  const first = unpack(RAW, undefined);
  const second = unpack({ ...RAW }, first);
  assert.equal(second.stats, first.stats);
  assert.equal(second.look, first.look);
  assert.notEqual(unpack({ ...RAW, version: "2" }, first).stats, first.stats);
});

test("bars are shares of the highest of all steps", () => {
  const { look } = unpack(RAW, undefined);
  assert.deepEqual(bars(look, 0), [0.25, 0.75]);
  assert.deepEqual(bars(look, 1), [1, 0]);
});

test("the number under the pointer is named by its place in the tensor", () => {
  const look = { name: "w", width: 2, height: 2 };
  const numbers = { prefix: "1, ", rows: [0, 9], columns: [0, 5], points: ["1", "2", "-3.25", "nan"] };
  assert.equal(pointAt(look, numbers, 0.4, 0.6), "w[1, 9, 0] = −3.25");
  assert.equal(pointAt(look, numbers, 0.9, 0.1), "w[1, 0, 5] = 2");
  assert.equal(pointAt(look, numbers, 1, 0.1), "");
  assert.equal(pointAt(look, null, 0.4, 0.6), "");
  const flat = { prefix: "", rows: [], columns: [0, 5], points: ["1", "2"] };
  assert.equal(pointAt({ name: "b", width: 2, height: 1 }, flat, 0.9, 0.5), "b[5] = 2");
});

test("what is no number has a colour of its own", () => {
  const colours = palette(["#000000", "#333333", "#666666", "#999999", "#cccccc", "#ffffff"]);
  assert.deepEqual([...colours.slice(255 * 4, 256 * 4)], [214, 39, 40, 255]);
  assert.notDeepEqual([...colours.slice(0, 4)], [...colours.slice(254 * 4, 255 * 4)]);
});

test("numbers stay short and say what is not known", () => {
  assert.equal(short(NaN), "–");
  assert.equal(short(-Infinity), "−∞");
  assert.equal(short(0), "0");
  assert.equal(short(-0.25), "−0.25");
  assert.equal(short(-0.0061234), "−0.00612");
  assert.equal(short(-0.00056123), "−5.61e−4");
  assert.equal(short(123456), "1.23e+5");
});
