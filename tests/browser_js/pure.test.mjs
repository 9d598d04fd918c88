// The parts of the time machine that need no browser: `node --test tests/browser_js/`.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

const pages = new URL("../../pages/", import.meta.url);
const home = new URL("ui/timemachine/", pages);
const part = (name) => import(new URL(name, home));
const { Scale, decimate, extent, linearTicks, logTicks, niceStep, padded, paddedLog, thinPath, tickText } = await part("scales.js");
const { bestIndex, firstFrom, lastUpTo, nearestIndex, nearestOnPath, nearestPoint, snap, stepRange, withTorn } = await part("steps.js");
const { checkpointName, differenceWords, fixed, goneText, placeText, runText, signed, significant, valueText } = await part("labels.js");
const { decode, decodeSurface, decodeRun, insideOf, float32, float64, int32, travelled } = await part("decode.js");
const { parabola, trail } = await part("curve.js");
const { bands, stretch } = await part("surface.js");
const { channels, isDark, ramp } = await part("colours.js");
const { linePath } = await part("svg.js");
const { Words } = await part("words.js");

const base64 = (typed) => Buffer.from(typed.buffer).toString("base64");
const NAMES = { iterName: "model_iter", finalName: "model_final" };
const RUN = {
  label: "run",
  colour: null,
  otherPoints: false,
  start: null,
  inner: null,
  steps: base64(Int32Array.of(0, 2, 4)),
  h: base64(Float32Array.of(0.5, 0.25, 1)),
  v: base64(Float32Array.of(1, -1.5, 2)),
  cost: base64(Float64Array.of(4, 0.1, 9)),
  finalStep: 4,
  gone: [],
  torn: [],
};

test("base64 gives back the very numbers, of each type", () => {
  assert.deepEqual(int32(base64(Int32Array.of(0, -7, 10000))), Int32Array.of(0, -7, 10000));
  assert.deepEqual(float32(base64(Float32Array.of(0.1, -3e38, NaN))), Float32Array.of(0.1, -3e38, NaN));
  assert.deepEqual(float64(base64(Float64Array.of(0.1, 1e-300))), Float64Array.of(0.1, 1e-300));
  assert.equal(float32("").length, 0);
});

test("the loss surface is made of its floor and bed, row by row, and never below the least", () => {
  const [h, v] = [base64(Float64Array.of(5, 6, 7)), base64(Float64Array.of(0, 2))];
  const floor = base64(Float64Array.of(0, 1, 6));
  const bed = base64(Float64Array.of(0, -3, 2));
  const { log10Cost } = decodeSurface({ h, v, floor, bed, least: 1e-12 });
  const expected = [-12, 1, 1, Math.log10(4), Math.log10(26), Math.log10(6)];
  expected.forEach((value, k) => assert.ok(Math.abs(log10Cost[k] - value) < 1e-6));
  assert.equal(log10Cost.length, 6);
});

test("decoding keeps what did not change, so that it need not be drawn again", () => {
  const two = base64(Float64Array.of(0, 1));
  const surface = { h: two, v: two, floor: two, bed: two, least: 1e-12 };
  const raw = { x: "", y: "", truth: null, optimum: null, runs: [RUN], surface, live: true, controls: true, files: [] };
  const first = decode(raw, undefined);
  const grown = decode({ ...raw, runs: [{ ...RUN, finalStep: 2 }], surface: { ...surface } }, first);
  assert.equal(grown.surface, first.surface);
  assert.notEqual(grown.runs[0], first.runs[0]);
  assert.equal(decode({ ...raw, runs: [{ ...RUN, torn: [] }] }, first).runs[0], first.runs[0]);
  assert.equal(decode({ ...raw, surface: null }, first).surface, null);
});

test("a scale goes from data to pixels and back, linear and logarithmic", () => {
  const linear = new Scale(-2, 2, 0, 400);
  assert.equal(linear.at(1), 300);
  assert.equal(linear.back(300), 1);
  const log = new Scale(0.1, 1000, 400, 0, true);
  assert.ok(Math.abs(log.at(10) - 200) < 1e-9);
  assert.ok(Math.abs(log.back(200) - 10) < 1e-9);
  assert.equal(log.at(0), 400);
});

test("ticks are round numbers inside the axis", () => {
  assert.deepEqual(linearTicks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(linearTicks(-2.1, 2.1, 4), [-2, -1, 0, 1, 2]);
  assert.deepEqual(logTicks(0.05, 200, 4), [0.1, 1, 10, 100]);
  assert.deepEqual(logTicks(0.2, 4, 6), [0.2, 0.5, 1, 2]);
  assert.deepEqual(linearTicks(1, 1, 5), []);
  assert.deepEqual(linearTicks(-Infinity, Infinity, 5), []);
  for (const [low, high] of [[1e-12, 1e30], [0.229, 0.2301], [3, 40]]) {
    const ticks = logTicks(low, high, 6);
    assert.ok(ticks.length >= 2 && ticks.length <= 14, `${low} to ${high}: ${ticks}`);
    assert.ok(ticks.every((tick) => tick >= low * 0.999 && tick <= high * 1.001));
  }
  assert.equal(niceStep(0.34), 0.2);
});

test("tick texts are short and typographic", () => {
  assert.equal(tickText(-0.5), "−0.5");
  assert.equal(tickText(0), "0");
  assert.equal(tickText(1e-5), "10⁻⁵");
  assert.equal(tickText(2.5e8), "2.5·10⁸");
  assert.equal(tickText(10000), "10000");
});

test("domains stand values that are not finite, and the lack of values", () => {
  assert.deepEqual(extent([NaN, 2, Infinity], [-1]), [-1, 2]);
  assert.equal(extent([NaN], []), null);
  assert.deepEqual(padded(null), [0, 1]);
  const [low, high] = padded([3, 3]);
  assert.ok(low < 3 && high > 3);
  assert.deepEqual(paddedLog(null), [0.1, 10]);
  const [least, most] = paddedLog([2, 2]);
  assert.ok(least < 2 && most > 2);
});

test("decimation keeps the ends and every spike", () => {
  const values = Float64Array.from({ length: 10000 }, (_, i) => Math.sin(i / 300));
  values[4321] = 99;
  values[777] = -99;
  const kept = decimate(values, 1200);
  assert.ok(kept.length <= 1200);
  assert.ok(kept.includes(4321) && kept.includes(777));
  assert.equal(kept[0], 0);
  assert.equal(kept[kept.length - 1], 9999);
  assert.ok(kept.every((index, place) => place === 0 || index > kept[place - 1]), "in order, none twice");
  assert.equal(decimate(new Float64Array(7), 1200).length, 7);
});

test("a long path is thinned to few points, in order, without those that are not finite", () => {
  const px = Float64Array.from({ length: 10000 }, (_, i) => (i === 5 ? NaN : 200 + 150 * Math.sin(i)));
  const py = Float64Array.from({ length: 10000 }, (_, i) => 200 + 150 * Math.cos(i * 1.7));
  const kept = thinPath(px, py, 1200);
  assert.ok(kept.length > 100 && kept.length <= 1200);
  assert.equal(kept[0], 0);
  assert.ok(!kept.includes(5));
  assert.ok(kept.every((index, place) => place === 0 || index > kept[place - 1]));
});

test("steps are found over gaps", () => {
  const steps = Int32Array.of(0, 10, 20, 96, 97);
  assert.equal(firstFrom(steps, 11), 2);
  assert.equal(firstFrom(steps, 98), 5);
  assert.equal(lastUpTo(steps, 95), 2);
  assert.equal(lastUpTo(steps, -1), -1);
  assert.equal(nearestIndex(steps, 90), 3);
  assert.equal(nearestIndex(steps, 30), 2);
  assert.equal(nearestIndex(steps, 1000), 4);
  assert.equal(nearestIndex([], 3), -1);
});

test("the slider snaps in the direction of its movement", () => {
  const steps = Int32Array.of(0, 10, 20, 96, 97);
  assert.equal(snap(steps, 50, 20), 3, "forward over the gap");
  assert.equal(snap(steps, 50, 96), 2, "backward over the gap");
  assert.equal(snap(steps, 20, 97), 2, "an existing step is taken as it is");
  assert.equal(snap(steps, 500, 97), 4, "not past the end");
  assert.equal(snap(Int32Array.of(96, 97), 40, 97), 0, "not before the first that is left");
  assert.equal(snap([], 5, 0), -1);
});

test("the best checkpoint has the lowest finite cost", () => {
  assert.equal(bestIndex([NaN, 3, 1, Infinity, 1]), 2);
  assert.equal(bestIndex([NaN]), -1);
});

test("a torn checkpoint without values gets a place among the others", () => {
  const run = decodeRun({ ...RUN, torn: [[3, "index is missing"], [4, "data too short"]] });
  assert.deepEqual([...run.steps], [0, 2, 3, 4]);
  assert.ok(Number.isNaN(run.h[2]) && run.h[3] === 1);
  assert.equal(run.cost[1], 0.1);
  assert.equal(run.best, 1);
  assert.equal(valueText(run, 2, NAMES), "iteration 3, damaged: index is missing");
  assert.equal(withTorn({ steps: Int32Array.of(1), torn: new Map([[1, "x"]]) }).steps.length, 1);
});

test("the stop after the last iteration is no iteration and no point of the curves", () => {
  const run = decodeRun({ ...RUN, steps: base64(Int32Array.of(0, 1, 2)), finalStep: 2 });
  assert.equal(run.points, 2);
  assert.deepEqual([...run.steps], [0, 1, 2]);
  assert.deepEqual([...run.iterations], [0, 1, 1]);
  assert.equal(placeText(run, 1, NAMES), "iteration 1");
  assert.equal(placeText(run, 2, NAMES), "model_final (= iteration 1)");
  const going = decodeRun({ ...RUN, finalStep: null });
  assert.equal(going.points, 3);
  assert.equal(placeText(going, 2, NAMES), "iteration 4");
});

test("the updates inside the first pass are a run of their own, counted from 1", () => {
  const inner = {
    h: base64(Float32Array.of(0.1, 0.2)), v: base64(Float32Array.of(-1, -2)), cost: base64(Float64Array.of(3, 2)), source: "s",
  };
  const run = decodeRun({ ...RUN, colour: 3, start: [0, 0], inner });
  const model = insideOf({ runs: [run, decodeRun(RUN)], files: [".index"], ...NAMES });
  assert.equal(model.runs.length, 1);
  assert.deepEqual([...model.runs[0].steps], [1, 2]);
  assert.equal(model.runs[0].best, 1);
  assert.equal(model.runs[0].colour, 3);
  assert.deepEqual(model.files, []);
  assert.equal(placeText(model.runs[0], 0, model), "update 1 of 2");
});

test("deleted checkpoints keep their place on the track", () => {
  assert.deepEqual(stepRange({ steps: Int32Array.of(96, 100), gone: [[0, 95]] }), [0, 100]);
  assert.deepEqual(stepRange({ steps: new Int32Array(0), gone: [] }), [0, 0]);
});

test("a click finds the nearest point of the path within reach", () => {
  assert.equal(nearestPoint([0, 10, 20], [0, 0, 0], 12, 3, 12), 1);
  assert.equal(nearestPoint([0, 10, NaN], [0, 0, 0], 40, 0, 12), -1);
});

test("between two points of a path, the nearer one along it is found", () => {
  const [px, py] = [[0, 100, NaN, 100], [0, 0, 0, 100]];
  assert.equal(nearestOnPath(px, py, 30, 5, 12), 0);
  assert.equal(nearestOnPath(px, py, 70, -5, 12), 1);
  assert.equal(nearestOnPath(px, py, 95, 80, 12), 3);
  assert.equal(nearestOnPath(px, py, 50, 50, 12), -1);
  assert.equal(nearestOnPath(px, py, -40, 0, 12), -1);
  assert.equal(nearestOnPath(px, py, -40, 0, 12, [-100, 0]), 0, "on the way from the start");
  assert.equal(nearestOnPath([], [], 0, 0, 12), -1);
});

test("labels say iteration, h, v and cost, and name the checkpoint", () => {
  const run = { unit: "iteration", steps: [12, 100], iterations: [12, 99], h: [0.5121, 1], v: [-1.2344, 1], cost: [1.351, 1e-7], torn: new Map(), finalStep: 100 };
  assert.equal(valueText(run, 0, NAMES), "iteration 12, h 0.512, v -1.234, cost 1.35");
  assert.match(valueText(run, 1, NAMES), /^model_final \(= iteration 99\), h 1.000/);
  assert.equal(checkpointName(run, 0, NAMES), "model_iter-12");
  assert.equal(checkpointName(run, 1, NAMES), "model_final");
  assert.equal(runText({ label: "a", otherPoints: true }), "a (trained on other points; its cost here is on those shown)");
});

test("a page of another language has its own words, digits and direction; one without says it in English", () => {
  const table = { "iteration {number}": "تکرار {number}", "{place}, h {h}, v {v}, cost {cost}": "{place}، h {h}، هزینه {cost}" };
  const words = new Words({ table, digits: "۰۱۲۳۴۵۶۷۸۹", rtl: true });
  const run = { unit: "iteration", steps: [12], iterations: [12], h: [0.5], v: [-1.25], cost: [1.5], torn: new Map(), finalStep: null };
  assert.equal(placeText(run, 0, { ...NAMES, words }), "\u2067تکرار ۱۲\u2069");
  assert.equal(valueText(run, 0, { ...NAMES, words }), "\u2067\u2067تکرار ۱۲\u2069، h ۰٫۵۰۰، هزینه ۱٫۵۰\u2069");
  const numbers = ["-1.250", "−0.5", "1.2e-5", "model_iter-12", "10⁻³", "h 3"];
  assert.deepEqual(numbers.map((each) => words.number(each)), ["\u200e−۱٫۲۵۰", "\u200e−۰٫۵", "۱٫۲e-۵", "model_iter-12", "10⁻³", "h 3"]);
  assert.equal(words.say("unknown {number}", { number: 7 }), "unknown ۷");
  assert.equal(new Words().say("update {number}", { number: 7 }), "update 7");
});

test("numbers keep their width and their sign", () => {
  assert.equal(fixed(-0.00001, 3), "0.000");
  assert.equal(fixed(1234567, 5), "1.235e+6");
  assert.equal(fixed(Infinity, 3), "inf");
  assert.equal(signed(0.5, 2), "+0.50");
  assert.equal(signed(-0.5, 2), "-0.50");
  assert.equal(signed(0, 2), "0.00");
  assert.equal(significant(0.000012345, 3), "1.23e-5");
  assert.equal(significant(12.345, 3), "12.3");
  assert.equal(significant(NaN, 3), "nan");
});

test("a difference is that of the two numbers that are shown", () => {
  assert.deepEqual(differenceWords([0.123454, 1, 0.159384], [0.123446, 2, 0.159006]), ["0.00000", "-1.00000", "+0.000370"]);
  assert.deepEqual(differenceWords([0.99605, -2, 1], [1.000024, -2, 1]), ["-0.00397", "0.00000", "0"]);
  assert.deepEqual(differenceWords([1, -1, 3], [1.5, -2]), ["-0.50000", "+1.00000", ""], "the truth has no cost");
  assert.deepEqual(differenceWords(null, [1, -2, 3]), ["—", "—", "—"]);
});

test("deleted stretches are told in words", () => {
  assert.equal(goneText([]), "");
  assert.equal(goneText([[0, 95]]), "iterations 0-95 were deleted by retention");
  assert.equal(goneText([[5, 5]]), "iteration 5 was deleted by retention");
  assert.equal(goneText([[0, 3], [5, 5]]), "iterations 0-3, 5 were deleted by retention");
  assert.match(goneText([[0, 1], [3, 4], [6, 7], [9, 9], [11, 12]]), /6-7 and 2 more stretches were/);
});

test("one Bézier curve is exactly the parabola", () => {
  const x = new Scale(-2, 2, 0, 400);
  const y = new Scale(-3, 9, 300, 0);
  const [h, v] = [0.7, -1.1];
  const [ax, ay, bx, by, cx, cy] = parabola(h, v, x, y).match(/-?[\d.]+/g).map(Number);
  for (const t of [0, 0.2, 0.5, 0.9, 1]) {
    const at = (a, b, c) => (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t ** 2 * c;
    const dataX = x.back(at(ax, bx, cx));
    assert.ok(Math.abs(y.back(at(ay, by, cy)) - ((dataX - h) ** 2 + v)) < 1e-4);
  }
  assert.equal(parabola(NaN, 0, x, y), "");
  assert.equal(parabola(1e9, 0, x, y), "");
});

test("the trail is spread over the way, and trembling is no way", () => {
  const h = Float32Array.from({ length: 200 }, (_, i) => Math.min(i, 10) + (i > 10 ? 0.01 * (i % 2) : 0));
  const way = travelled(h, new Float32Array(200));
  assert.equal(way[199], 10);
  const earlier = trail(way, 199, 8);
  assert.ok(earlier.length >= 7 && earlier.every((index) => index <= 10), String(earlier));
  assert.deepEqual(trail(way, 0, 8), []);
});

test("the grid is stretched with its largest v on top", () => {
  const out = stretch(Float32Array.of(0, 1, 2, 3), 2, 2, 3, 3);
  assert.deepEqual([...out], [2, 2.5, 3, 1, 1.5, 2, 0, 0.5, 1]);
});

test("bands cover the range with round widths", () => {
  const { width, first, count } = bands([-0.64, 2.1]);
  assert.equal(width, 0.2);
  assert.ok(first * width <= -0.64 && (first + count) * width >= 2.1);
  assert.ok(bands([1, 1]).count >= 0);
});

test("colours run evenly in lightness and know a dark page", () => {
  const { surface } = JSON.parse(readFileSync(new URL("../../core/palette.json", import.meta.url), "utf8"));
  for (const [stops, sign] of [[surface.light, 1], [surface.dark, -1]]) {
    const lightness = Array.from({ length: 15 }, (_, i) => sign * ramp(i / 14, stops).reduce((a, b) => a + b));
    assert.ok(lightness.every((value, i) => i === 0 || value > lightness[i - 1]));
  }
  assert.deepEqual(channels("#0e1117"), [14, 17, 23]);
  assert.ok(isDark("#0e1117") && isDark("rgb(14, 17, 23)") && isDark("#000"));
  assert.ok(!isDark("#ffffff") && !isDark("rgb(255, 255, 255)") && !isDark(""));
});

test("a line breaks where a value is not finite", () => {
  const y = [1, NaN, 3, 4];
  assert.equal(linePath([0, 1, 2, 3], (i) => i, (i) => y[i]), "M0 1M2 3L3 4");
});

test("each component is a module that a browser can import as it is, with all that it needs", async () => {
  for (const main of ["ui/timemachine/main.js", "parts/sweep/main.js", "parts/inspect/scrubber/main.js"]) {
    const { default: mount } = await import(new URL(main, pages));
    assert.equal(typeof mount, "function", main);
  }
  for (const name of readdirSync(pages, { recursive: true }).filter((each) => each.endsWith(".js"))) {
    const text = readFileSync(new URL(name, pages), "utf8");
    for (const [, from] of text.matchAll(/^import .* from "(.*)";$/gm)) {
      assert.ok(new URL(from, new URL(name, pages)).href.startsWith(pages.href), `${name} imports ${from}`);
    }
  }
});

test("a whole number may have commas between its thousands, any other a comma before its fraction", async () => {
  const { numberIn } = await import(new URL("../../pages/parts/playground/panel.js", import.meta.url));
  for (const [text, number] of [["2,000", 2000], ["12,345,678", 12345678], ["7", 7], ["−3", -3], ["1e3", 1000], ["100.0", 100]]) {
    assert.equal(numberIn(text, true), number);
  }
  for (const text of ["2,5", "2.000", "20,00", "", "x"]) assert.ok(Number.isNaN(numberIn(text, true)), text);
  assert.equal(numberIn("2,5", false), 2.5);
  assert.equal(numberIn("1e-3", false), 0.001);
});

test("a longer run is shown at the iteration of the first run, not at its step", async () => {
  const { shownAt } = await import(new URL("../../pages/ui/timemachine/views.js", import.meta.url));
  const first = { steps: [0, 1, 2, 3], iterations: [0, 1, 2, 2] }; // three iterations and the final checkpoint
  const longer = { steps: [0, 1, 2, 3, 4], iterations: [0, 1, 2, 3, 4] };
  assert.deepEqual(shownAt({ runs: [first, longer] }, 3), [3, 2]);
  assert.deepEqual(shownAt({ runs: [first, longer] }, 1), [1, 1]);
});
