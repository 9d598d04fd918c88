// Scales, their ticks, and fewer points for the same picture.

// A scale maps the domain d0…d1 to the pixels r0…r1.
export class Scale {
  constructor(d0, d1, r0, r1, log = false) {
    Object.assign(this, { d0, d1, r0, r1, log });
    this.start = log ? Math.log10(d0) : d0;
    this.factor = (r1 - r0) / ((log ? Math.log10(d1) : d1) - this.start);
  }

  at(value) {
    // Zero and less have no place on a logarithmic axis: they lie on its lower end.
    const place = this.log ? Math.log10(Math.max(value, this.d0)) : value;
    return this.r0 + (place - this.start) * this.factor;
  }

  back(pixel) {
    const place = this.start + (pixel - this.r0) / this.factor;
    return this.log ? 10 ** place : place;
  }
}

// Smallest and largest finite value of all the lists.
export function extent(...lists) {
  let low = Infinity;
  let high = -Infinity;
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      const value = list[i];
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : null;
}

// A domain with some air at both ends; never empty, never of zero width.
export function padded(range, share = 0.06) {
  if (!range) return [0, 1];
  const [low, high] = range;
  const air = high > low ? (high - low) * share : Math.max(Math.abs(low), 1) * 0.1;
  return [low - air, high + air];
}

export function paddedLog(range) {
  if (!range) return [0.1, 10];
  const air = Math.max(0.04, 0.06 * Math.log10(range[1] / range[0]));
  return [range[0] / 10 ** air, range[1] * 10 ** air];
}

// A round number near `size`: 1, 2 or 5 times a power of ten.
export function niceStep(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  const share = size / power;
  return power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
}

export function linearTicks(low, high, count) {
  if (!(high > low) || !Number.isFinite(high - low)) return [];
  const step = niceStep((high - low) / Math.max(1, count));
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

export function logTicks(low, high, count) {
  const from = Math.log10(low);
  const decades = Math.log10(high) - from;
  if (decades < 0.5) return linearTicks(low, high, count).filter((tick) => tick > 0);
  const factors = decades > count / 1.5 ? [1] : decades > count / 2.5 ? [1, 3] : [1, 2, 5];
  const skip = Math.max(1, Math.ceil(decades / (count + 1)));
  const ticks = [];
  for (let power = Math.floor(from); power <= Math.ceil(from + decades); power++) {
    if (power % skip) continue;
    for (const factor of factors) {
      const tick = Number(`${factor}e${power}`);
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks;
}

export function ticksOf(scale, count) {
  return scale.log ? logTicks(scale.d0, scale.d1, count) : linearTicks(scale.d0, scale.d1, count);
}

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (power) =>
  String(power).replace("-", "⁻").replace(/\d/g, (digit) => SUPERSCRIPT[digit]);

export function tickText(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || size < 1e-3)) {
    const [digits, power] = value.toExponential(2).split("e");
    const factor = Number(digits);
    const sign = factor < 0 ? "−" : "";
    return `${sign}${Math.abs(factor) === 1 ? "" : `${Math.abs(factor)}·`}10${raised(Number(power))}`;
  }
  return String(Number(value.toPrecision(10))).replace("-", "−");
}

// Indices of at most about `most` values that draw the same line: of each stretch the first,
// the smallest, the largest and the last, so that no spike is lost.
export function decimate(values, most) {
  const n = values.length;
  if (n <= most) return Int32Array.from({ length: n }, (_, i) => i);
  const stretches = Math.max(1, Math.floor(most / 4));
  const kept = [];
  for (let s = 0; s < stretches; s++) {
    const first = Math.floor((s * n) / stretches);
    const last = Math.floor(((s + 1) * n) / stretches) - 1;
    let low = first;
    let high = first;
    for (let i = first; i <= last; i++) {
      if (values[i] < values[low] || Number.isNaN(values[low])) low = i;
      if (values[i] > values[high] || Number.isNaN(values[high])) high = i;
    }
    const four = [first, Math.min(low, high), Math.max(low, high), last];
    four.forEach((i, place) => { if (place === 0 || i !== four[place - 1]) kept.push(i); });
  }
  return Int32Array.from(kept);
}

// Indices of at most `most` points of a way through the plane: hops shorter than a tolerance are
// left out, and the tolerance grows to some pixels; of a way that is wild even then, every n-th is kept.
export function thinPath(px, py, most) {
  let kept = [];
  for (let hop = 0.7; hop < 4; hop *= 1.6) {
    kept = [];
    let x = NaN;
    let y = NaN;
    for (let i = 0; i < px.length; i++) {
      if (!Number.isFinite(px[i] + py[i])) continue;
      if (Math.abs(px[i] - x) < hop && Math.abs(py[i] - y) < hop) continue;
      kept.push(i);
      x = px[i];
      y = py[i];
    }
    if (kept.length <= most) return Int32Array.from(kept);
  }
  const stride = Math.ceil(kept.length / most);
  return Int32Array.from(kept.filter((_, place) => place % stride === 0));
}
