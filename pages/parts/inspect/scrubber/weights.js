// Of the chosen tensor: its histogram, and the weights as a picture, at the current step.
import { ramp } from "../../../ui/timemachine/colours.js";

const NO_NUMBER = 255;

// The number under a place in the picture (shares of its width and height), with its indices; "" for none.
export function pointAt(look, numbers, across, down) {
  const column = Math.floor(across * look.width);
  const row = Math.floor(down * look.height);
  const text = numbers?.points[row * look.width + column];
  if (text === undefined || column < 0 || column >= look.width || row < 0) return "";
  const inside = [numbers.rows[row], numbers.columns[column]].filter((each) => each !== undefined).join(", ");
  return `${look.name}[${numbers.prefix}${inside}] = ${text.replace("-", "−")}`;
}

// Bars of one step's histogram, in shares of the highest bar of all steps.
export function bars(look, step) {
  const { bins, counts } = look;
  let most = look.most;
  if (!most) {
    most = 1;
    for (const count of counts) most = Math.max(most, count);
    look.most = most;
  }
  return Array.from({ length: bins }, (_, i) => counts[step * bins + i] / most);
}

export function drawHistogram(canvas, look, step, colour) {
  const { width, height } = canvas;
  const brush = canvas.getContext("2d");
  brush.clearRect(0, 0, width, height);
  brush.fillStyle = colour;
  const wide = width / look.bins;
  bars(look, step).forEach((share, i) => {
    // The root lets small bars be seen beside a peak at zero.
    const high = share ? Math.max(1, Math.sqrt(share) * (height - 2)) : 0;
    brush.fillRect(i * wide, height - high, Math.max(1, wide - 1), high);
  });
}

// 256 colours: along the stops from low to high, then the one for what is no number.
export function palette(stops) {
  const colours = new Uint8ClampedArray(256 * 4);
  for (let level = 0; level < 256; level++) {
    const rgb = level === NO_NUMBER ? [214, 39, 40] : ramp(level / 254, stops);
    colours.set([...rgb, 255], level * 4);
  }
  return colours;
}

export function drawWeights(canvas, look, step, colours) {
  const { height, width, pixels } = look;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const brush = canvas.getContext("2d");
  const picture = brush.createImageData(width, height);
  const from = step * width * height;
  for (let i = 0; i < width * height; i++) {
    const level = pixels[from + i] * 4;
    for (let c = 0; c < 4; c++) picture.data[i * 4 + c] = colours[level + c];
  }
  brush.putImageData(picture, 0, 0);
}
