// One time machine on the page: where it stands, when it draws, and what it tells the server.
import { decode } from "./decode.js";
import { isDark } from "./colours.js";
import { CurvePanel } from "./curve.js";
import { SurfacePanel } from "./surface.js";
import { CostPanel, ParametersPanel } from "./lines.js";
import { Readout } from "./readout.js";
import { Transport } from "./transport.js";
import { download, pictureOf } from "./picture.js";
import { valueText } from "./labels.js";
import { lastUpTo, nearestIndex, snap } from "./steps.js";

const REST = 250;
const WIDE = 720;
const REACH = { mouse: 12, pen: 12, touch: 22 };

// Heights of the panels for a width of the whole; two columns grow with it, for a projector.
function heightsFor(width) {
  if (width < WIDE) return { fit: 330, surface: 340, parameters: 380, cost: 280 };
  const top = Math.round(Math.max(390, Math.min(540, width * 0.36)));
  return { fit: top, surface: top, parameters: 380, cost: 380 };
}

class TimeMachine {
  constructor(root) {
    this.root = root;
    this.index = -1;
    this.revision = -Infinity;
    this.ending = new AbortController();
    this.transport = new Transport(root, this, this.ending.signal);
    this.readout = new Readout(root);
    const make = { fit: CurvePanel, surface: SurfacePanel, parameters: ParametersPanel, cost: CostPanel };
    this.panels = Object.entries(make).map(([name, Panel]) => {
      const figure = root.querySelector(`[data-panel=${name}]`);
      const sheet = figure.querySelector("svg");
      const canvas = figure.querySelector("canvas");
      const panel = { name, figure, sheet, canvas, drawing: new Panel(sheet, canvas) };
      this.addSave(panel);
      this.addClick(panel);
      return panel;
    });
    this.watch = new ResizeObserver(() => {
      if (root.clientWidth !== this.width) this.redo();
    });
    this.watch.observe(root);
  }

  end() {
    this.ending.abort();
    this.watch.disconnect();
    cancelAnimationFrame(this.pending);
    clearTimeout(this.resting);
  }

  // ---- what the server says ----

  update({ data, setStateValue }) {
    const before = this.model;
    const stood = this.step();
    const wasLive = before && before.live;
    this.tell = (step) => setStateValue("step", step);
    this.model = decode(data, before);
    if (this.model.live && !wasLive) this.following = data.follow;
    const asked = data.step !== null && data.revision > this.revision;
    this.revision = Math.max(this.revision, data.revision);
    if (asked) this.known = data.step;

    const { steps } = this.model.runs[0] || { steps: [] };
    const newest = steps.length - 1;
    const { live, controls } = this.model;
    if (!controls || ((live || wasLive) && this.following && (!before || !asked))) this.index = newest;
    else if (asked && !this.held) this.goFrom(nearestIndex(steps, data.step));
    else if (stood === null) this.index = newest;
    else this.index = nearestIndex(steps, stood);

    // A position that the data moved comes to rest like one that the user moved, except
    // while following: there it moves all the time.
    const moved = before && stood !== null && this.step() !== stood && !asked;
    if (controls && ((moved && !(live && this.following)) || (wasLive && !live))) this.restSoon(REST);
    if (!live) this.following = false;
    this.transport.press("follow", Boolean(this.following));
    this.redo();
  }

  goFrom(index) {
    this.index = index;
    this.following = false;
    this.stop();
  }

  // ---- where it stands ----

  get run() {
    return this.model && this.model.runs[0];
  }

  step() {
    return this.run && this.index >= 0 ? this.run.steps[this.index] : null;
  }

  goTo(index) {
    if (!this.run || index < 0) return;
    this.index = Math.min(index, this.run.steps.length - 1);
    if (this.following) {
      this.following = false;
      this.transport.press("follow", false);
    }
    this.request();
  }

  scrub(to, from) {
    this.stop();
    this.goTo(snap(this.run.steps, to, from));
    if (!this.held) this.restSoon(REST);
  }

  hold() {
    this.held = true;
    this.stop();
    clearTimeout(this.resting);
  }

  release() {
    this.held = false;
    // The last input event of a drag can follow the pointer's release.
    this.restSoon(0);
  }

  act(action) {
    if (!this.run || this.index < 0) return;
    const last = this.run.steps.length - 1;
    if (action === "play") {
      if (this.playing) this.stop(true);
      else this.play();
      return;
    }
    if (action === "loop") {
      this.looping = !this.looping;
      this.transport.press("loop", this.looping);
      return;
    }
    this.stop();
    const target = {
      first: 0,
      back: Math.max(0, this.index - 1),
      forward: this.index + 1,
      last,
      best: this.run.best,
      follow: this.following ? this.index : last,
    }[action];
    const follow = action === "follow" && !this.following;
    this.goTo(target);
    this.following = follow;
    this.transport.press("follow", follow);
    this.restSoon(REST);
  }

  play() {
    clearTimeout(this.resting);
    if (this.index === this.run.steps.length - 1) this.goTo(0);
    this.playing = { since: performance.now(), due: 0 };
    this.transport.showPlaying(true);
    this.request();
  }

  stop(rest = false) {
    if (!this.playing) return;
    this.playing = null;
    this.transport.showPlaying(false);
    if (rest) this.restSoon(REST);
  }

  // Moves on by as many checkpoints as are due at this frame: fast playing skips some, slow playing waits.
  advance(now) {
    const { playing } = this;
    playing.due += (Math.max(0, now - playing.since) / 1000) * Number(this.transport.speed.value);
    playing.since = now;
    const hops = Math.floor(playing.due);
    playing.due -= hops;
    const last = this.run.steps.length - 1;
    const next = this.index + hops;
    if (next > last && this.looping) this.goTo(next % (last + 1));
    else if (hops) this.goTo(next);
    if (next >= last && !this.looping) this.stop(true);
  }

  // ---- rest ----

  restSoon(delay) {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), delay);
  }

  rest() {
    const step = this.step();
    if (this.held || this.playing || step === null) return;
    this.root.querySelector("[data-role=announcer]").textContent = valueText(this.run, this.index);
    this.describe();
    if (step === this.known) return;
    this.known = step;
    this.tell(step);
  }

  // ---- drawing ----

  request() {
    if (!this.pending) this.pending = requestAnimationFrame((now) => this.frame(now));
  }

  redo() {
    this.stale = true;
    this.request();
  }

  frame(now) {
    this.pending = 0;
    if (this.playing) this.advance(now);
    if (this.stale) this.layout();
    if (this.stale) return;
    const at = this.positions();
    for (const { drawing } of this.panels) drawing.draw(this.model, at);
    this.readout.draw(this.model, at);
    this.transport.draw(this.model, this.index);
    this.root.dataset.step = this.step() === null ? "" : this.step();
    this.root.dataset.drawn = performance.now();
    if (this.playing) this.request();
  }

  // Index of the checkpoint to show, for each run: the second run shows its last one up to this step.
  positions() {
    const second = this.model.runs[1];
    return [this.index, second && this.index >= 0 ? lastUpTo(second.steps, this.step()) : -1];
  }

  // All that stays the same from step to step; done again for new data, another size, another theme.
  layout() {
    const { root, model } = this;
    this.width = root.clientWidth;
    // Without a width (in a closed tab) there is nothing to draw; the ResizeObserver comes back.
    if (!model || !this.width) return;
    const wide = this.width >= WIDE;
    const styles = getComputedStyle(root);
    // Streamlit's header covers what scrolls below it; embedded pages have none.
    const header = document.querySelector("[data-testid=stHeader]");
    root.style.setProperty("--header", `${header ? header.offsetHeight : 0}px`);
    const dark = isDark(styles.getPropertyValue("--st-background-color").trim());
    root.classList.toggle("dark", dark);
    root.classList.toggle("wide", wide);
    root.classList.toggle("narrow", !wide);
    root.classList.toggle("still", !model.controls);
    const empty = this.index < 0;
    root.querySelector(".waiting").hidden = !(empty && model.live);
    this.transport.layout(model);
    this.readout.layout(model);
    const heights = heightsFor(this.width);
    const widths = this.panels.map(({ figure }) => Math.floor(figure.clientWidth));
    this.panels.forEach(({ name, sheet, drawing }, i) => {
      sheet.setAttribute("width", widths[i]);
      sheet.setAttribute("height", heights[name]);
      drawing.layout(model, widths[i], heights[name], dark);
    });
    this.stale = false;
    if (!this.held && !this.playing) this.describe();
  }

  describe() {
    const at = this.positions();
    for (const { sheet, drawing } of this.panels) {
      sheet.setAttribute("aria-label", drawing.describe(this.model, at));
    }
  }

  // ---- panels one can click ----

  addClick({ name, sheet, drawing }) {
    const { signal } = this.ending;
    if (name === "fit") return;
    const near = (event) => drawing.pick(event.clientX, event.clientY, REACH[event.pointerType] || REACH.mouse);
    sheet.addEventListener("click", (event) => {
      if (!this.run || !this.model.controls || this.index < 0) return;
      const index = drawing.pick ? near(event) : nearestIndex(this.run.steps, drawing.step(event.clientX));
      if (index < 0) return;
      this.stop();
      this.goTo(index);
      this.restSoon(0);
    }, { signal });
    if (drawing.pick) {
      sheet.addEventListener("pointermove", (event) => {
        sheet.classList.toggle("near", Boolean(this.model && this.model.controls) && near(event) >= 0);
      }, { signal });
    }
  }

  addSave({ name, figure, sheet, canvas }) {
    const caption = figure.querySelector("figcaption");
    const title = caption.textContent.trim();
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "save", textContent: "image" });
    button.title = `Save “${title}” as an SVG image`;
    button.setAttribute("aria-label", button.title);
    caption.append(button);
    button.addEventListener("click", () => {
      const step = this.step();
      const words = step === null ? "" : valueText(this.run, this.index);
      const paper = getComputedStyle(this.root).getPropertyValue("--st-background-color").trim();
      const fileName = `${name}-step-${step === null ? "none" : step}.svg`;
      download(pictureOf(sheet, canvas, title, words, paper), fileName);
    }, { signal: this.ending.signal });
  }
}

// Streamlit calls the default export again on the same element at each change of data or theme.
const machines = new WeakMap();

export default function timemachine(component) {
  const { parentElement } = component;
  const root = parentElement.querySelector("[data-role=timemachine]");
  let machine = machines.get(parentElement);
  if (!machine || machine.root !== root) {
    if (machine) machine.end();
    machine = new TimeMachine(root);
    machines.set(parentElement, machine);
  }
  machine.update(component);
  return () => {
    machine.end();
    machines.delete(parentElement);
  };
}
