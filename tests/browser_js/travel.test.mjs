// Where a step lies on the slider, and which steps are worth going to.
import assert from "node:assert/strict";
import { test } from "node:test";

const { Travel, keyAction, milestones } = await import(new URL("../../pages/ui/timemachine/travel.js", import.meta.url));

test("evenly, a value of the slider is a step; with room for early ones, each step still has its value", () => {
  const travel = new Travel();
  travel.set(0, 100);
  assert.deepEqual(travel.range, [0, 100]);
  assert.equal(travel.share(25), 0.25);
  assert.equal(travel.step(travel.value(42)), 42);
  travel.toggle();
  assert.deepEqual(travel.range, [0, 1000]);
  for (let step = 0; step <= 100; step++) assert.equal(travel.step(travel.value(step)), step);
  assert.ok(travel.share(5) > 0.3, "the first twentieth has more than a third of the way");
  assert.equal(travel.share(0), 0);
  assert.equal(travel.share(100), 1);
  assert.ok(travel.share(-0.5) < 0 && travel.share(100.5) > 1, "marks may reach over both ends");
});

test("a run that does not start at 0, and a run of one step", () => {
  const travel = new Travel();
  travel.toggle();
  travel.set(40, 10_000);
  for (const step of [40, 41, 77, 9_999, 10_000]) assert.ok(Math.abs(travel.step(travel.value(step)) - step) <= step * 0.01);
  travel.set(3, 3);
  assert.equal(travel.share(3), 1);
  assert.equal(travel.step(1000), 3);
});

test("arrow keys move by a step whatever the scale", () => {
  assert.deepEqual(["ArrowLeft", "ArrowRight", "Home", "End", "a"].map(keyAction), ["back", "forward", "first", "last", undefined]);
});

test("milestones: first below twice the final cost, first within 1% of the best possible", () => {
  const cost = Float64Array.from([16, 8, 3, 1.9, 1.2, 1.005, 1, 1]);
  const run = { points: 7, cost, steps: Int32Array.from([0, 1, 2, 3, 4, 5, 6, 7]) };
  const found = milestones(run, [0, 0, 1, 0.01]);
  assert.deepEqual(found.map((each) => each.index), [3, 5]);
  assert.match(found[0].words, /Iteration 3: first below twice the final cost/);
  assert.match(found[1].words, /within 1% of the best possible/);
  assert.deepEqual(milestones({ ...run, points: 1 }, [0, 0, 1, 0.01]), []);
  assert.deepEqual(milestones({ ...run, unit: "update" }, [0, 0, 1, 0.01]), []);
  assert.deepEqual(milestones({ ...run, otherPoints: true }, [0, 0, 1, 0.01]), []);
  assert.deepEqual(milestones(run, null).map((each) => each.index), [3], "points of one's own have an optimum too, or none");
});
