// From the packed data of __init__.py to typed arrays. Tables are [step][tensor], one after the other.
import { buffer } from "../../../ui/timemachine/decode.js";

export const bytes = (base64) => new Uint8Array(buffer(base64));
export const floats = (base64) => new Float32Array(buffer(base64));
export const counts = (base64) => new Uint32Array(buffer(base64));

// `before` is the last call's model: what did not change is not unpacked again.
export function unpack(raw, before) {
  const same = before && before.raw.version === raw.version;
  const known = before && before.look;
  return {
    raw,
    names: raw.names,
    steps: raw.steps,
    words: raw.words,
    tensors: same ? before.tensors : raw.tensors,
    groups: raw.groups,
    marks: raw.marks,
    numbers: raw.numbers || null,
    stats: same ? before.stats : Object.fromEntries(Object.entries(raw.stats).map(([k, v]) => [k, floats(v)])),
    look: raw.look && (known && known.version === raw.look.version
      ? known
      : { ...raw.look, counts: counts(raw.look.counts), pixels: bytes(raw.look.pixels) }),
  };
}

// One statistic of one tensor over all steps.
export function column(model, statistic, tensor) {
  const table = model.stats[statistic];
  const width = model.tensors.length;
  const found = new Float64Array(model.names.length);
  for (let step = 0; step < found.length; step++) found[step] = table[step * width + tensor];
  return found;
}

export const cellOf = (model, statistic, step, tensor) => model.stats[statistic][step * model.tensors.length + tensor];

// A number in at most eight places; nothing for what is not known.
export function short(value) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const words = size >= 1e5 || size < 1e-3 ? value.toExponential(2) : String(Number(value.toPrecision(size < 0.1 ? 3 : 4)));
  return words.replaceAll("-", "−");
}

export const whole = new Intl.NumberFormat("en");

// A share as people say it: "0.4 %" is written 0.4%; nothing for what is not known.
export function percent(share) {
  if (Number.isNaN(share)) return "–";
  if (!Number.isFinite(share)) return "new";
  const value = 100 * share;
  return value === 0 ? "0" : value < 0.001 ? "<0.001%" : `${Number(value.toPrecision(2))}%`;
}
