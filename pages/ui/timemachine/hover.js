// What lies under the pointer: a ring around the point, its values in a small box, and a click that goes there.
import { fixed, placeText, runText, valueWords } from "./labels.js";
import { move, node } from "./svg.js";

const REACH = { mouse: 14, pen: 14, touch: 22 };

export class Hover {
  // `shown()` gives { model, at, scale }, null while there is nothing; `pick(run, index)` is called at a click.
  constructor({ sheet, drawing, clicks }, shown, pick, signal) {
    Object.assign(this, { sheet, drawing, shown });
    this.box = document.createElement("div");
    Object.assign(this.box, { className: "tip", hidden: true });
    this.box.setAttribute("aria-hidden", "true");
    sheet.after(this.box);
    this.ring = node("circle", { class: "ring", r: 9, visibility: "hidden" }, sheet);
    const listen = (type, act) => sheet.addEventListener(type, act, { signal });
    listen("pointermove", (event) => this.over(event));
    listen("pointerleave", () => this.over(null));
    listen("click", (event) => {
      const found = clicks && this.find(event);
      if (found && found.run !== undefined) pick(found.run, found.index);
    });
  }

  // The point under the pointer, in pixels of the sheet: { x, y, run, index } or { x, y, sample }.
  find({ clientX, clientY, pointerType }) {
    const shown = this.shown();
    if (!shown) return null;
    const { model, at, scale } = shown;
    const corner = this.sheet.getBoundingClientRect();
    const reach = REACH[pointerType] || REACH.mouse;
    return this.drawing.pick(model, (clientX - corner.left) / scale, (clientY - corner.top) / scale, reach, at);
  }

  over(event) {
    this.last = event;
    const found = event && this.find(event);
    this.sheet.classList.toggle("near", Boolean(found));
    this.box.hidden = !found || event.pointerType === "touch";
    move(this.ring, found ? found.x : NaN, found ? found.y : NaN);
    if (this.box.hidden) return;
    const { model, scale } = this.shown();
    this.box.replaceChildren(...lines(model, found).map((words) => {
      const line = document.createElement("span");
      line.textContent = words;
      return line;
    }));
    // On the side of the point where there is more room.
    const [x, y] = [found.x * scale, found.y * scale];
    const right = x < this.sheet.clientWidth / 2;
    this.box.style.left = right ? `${x + 16 * scale}px` : "";
    this.box.style.right = right ? "" : `${this.sheet.clientWidth - x + 16 * scale}px`;
    this.box.style.top = `${Math.max(0, y - 24 * scale)}px`;
  }

  // The picture under a resting pointer has changed.
  again() {
    if (this.last) this.over(this.last);
  }
}

function lines(model, { run: r, index, sample }) {
  const { words } = model;
  if (sample) {
    const [x, y] = sample.map((value) => words.number(fixed(value, 3)));
    return [words.say("point"), `x ${x}`, `y ${y}`];
  }
  const run = model.runs[r];
  const [h, v, cost] = valueWords(run, index, 4, 4).map((text) => words.number(text));
  const own = model.runs.length > 1 ? [runText(run)] : [];
  return [...own, placeText(run, index, model), `h ${h}`, `v ${v}`, words.say("cost {cost}", { cost })];
}
