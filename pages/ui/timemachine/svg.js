// Small helpers for SVG elements.

const SVG = "http://www.w3.org/2000/svg";

export function node(tag, attributes, parent) {
  const made = document.createElementNS(SVG, tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  if (parent) parent.append(made);
  return made;
}

// The colour of a run's marks, which the stylesheet reads as --own.
export const ownColour = (run) => `--own: var(--${run.colour === null ? "fit" : `run-${run.colour}`})`;

// One mark for each run, made anew for other runs. The first run's lies on top.
export class PerRun {
  constructor(tag, kind, role, parent, attributes = {}) {
    this.group = node("g", {}, parent);
    this.make = (run, first) => node(tag, {
      ...attributes, class: `${kind} own`, style: ownColour(run), "data-role": first ? role : `${role}-overlay`,
    });
    this.marks = [];
  }

  fit(runs) {
    const wanted = runs.map(ownColour).join();
    if (this.made === wanted) return;
    this.made = wanted;
    this.marks = runs.map((run, r) => this.make(run, r === 0));
    this.group.replaceChildren(...[...this.marks].reverse());
  }
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
