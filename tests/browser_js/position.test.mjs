// Where the slider stands, event by event, without a page.
import assert from "node:assert/strict";
import test from "node:test";

const { Position, REST } = await import(new URL("../../pages/ui/timemachine/position.js", import.meta.url));

const NEWS = { steps: [0, 1, 2, 3, 4], best: 3, step: null, revision: 0, live: false, follow: false, controls: true };
const INNER = { steps: [1, 2, 3], best: 1 };
const told = (news = {}, before = Position.START) => Position.told(before, { ...NEWS, ...news });
const after = (position, ...events) =>
  events.reduce((at, [event, ...words]) => Position[event](at, ...words).position, position);
const step = Position.stepOf;

test("it opens at the end, or where the server asks", () => {
  assert.equal(step(told().position), 4);
  assert.equal(step(told({ step: 2, revision: 1 }).position), 2);
  assert.equal(step(told({ step: 9, revision: 1 }).position), 4, "the nearest there is");
  assert.equal(step(told({ steps: [] }).position), null);
});

test("another run without a step opens at its end, as the server has it", () => {
  const rested = after(told({ step: 2, revision: 1 }).position, ["rested"]);
  const other = told({ steps: [0, 1, 2, 3, 4, 5], step: null, revision: 2 }, rested);
  assert.equal(step(other.position), 5);
  assert.equal(other.rest, undefined);
  assert.equal(Position.rested(other.position).tell, undefined, "the server knows");
  const moved = after(other.position, ["scrubbed", 2, 5], ["rested"], ["scrubbed", 5, 2]);
  assert.equal(Position.rested(moved).tell, 5);
  assert.equal(step(told({ step: null, revision: 2 }, after(moved, ["scrubbed", 1, 5])).position), 1, "no news");
});

test("at the end of a training the server knows the last step, and hears of one that was chosen meanwhile", () => {
  const live = { live: true, follow: true };
  const ended = told({ steps: [0, 1, 2, 3, 4, 5] }, told({ ...live }).position);
  assert.equal(step(ended.position), 5);
  assert.equal(Position.rested(ended.position).tell, undefined);
  assert.equal(Position.rested(ended.position).announce, true);
  const chosen = after(told({ ...live }).position, ["scrubbed", 1, 4], ["rested"]);
  assert.equal(Position.rested(told({}, chosen).position).tell, 1);
});

test("a drag tells the server once, when it rests", () => {
  const { position } = told({ step: 4, revision: 1 });
  const held = Position.held(position);
  assert.equal(held.rest, null, "a rest that was due is off");
  const scrubbed = Position.scrubbed(held.position, 1, 4);
  assert.equal(scrubbed.redraw, true);
  assert.equal(scrubbed.rest, undefined);
  assert.equal(Position.rested(scrubbed.position).tell, undefined, "not while it is held");
  const released = Position.released(scrubbed.position);
  assert.equal(released.rest, 0);
  const rested = Position.rested(released.position);
  assert.equal(rested.tell, 1);
  assert.equal(rested.announce, true);
  const again = Position.rested(rested.position);
  assert.equal(again.tell, undefined, "the server knows");
  assert.equal(again.announce, true);
});

test("an event of the slider without a pointer is a key, and rests soon", () => {
  const scrubbed = Position.scrubbed(told().position, 3, 4);
  assert.equal(step(scrubbed.position), 3);
  assert.equal(scrubbed.rest, REST);
});

test("the server leads with a new revision only, and never pulls a held slider", () => {
  const at = after(told({ step: 4, revision: 1 }).position, ["scrubbed", 1, 4]);
  assert.equal(step(told({ step: 4, revision: 1 }, at).position), 1);
  assert.equal(step(told({ step: 2, revision: 2 }, at).position), 2);
  const held = after(at, ["held"]);
  assert.equal(step(told({ step: 2, revision: 2 }, held).position), 1);
  assert.equal(told({ step: 2, revision: 2 }, at).rest, undefined, "what it asked for need not be told");
});

test("a step that disappears moves the slider to the nearest one, which is told", () => {
  const at = after(told({ step: 2, revision: 1 }).position, ["rested"]);
  const news = told({ steps: [0, 1, 4], step: 2, revision: 1 }, at);
  assert.equal(step(news.position), 1);
  assert.equal(news.rest, REST);
  assert.equal(Position.rested(news.position).tell, 1);
});

test("it follows the newest while that joins, until the hand moves it", () => {
  const live = { live: true, follow: true };
  const at = told(live).position;
  const grown = told({ ...live, steps: [0, 1, 2, 3, 4, 5] }, at);
  assert.equal(step(grown.position), 5);
  assert.equal(grown.rest, undefined, "it moves all the time");
  const moved = after(grown.position, ["scrubbed", 0, 5]);
  assert.equal(moved.following, false);
  assert.equal(step(told({ ...live, steps: [0, 1, 2, 3, 4, 5, 6] }, moved).position), 0);
  const again = Position.pressed(moved, "follow", 0).position;
  assert.equal(again.following, true);
  assert.equal(step(again), 5);
  const ended = told({ steps: [0, 1, 2, 3, 4, 5, 6], follow: false }, again);
  assert.equal(step(ended.position), 6, "the last one is still followed");
  assert.equal(ended.position.following, false);
  assert.equal(ended.rest, REST);
});

test("without controls it stands on the newest and tells nothing", () => {
  const at = told({ controls: false, live: true }).position;
  const grown = told({ controls: false, live: true, steps: [0, 7] }, at);
  assert.equal(step(grown.position), 7);
  assert.equal(grown.rest, undefined);
  assert.equal(step(Position.picked(grown.position, 0).position), 7);
});

test("buttons go first, back, forward, last and to the best", () => {
  const at = told({ step: 2, revision: 1 }).position;
  const pressed = (action, from = at) => step(Position.pressed(from, action, 0).position);
  assert.deepEqual(["first", "back", "forward", "last", "best"].map((each) => pressed(each)), [0, 1, 3, 4, 3]);
  assert.equal(pressed("forward", after(at, ["pressed", "last", 0])), 4);
  assert.equal(pressed("back", after(at, ["pressed", "first", 0])), 0);
  assert.equal(pressed("best", told({ best: -1, step: 2, revision: 1 }).position), 2, "there is none");
  assert.equal(Position.pressed(told({ steps: [] }).position, "last", 0).redraw, undefined);
});

test("playing goes on at its rate, skips when it is fast, and ends at the end", () => {
  const at = after(told().position, ["pressed", "play", 1000]);
  assert.equal(step(at), 0, "from the start, as it stood at the end");
  const waits = after(at, ["ticked", 1040, 10]);
  assert.equal(step(waits), 0);
  assert.equal(step(after(waits, ["ticked", 1100, 10])), 1);
  assert.equal(step(after(at, ["ticked", 1200, 10])), 2);
  const ended = Position.ticked(at, 9000, 10);
  assert.equal(step(ended.position), 4);
  assert.equal(ended.position.playing, null);
  assert.equal(ended.rest, REST);
  assert.equal(Position.rested(at).tell, undefined, "not while it plays");
});

test("looping starts again, and any hand ends the playing", () => {
  const at = after(told().position, ["pressed", "loop", 0], ["pressed", "play", 0]);
  const round = Position.ticked(at, 600, 10);
  assert.equal(step(round.position), 1);
  assert.ok(round.position.playing);
  for (const event of [["held"], ["scrubbed", 3, 1], ["picked", 2], ["pressed", "last", 0], ["pressed", "play", 0]]) {
    assert.equal(after(round.position, event).playing, null, event[0]);
  }
});

test("a click goes there and rests at once; a click beside everything does nothing", () => {
  const at = told().position;
  const picked = Position.picked(at, 1);
  assert.equal(step(picked.position), 1);
  assert.equal(picked.rest, 0);
  assert.equal(Position.picked(at, -1).position, at);
});

test("inside the first pass the server hears nothing, and one comes back to where one was", () => {
  const at = told({ step: 2, revision: 1, inner: INNER }).position;
  const inside = Position.switched(at, INNER).position;
  assert.equal(inside.inside, true);
  assert.equal(step(inside), 1);
  const moved = after(inside, ["scrubbed", 3, 1]);
  assert.equal(step(moved), 3);
  assert.equal(Position.rested(moved).tell, undefined);
  assert.equal(Position.rested(moved).announce, true);
  const again = told({ step: 2, revision: 1, inner: INNER }, moved).position;
  assert.equal(step(again), 3, "news do not throw it out");
  assert.equal(step(Position.switched(again, NEWS).position), 2);
  assert.equal(step(told({ step: 4, revision: 2, inner: INNER }, moved).position), 4, "a step asked for does");
  const gone = told({ inner: null }, moved).position;
  assert.equal(gone.inside, false);
  assert.equal(step(gone), 2);
});

test("while the first iteration trains, its updates are all there is, and the newest is shown", () => {
  const live = { live: true, follow: true };
  const began = told({ ...live, steps: [], inner: null }).position;
  assert.equal(step(began), null);
  const first = told({ ...live, steps: [], inner: INNER }, began).position;
  assert.deepEqual([first.inside, step(first)], [true, 3]);
  const more = told({ ...live, steps: [], inner: { steps: [1, 2, 3, 4], best: 1 } }, first).position;
  assert.equal(step(more), 4);
  const scrubbed = after(more, ["scrubbed", 2, 4]);
  const stays = told({ ...live, steps: [], inner: { steps: [1, 2, 3, 4, 5], best: 1 } }, scrubbed).position;
  assert.equal(step(stays), 2, "it stays in the hand");
  const done = told({ ...live, steps: [0], inner: INNER }, more).position;
  assert.deepEqual([done.inside, step(done), done.following], [false, 0, true]);
  const looked = after(told({ ...live, steps: [0, 1], inner: INNER }, done).position, ["switched", INNER]);
  assert.equal(told({ ...live, steps: [0, 1, 2], inner: INNER }, looked).position.inside, true, "asked for");
});
