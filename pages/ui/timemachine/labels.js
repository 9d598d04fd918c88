// Words and numbers for people and for screen readers.
import { ENGLISH } from "./words.js";

// h and v: a fixed number of decimals, so that columns stay aligned. What is not finite is
// written as NumPy and TensorFlow write it.
export function fixed(value, decimals) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (Math.abs(value) >= 1e5) return value.toExponential(Math.max(0, decimals - 2));
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

export function signed(value, decimals) {
  const text = fixed(value, decimals);
  return value > 0 && Number(text) !== 0 && Number.isFinite(value) ? `+${text}` : text;
}

// Costs run over many powers of ten: a fixed number of significant digits.
export function significant(value, digits) {
  if (!Number.isFinite(value)) return fixed(value, 0);
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e5 ? value.toPrecision(digits) : value.toExponential(digits - 1);
}

export const NOTHING = ["—", "—", "—"];

// h, v and cost of one minus those of another, of the numbers as they are shown, so that whoever subtracts finds
// the same. The truth has no cost; null is a checkpoint that cannot be read.
export function differenceWords(a, b) {
  if (!a || !b) return NOTHING;
  const [h, v] = [0, 1].map((i) => signed(Number(fixed(a[i], 5)) - Number(fixed(b[i], 5)), 5));
  if (b.length < 3) return [h, v, ""];
  const cost = Number(significant(a[2], 5)) - Number(significant(b[2], 5));
  return [h, v, `${cost > 0 ? "+" : ""}${significant(cost, 3)}`];
}

// Where one stands, in words: "iteration 12"; the stop after the last iteration is called by its name.
export function placeText(run, index, { finalName, live, words = ENGLISH }) {
  if (run.unit === "update") {
    const facts = { number: run.steps[index], count: run.steps.length };
    return live ? words.say("update {number}", facts) : words.say("update {number} of {count}", facts); // more come
  }
  const closes = run.steps[index] === run.finalStep;
  const place = words.say("iteration {number}", { number: run.iterations[index] });
  return closes ? `${finalName} (= ${place})` : place;
}

// `names` is { iterName, finalName }, as the core spells them.
export function checkpointName(run, index, { iterName, finalName }) {
  const step = run.steps[index];
  return step === run.finalStep ? finalName : `${iterName}-${step}`;
}

// A torn checkpoint whose values could not be read: there is nothing to show but the reason.
export const unreadable = (run, index) => run.torn.has(run.steps[index]) && Number.isNaN(run.h[index]);

// h, v and cost in words; `decimals` for h and v, `digits` for the cost.
export function valueWords(run, index, decimals, digits) {
  if (unreadable(run, index)) return NOTHING;
  return [fixed(run.h[index], decimals), fixed(run.v[index], decimals), significant(run.cost[index], digits)];
}

export function valueText(run, index, names) {
  const { words = ENGLISH } = names;
  const place = placeText(run, index, names);
  if (unreadable(run, index)) return words.say("{place}, damaged: {reason}", { place, reason: run.torn.get(run.steps[index]) });
  const [h, v, cost] = valueWords(run, index, 3, 3);
  return words.say("{place}, h {h}, v {v}, cost {cost}", { place, h, v, cost });
}

export const runText = ({ label, otherPoints }) =>
  otherPoints ? `${label} (trained on other points; its cost here is on those shown)` : label;

export function goneText(ranges, words = ENGLISH) {
  if (!ranges.length) return "";
  const named = ranges.slice(0, 3).map(([first, last]) => words.number(first === last ? first : `${first}-${last}`));
  const facts = { list: named.join(words.rtl ? "، " : ", "), count: ranges.length - 3 };
  if (ranges.length > 3) return words.say("iterations {list} and {count} more stretches were deleted by retention", facts);
  const one = ranges.length === 1 && ranges[0][0] === ranges[0][1];
  return one ? words.say("iteration {list} was deleted by retention", facts)
    : words.say("iterations {list} were deleted by retention", facts);
}
