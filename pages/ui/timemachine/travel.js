// Where a step lies on the slider: evenly, or with more room for the early ones. And the steps that have a mark.
import { ENGLISH } from "./words.js";

const FINE = 1000; // places of the slider in the second way
const KEPT = "checkpoint-explorer-early";

export class Travel {
  constructor() {
    this.early = read() === "1";
    this.set(0, 1);
  }

  set(first, last) {
    Object.assign(this, { first, last });
  }

  toggle() {
    this.early = !this.early;
    try {
      localStorage.setItem(KEPT, this.early ? "1" : "0");
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  }

  // The slider's own range.
  get range() {
    return this.early ? [0, FINE] : [this.first, this.last];
  }

  // Step to share of the way, from 0 to 1; before the first and after the last step it goes on evenly.
  share(step) {
    const span = this.last - this.first;
    if (span <= 0) return 1;
    const way = (step - this.first) / span;
    if (!this.early || way <= 0 || way >= 1) return way;
    return Math.log1p(step - this.first) / Math.log1p(span);
  }

  // Step to value of the slider, and back.
  value(step) {
    return this.early ? Math.round(this.share(step) * FINE) : step;
  }

  step(value) {
    if (!this.early) return value;
    return this.first + Math.round(Math.expm1((value / FINE) * Math.log1p(this.last - this.first)));
  }
}

function read() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

const KEYS = {
  ArrowLeft: "back", ArrowDown: "back", ArrowRight: "forward", ArrowUp: "forward", Home: "first", End: "last",
};

// What a key does on the slider when its places are not its steps; undefined leaves the key to the browser,
// which has PageUp and PageDown at all times: they move it by a tenth.
export const keyAction = (key) => KEYS[key];

// The iterations where the cost is first below twice its final value, and first within 1% of the optimum's.
// The updates inside the first one have none, since the cost after it is nothing final; nor has a run on
// points that it never saw.
export function milestones(run, optimum, words = ENGLISH) {
  const found = [];
  const last = run.points - 1;
  if (last < 1 || run.unit === "update" || run.otherPoints) return found;
  const first = (limit) => run.cost.subarray(0, run.points).findIndex((cost) => cost <= limit);
  const halfway = first(2 * run.cost[last]);
  if (halfway > 0) {
    const facts = { number: run.steps[halfway] };
    found.push({
      index: halfway,
      words: words.say("Iteration {number}: first below twice the final cost", facts),
      short: words.say("Iteration {number}: below twice the final cost", facts),
    });
  }
  const close = optimum ? first(optimum[2] + optimum[3]) : -1;
  if (close > 0 && close !== halfway) {
    const facts = { number: run.steps[close] };
    found.push({
      index: close,
      words: words.say("Iteration {number}: first within 1% of the best possible cost", facts),
      short: words.say("Iteration {number}: within 1% of the best", facts),
    });
  }
  return found;
}

