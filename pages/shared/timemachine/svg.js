// Small helpers for SVG elements.

const SVG = "http://www.w3.org/2000/svg";

export function node(tag, attributes, parent) {
  const made = document.createElementNS(SVG, tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  if (parent) parent.append(made);
  return made;
}

// One mark for each run: the second run's, drawn first, lies below the first run's.
export function perRun(tag, kind, role, parent, attributes = {}) {
  const second = node(tag, { ...attributes, class: `${kind} b`, "data-role": `${role}-overlay` }, parent);
  const first = node(tag, { ...attributes, class: `${kind} a`, "data-role": role }, parent);
  return [first, second];
}

// Pixels with a thousandth: exact enough to read values back, short enough to parse quickly.
export const px = (value) => Math.round(value * 1000) / 1000;

// SVG numbers are single precision; what lies far outside is cut off anyway.
export const bounded = (value) => px(Math.max(-1e5, Math.min(1e5, value)));

// Line through the points at `indices`; it breaks where a value is not finite.
export function linePath(indices, xAt, yAt) {
  let path = "";
  let pen = "M";
  for (const i of indices) {
    const x = xAt(i);
    const y = yAt(i);
    if (!Number.isFinite(x + y)) {
      pen = "M";
      continue;
    }
    path += `${pen}${bounded(x)} ${bounded(y)}`;
    pen = "L";
  }
  return path;
}

export function move(element, x, y) {
  const shown = Number.isFinite(x + y);
  element.setAttribute("visibility", shown ? "visible" : "hidden");
  if (shown) element.setAttribute("transform", `translate(${bounded(x)} ${bounded(y)})`);
}
