// The time machine over anybody's checkpoints: one slider, every view of the step on it.
import { mounted, underHeader } from "../../../ui/mounted.js";
import { isDark, shadesOf } from "../../../ui/timemachine/colours.js";
import { Curves, MOST_CURVES } from "./curves.js";
import { Rows } from "./rows.js";
import { cellOf, short, unpack, whole } from "./unpack.js";
import { drawHistogram, drawWeights, palette, pointAt } from "./weights.js";

const REST = 250;
const CURVES = 240; // pixels of height
const COUNTS = new Set(["zeros", "bad"]);
const NUMBERS = [["norm", "norm"], ["mean", "mean"], ["spread", "std"], ["min", "min"], ["max", "max"], ["zeros", "zeros"], ["NaN, ∞", "bad"]];

export class Scrubber {
  constructor(root) {
    this.root = root;
    this.index = -1;
    this.version = "";
    this.ending = new AbortController();
    const { signal } = this.ending;
    const find = (selector) => root.querySelector(selector);
    this.slider = find(".slider");
    this.statistic = find(".statistic");
    this.curves = new Curves(find(".curves svg"));
    this.rows = new Rows(root, this, signal);
    this.drawn = [];
    this.slider.addEventListener("pointerdown", () => { this.held = true; this.playing(false); }, { signal });
    this.slider.addEventListener("input", () => this.goTo(Number(this.slider.value)), { signal });
    for (const type of ["pointerup", "pointercancel", "blur"]) {
      window.addEventListener(type, () => this.release(), { signal });
    }
    for (const button of root.querySelectorAll("[data-hop]")) {
      button.addEventListener("click", () => this.stopAt(this.index + Number(button.dataset.hop)), { signal });
    }
    this.play = find("[data-action=play]");
    this.play.addEventListener("click", () => this.playing(!this.timer), { signal });
    this.firstNan = find("[data-action=nan]");
    this.firstNan.addEventListener("click", () => this.stopAt(this.nanStep), { signal });
    this.statistic.addEventListener("change", () => this.redo(), { signal });
    find(".curves svg").addEventListener("click", (event) => this.goTo(this.curves.step(event.clientX)), { signal });
    this.picture = find(".weights canvas");
    this.point = find(".under");
    this.exact = find(".exact");
    this.slice = find(".slice");
    this.picture.addEventListener("pointermove", (event) => { this.over = event; this.pointOut(); }, { signal });
    this.picture.addEventListener("pointerleave", () => { this.over = null; this.pointOut(); }, { signal });
    this.slice.addEventListener("change", () => this.tell("slice", { of: this.model.tensors[this.chosen]?.key, text: this.slice.value }), { signal });
    this.watch = new ResizeObserver(() => { if (root.clientWidth !== this.width) this.redo(); });
    this.watch.observe(root);
  }

  end() {
    this.ending.abort();
    clearInterval(this.timer);
    this.watch.disconnect();
    cancelAnimationFrame(this.pending);
    clearTimeout(this.resting);
  }

  update({ data, setStateValue }) {
    this.tell = setStateValue;
    this.model = unpack(data, this.model);
    const last = this.model.names.length - 1;
    // While a series is still being read, or grows, who has not moved the slider sees its newest checkpoint.
    if (this.version !== data.series || !this.moved) {
      if (this.version !== data.series) this.moved = false;
      this.version = data.series;
      this.index = data.step >= 0 ? Math.min(data.step, last) : last;
      this.known = this.index;
      this.drawn = data.draw.slice(0, MOST_CURVES);
    }
    this.index = Math.max(0, Math.min(this.index, last));
    this.chosen = data.chosen;
    this.nanStep = data.marks.find(([, kind]) => kind === "nan")?.[0];
    this.firstNan.hidden = this.nanStep === undefined;
    this.root.classList.toggle("one", last === 0);
    this.redo();
  }

  goTo(index) {
    this.moved = true;
    this.index = Math.max(0, Math.min(index, this.model.names.length - 1));
    this.request();
    if (!this.held) this.restSoon(REST);
  }

  stopAt(index) {
    this.playing(false);
    this.goTo(index);
  }

  // Goes through the checkpoints by itself, from the beginning when it stands at the end.
  playing(on) {
    clearInterval(this.timer);
    const last = this.model.names.length - 1;
    this.timer = on ? setInterval(() => (this.index < last ? this.goTo(this.index + 1) : this.playing(false)), this.pace(last)) : 0;
    this.play.textContent = on ? "Pause" : "Play";
    this.play.setAttribute("aria-pressed", String(on));
    if (on && this.index === last) this.goTo(0);
  }

  // Milliseconds a checkpoint: the whole way takes between four and twenty seconds.
  pace(last) {
    return Math.max(20, Math.min(500, 8000 / Math.max(1, last)));
  }

  release() {
    if (!this.held) return;
    this.held = false;
    this.restSoon(0);
  }

  restSoon(delay) {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      if (this.held) return;
      this.root.querySelector("[data-role=announcer]").textContent = this.words();
      if (this.rows.sorted) this.rows.arrange();
      if (this.index === this.known) return;
      this.known = this.index;
      this.tell("step", this.index);
    }, delay);
  }

  choose(tensor) {
    // Somebody who ticked several compares them; else the curve follows the choice.
    if (this.drawn.length > 1 && !this.drawn.includes(tensor)) this.toggle(tensor);
    if (this.drawn.length <= 1) this.drawn = [tensor];
    this.redo();
    this.tell("look", this.model.tensors[tensor].key);
  }

  toggle(tensor) {
    const there = this.drawn.includes(tensor);
    this.drawn = there ? this.drawn.filter((each) => each !== tensor) : [...this.drawn, tensor].slice(-MOST_CURVES);
    this.redo();
  }

  words() {
    const { model, index, chosen } = this;
    const value = chosen >= 0 ? `, norm of ${model.tensors[chosen].name} ${short(cellOf(model, "norm", index, chosen))}` : "";
    return `${model.names[index]}, ${index + 1} of ${model.names.length}${value}`;
  }

  request() {
    if (!this.pending) this.pending = requestAnimationFrame(() => this.frame());
  }

  redo() {
    this.stale = true;
    this.request();
  }

  frame() {
    const began = performance.now();
    this.pending = 0;
    if (!this.model) return;
    if (this.stale && !this.layout()) return;
    const { model, index, root } = this;
    if (this.slider.value !== String(index)) this.slider.value = index;
    this.slider.setAttribute("aria-valuetext", this.words());
    root.querySelector(".where").textContent = model.names[index];
    root.querySelector(".place").textContent = `${index + 1} of ${model.names.length}`;
    root.querySelector(".said").textContent = model.words[index];
    root.querySelector(".said").title = model.words[index];
    root.querySelector(".since").textContent = index > 0 && model.steps ? `change since ${whole.format(model.steps[index - 1])}` : "change";
    this.curves.draw(index);
    this.rows.draw(index, this.chosen, this.drawn);
    if (model.look) {
      drawHistogram(this.histogram, model.look, index, this.ink);
      drawWeights(this.picture, model.look, index, this.colours);
      this.writeNumbers();
      this.writeExact();
    }
    root.dataset.step = index;
    const now = performance.now();
    root.dataset.took = now - began;
    root.dataset.drawn = now;
  }

  layout() {
    const { root, model } = this;
    this.width = root.clientWidth;
    if (!this.width) return false;
    underHeader(root);
    const styles = getComputedStyle(root);
    const dark = isDark(styles.getPropertyValue("--st-background-color").trim());
    root.classList.toggle("dark", dark);
    root.classList.toggle("narrow", this.width < 860);
    root.classList.toggle("phone", this.width < 480);
    this.colours = palette(shadesOf(root));
    this.ink = styles.getPropertyValue("--st-primary-color").trim();
    Object.assign(this.slider, { min: 0, max: model.names.length - 1 });
    const ticks = root.querySelector(".ticks");
    const span = Math.max(1, model.names.length - 1);
    ticks.replaceChildren(...model.marks.map(([step, kind]) => {
      const tick = document.createElement("span");
      tick.className = kind;
      tick.style.left = `${(100 * step) / span}%`;
      return tick;
    }));
    const figure = root.querySelector(".curves");
    const sheet = figure.querySelector("svg");
    const around = getComputedStyle(figure);
    const width = Math.floor(figure.clientWidth - parseFloat(around.paddingLeft) - parseFloat(around.paddingRight));
    sheet.setAttribute("width", width);
    sheet.setAttribute("height", CURVES);
    const drawn = this.drawn.filter((tensor) => tensor < model.tensors.length);
    this.curves.layout(model, drawn, this.statistic.value, width, CURVES);
    sheet.setAttribute("aria-label", `${this.statistic.value} over the checkpoints: ${drawn.map((t) => model.tensors[t].name).join(", ") || "none chosen"}`);
    this.rows.layout(model);
    const key = model.tensors[this.chosen]?.key;
    if (this.revealed !== key) this.rows.reveal(this.chosen);
    this.revealed = key;
    for (const row of this.rows.rows) row.at = -1;
    this.layoutLook();
    this.stale = false;
    return true;
  }

  // The numbers of the checkpoint on which the slider rests: of another one there are none.
  numbersHere() {
    const { numbers } = this.model;
    return numbers && numbers.step === this.index ? numbers : null;
  }

  pointOut() {
    const box = this.picture.getBoundingClientRect();
    const text = this.over && this.model.look
      ? pointAt(this.model.look, this.numbersHere(), (this.over.clientX - box.left) / box.width, (this.over.clientY - box.top) / box.height)
      : "";
    this.point.textContent = text || "\u00a0";
  }

  writeExact() {
    const { numbers } = this.model;
    this.exact.hidden = !numbers;
    if (!numbers) return;
    const here = this.numbersHere();
    if (document.activeElement !== this.slice && this.root.getRootNode().activeElement !== this.slice) this.slice.value = numbers.slice;
    this.exact.querySelector("pre").textContent = here ? numbers.lines : "";
    this.pointOut();
  }

  writeNumbers() {
    const { model, index, chosen } = this;
    const list = this.root.querySelector(".numbers");
    NUMBERS.forEach(([words, statistic], n) => {
      const entry = list.children[n] || list.appendChild(document.createElement("div"));
      if (!entry.children.length) entry.append(document.createElement("dt"), document.createElement("dd"));
      entry.children[0].textContent = words;
      const value = cellOf(model, statistic, index, chosen);
      entry.children[1].textContent = COUNTS.has(statistic) ? whole.format(value || 0) : short(value);
      if (statistic === "bad" && value > 0) entry.children[1].textContent += ` of ${whole.format(model.tensors[chosen].elements)}`;
      entry.classList.toggle("alarm", statistic === "bad" && value > 0);
    });
  }

  layoutLook() {
    const { root, model } = this;
    const section = root.querySelector(".look");
    section.hidden = !model.look;
    if (!model.look) return;
    this.histogram = section.querySelector(".histogram canvas");
    const { look } = model;
    const name = look.name;
    section.querySelector(".of").textContent = `Values of ${name}${look.planes > 1 ? `, slice ${look.plane + 1} of ${look.planes}` : ""}`;
    section.querySelector(".low").textContent = short(look.low);
    section.querySelector(".high").textContent = short(look.high);
    this.histogram.width = Math.max(64, Math.floor(section.querySelector(".histogram").clientWidth));
    this.histogram.height = 90;
    this.histogram.setAttribute("aria-label", `Histogram of ${name}, from ${short(look.low)} to ${short(look.high)}`);
    this.picture.setAttribute("aria-label", `The elements of ${name} as colours; what is no number is red`);
    this.picture.style.aspectRatio = `${look.width} / ${look.height}`;
    this.picture.classList.toggle("flat", look.height * 4 < look.width);
  }
}

export default mounted("scrubber", Scrubber);
