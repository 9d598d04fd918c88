// The true curve's vertex and the edge of the noise, to be dragged in the picture or moved with the arrow keys.
import { parabola } from "../../ui/timemachine/curve.js";
import { move, node } from "../../ui/timemachine/svg.js";

const DIAMOND = "M0 -10L10 0L0 10L-10 0Z";
const GRIP = "M-9 0H9";
const BESIDE = 0.14; // of the width of x: where the noise is taken hold of, beside the vertex
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const STEP = 0.1;
const NOISE_STEP = 0.05;

export class Vertex {
  // `panel` is the chart of the fit; `say("preview", changes)` while it moves, `say("settled")` when it rests.
  constructor({ sheet, drawing }, say, signal) {
    Object.assign(this, { sheet, drawing, say });
    const { frame } = drawing;
    this.band = node("path", { class: "band" }, frame.still);
    frame.still.prepend(this.band);
    this.grips = {
      vertex: this.grip(frame, "The true vertex", DIAMOND, "vertex", signal),
      noise: this.grip(frame, "The noise", GRIP, "noise", signal),
    };
  }

  grip(frame, name, shape, kind, signal) {
    const group = node("g", { class: `grip ${kind}`, tabindex: 0, role: "slider", "data-role": `grip-${kind}` }, frame.marks);
    group.dataset.name = name;
    node("circle", { class: "reach", r: 18 }, group);
    node("path", { class: "halo", d: shape }, group);
    node("path", { class: "shape", d: shape }, group);
    // The diamond is in the key of the chart; the dash is nowhere else.
    if (kind === "noise") node("text", { class: "grip-name", x: 13, y: 4, "aria-hidden": true }, group).textContent = "noise";
    const on = (type, act) => group.addEventListener(type, act, { signal });
    on("pointerdown", (event) => {
      event.preventDefault();
      group.setPointerCapture(event.pointerId);
      group.focus();
      this.holding = kind;
    });
    on("pointermove", (event) => { if (this.holding === kind) this.drag(kind, event); });
    const release = () => {
      if (this.holding !== kind) return;
      this.holding = null;
      this.say("settled");
    };
    on("pointerup", release);
    on("pointercancel", release);
    on("keydown", (event) => {
      const way = KEYS[event.key];
      if (!way) return;
      event.preventDefault();
      this.nudge(kind, way);
    });
    return group;
  }

  // Where the pointer is, in the units of the data.
  place({ clientX, clientY }) {
    const corner = this.sheet.getBoundingClientRect();
    const scale = corner.width / this.sheet.viewBox.baseVal.width;
    const { frame } = this.drawing;
    const x = (clientX - corner.left) / scale - frame.left;
    const y = (clientY - corner.top) / scale - frame.top;
    return [frame.x.back(Math.max(0, Math.min(frame.width, x))), frame.y.back(Math.max(0, Math.min(frame.height, y)))];
  }

  drag(kind, event) {
    const [x, y] = this.place(event);
    if (kind === "vertex") this.say("preview", { h: round(x, 2), v: round(y, 2) });
    else this.say("preview", { noise: round(Math.max(0, y - this.curve(this.noiseAt())), 2) });
  }

  nudge(kind, [across, up]) {
    const { h, v, noise } = this.truth;
    const change = kind === "vertex"
      ? { h: round(h + across * STEP, 2), v: round(v + up * STEP, 2) }
      : { noise: round(Math.max(0, noise + (up || across) * NOISE_STEP), 2) };
    this.say("preview", change);
    this.say("settled");
  }

  curve(x) {
    return (x - this.truth.h) ** 2 + this.truth.v;
  }

  noiseAt() {
    const { x } = this.drawing.frame;
    const beside = (x.d1 - x.d0) * BESIDE;
    return this.truth.h + beside < x.d1 ? this.truth.h + beside : this.truth.h - beside;
  }

  // Draws the band and the grips; none for points of one's own.
  draw(truth) {
    this.truth = truth;
    const { x, y } = this.drawing.frame;
    for (const kind in this.grips) this.grips[kind].setAttribute("visibility", truth ? "visible" : "hidden");
    if (!truth) {
      this.band.setAttribute("d", "");
      return;
    }
    const { h, v, noise } = truth;
    const upper = parabola(h, v + noise, x, y);
    const lower = parabola(h, v - noise, x, y);
    this.band.setAttribute("d", upper && lower ? `${upper} L${backwards(lower)}Z` : "");
    move(this.grips.vertex, x.at(h), y.at(v));
    const at = this.noiseAt();
    move(this.grips.noise, x.at(at), y.at(this.curve(at) + noise));
    this.describe("vertex", `h ${h}, v ${v}`, h);
    this.describe("noise", `${noise} in y`, noise);
  }

  describe(kind, words, value) {
    const grip = this.grips[kind];
    grip.setAttribute("aria-label", grip.dataset.name);
    grip.setAttribute("aria-valuetext", words);
    grip.setAttribute("aria-valuenow", value);
  }
}

const round = (value, digits) => Number(value.toFixed(digits));

// "Max ayQbx by cx cy" from its other end.
function backwards(path) {
  const [ax, ay, bx, by, cx, cy] = path.match(/-?[\d.]+(?:e-?\d+)?/g);
  return `${cx} ${cy}Q${bx} ${by} ${ax} ${ay}`;
}
