// The points of a setting, as NumPy makes them: computed in float64 from x and the seed's draws, rounded last.
import { float64 } from "../../ui/timemachine/decode.js";

export class Maker {
  // `raw.x` are the positions and `raw.draws` what the seed drew from the normal distribution, both float64.
  constructor(raw) {
    this.raw = raw;
    this.x64 = float64(raw.x);
    this.draws = float64(raw.draws);
    this.x = Float32Array.from(this.x64);
  }

  // y = (x - h)² + v + noise · draw, in the order in which core/data.py adds.
  points({ h, v, noise }) {
    const { x64, draws } = this;
    const y = new Float32Array(x64.length);
    for (let i = 0; i < y.length; i++) {
      const away = x64[i] - h;
      y[i] = away * away + v + noise * draws[i];
    }
    return y;
  }
}

// Least squares in closed form: y - x² = -2h·x + (h² + v) is a straight line in x. [h, v, cost, how far
// above that a cost is as good], as core/data.py has it.
export function optimum(x, y) {
  const n = x.length;
  let meanX = 0;
  let meanR = 0;
  for (let i = 0; i < n; i++) {
    meanX += x[i] / n;
    meanR += (y[i] - x[i] * x[i]) / n;
  }
  let xx = 0;
  let xr = 0;
  let rr = 0;
  let meanY = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    const dx = x[i] - meanX;
    const dr = y[i] - x[i] * x[i] - meanR;
    xx += dx * dx;
    xr += dx * dr;
    rr += dr * dr;
    meanY += y[i] / n;
    yy += (y[i] * y[i]) / n;
  }
  const slope = xr / xx;
  const h = -slope / 2;
  const cost = Math.max(0, (rr - slope * xr) / n);
  return [h, meanR - slope * meanX - h * h, cost, 0.01 * cost + 1e-8 * (yy - meanY * meanY)];
}
