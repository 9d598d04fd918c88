// Where the slider stands, without a page: an event makes the next position, and says what is to be
// done about it. Each event answers { position, redraw, rest, announce, tell }: `redraw` what follows the
// step; `rest` after so many milliseconds, or null for not any more; `announce` the step in words;
// `tell` the server this step.
import { nearestIndex, snap } from "./steps.js";

export const REST = 250;

const START = {
  started: false,
  steps: [], // of the run that the slider moves over
  best: -1, // index of the lowest cost
  index: -1, // where it stands; -1 while there is nothing
  live: false, // checkpoints are still joining
  controls: true, // without them it stands on the newest
  revision: -Infinity, // of the last step that the server asked for
  known: null, // the step that the server knows
  held: false, // a pointer holds the slider
  playing: null, // { since, due }: time of the last frame, and the share of a hop that is left from it
  following: false, // stays on the newest
  looping: false,
  inside: false, // the slider is over the updates of the first pass
  left: null, // the step that it left to go there
  alone: false, // there is nothing but these updates yet: the first iteration is being trained
};

const stepOf = ({ steps, index }) => (index >= 0 ? steps[index] : null);
const lastOf = ({ steps }) => steps.length - 1;
const standAt = (at, index, change) => ({
  ...at, index: Math.min(index, lastOf(at)), following: false, ...change,
});

export const Position = {
  START,
  stepOf,

  // The server has spoken. It leads where it asks for a step with a new revision; else the step that was
  // shown stays, or the newest while following. `inner` are the stops inside the first iteration, null if there
  // are none.
  told(before, { steps, best, inner, step, revision, live, follow, controls }) {
    const wasLive = before.live;
    const first = !before.started;
    const asked = step !== null && revision > before.revision;
    const led = asked && !before.held;
    const newest = step === null && revision > before.revision && !first && !before.held; // of another run
    const follows = live && !wasLive ? follow : before.following;
    const alone = live && !steps.length && Boolean(inner);
    const inside = alone || (before.inside && !before.alone && Boolean(inner) && !led && !newest);
    const stood = before.inside && !inside ? before.left : stepOf(before);
    const at = {
      ...before, started: true, steps, best, live, controls, inside, alone,
      revision: Math.max(before.revision, revision),
      known: asked ? step : before.known,
      following: live && follows,
    };
    if (inside) {
      const last = alone && (follows || stood === null);
      Object.assign(at, inner, { index: last ? inner.steps.length - 1 : nearestIndex(inner.steps, stood) });
      return { position: at, redraw: true };
    }
    if (!controls || ((live || wasLive) && follows && (first || !asked))) at.index = lastOf(at);
    else if (led) Object.assign(at, standAt(at, nearestIndex(steps, step), { playing: null }));
    else if (newest) {
      Object.assign(at, standAt(at, lastOf(at), { playing: null }));
      at.known = stepOf(at); // the server means the last where it names none
    }
    else at.index = stood === null ? lastOf(at) : nearestIndex(steps, stood);
    // At the end the server means the last step, where it names none; else it may not have taken what it was told.
    if (wasLive && !live && !led && !newest) at.known = follows ? stepOf(at) : null;
    // A step that the data moved comes to rest like one that the user moved, except while following:
    // there it moves all the time.
    const moved = !first && stood !== null && stepOf(at) !== stood && !asked && !newest;
    const rests = controls && ((moved && !at.following) || (wasLive && !live));
    return { position: at, redraw: true, rest: rests ? REST : undefined };
  },

  // The slider was moved to the step `goal`, coming from the step `from`.
  scrubbed(at, goal, from) {
    const index = snap(at.steps, goal, from);
    if (index < 0) return { position: at };
    return { position: standAt(at, index, { playing: null }), redraw: true, rest: at.held ? undefined : REST };
  },

  held(at) {
    return { position: { ...at, held: true, playing: null }, rest: null };
  },

  // The last movement of a drag can follow the pointer's release, so it rests a moment later.
  released(at) {
    return { position: { ...at, held: false }, rest: 0 };
  },

  // A place in a chart was clicked.
  picked(at, index) {
    if (index < 0 || at.index < 0 || !at.controls) return { position: at };
    return { position: standAt(at, index, { playing: null }), redraw: true, rest: 0 };
  },

  // A button was pressed at the time `now`.
  pressed(at, action, now) {
    if (at.index < 0) return { position: at };
    const last = lastOf(at);
    if (action === "loop") return { position: { ...at, looping: !at.looping } };
    if (action === "play") {
      if (at.playing) return { position: { ...at, playing: null }, rest: REST };
      const playing = { since: now, due: 0 };
      return { position: standAt(at, at.index === last ? 0 : at.index, { playing }), redraw: true, rest: null };
    }
    const follow = action === "follow" && !at.following;
    const goal = {
      first: 0, back: Math.max(0, at.index - 1), forward: at.index + 1, last, best: at.best,
      follow: follow ? last : at.index,
    }[action];
    const index = goal < 0 ? at.index : goal;
    return { position: standAt(at, index, { playing: null, following: follow }), redraw: true, rest: REST };
  },

  // Into the updates of the first pass, or back out of them: other stops for the same slider.
  switched(at, { steps, best }) {
    const inside = !at.inside;
    const index = inside ? 0 : nearestIndex(steps, at.left);
    const stops = { ...at, steps, best, inside, left: inside ? stepOf(at) : null };
    return { position: standAt(stops, index, { playing: null }), redraw: true, rest: REST };
  },

  // A frame while playing: as many checkpoints on as are due at `rate` a second. Fast playing skips
  // some, slow playing waits.
  ticked(at, now, rate) {
    if (!at.playing) return { position: at };
    const total = at.playing.due + (Math.max(0, now - at.playing.since) / 1000) * rate;
    const hops = Math.floor(total);
    const playing = { since: now, due: total - hops };
    const last = lastOf(at);
    const next = at.index + hops;
    if (next >= last && !at.looping) return { position: standAt(at, last, { playing: null }), redraw: true, rest: REST };
    if (next > last) return { position: standAt(at, next % (last + 1), { playing }), redraw: true };
    return { position: hops ? standAt(at, next, { playing }) : { ...at, playing }, redraw: true };
  },

  // It may have come to rest: the server hears of a step only then, and only of one that is new to it.
  // An update inside the first pass is no step of the run.
  rested(at) {
    const step = stepOf(at);
    if (at.held || at.playing || step === null) return { position: at };
    if (at.inside) return { position: at, announce: true };
    const tell = step === at.known ? undefined : step;
    return { position: { ...at, known: step }, announce: true, tell };
  },
};
