// One sweep on the page: which step and which cell it shows, when it draws, and what it tells the server.
import { mounted, underHeader } from "../../ui/mounted.js";
import { isDark } from "../../ui/timemachine/colours.js";
import { fixed, significant } from "../../ui/timemachine/labels.js";
import { offerSpeeds } from "../../ui/timemachine/speeds.js";
import { nearestIndex, snap } from "../../ui/timemachine/steps.js";
import { GridPanel } from "./grid.js";
import { HeatPanel } from "./heat.js";
import { whole } from "./held.js";
import { bestPlace, decodeSweep, indexIn, standing } from "./model.js";
import { CostsPanel, PathsPanel, SpreadPanel } from "./plots.js";

const REST = 250;
const WIDE = 900;
const HEATS = { cost: "final", distance: "distance" };
const PLOTS = { costs: CostsPanel, spread: SpreadPanel, paths: PathsPanel };

export class SweepMachine {
  constructor(root) {
    this.root = root;
    this.at = -1;
    this.pointed = -1;
    this.view = "fits";
    this.ending = new AbortController();
    const figure = (name) => root.querySelector(`[data-panel=${name}]`);
    this.grid = new GridPanel(figure("grid"));
    this.heats = Object.entries(HEATS).map(([name, field]) => new HeatPanel(figure(name), field));
    this.plots = Object.entries(PLOTS).map(([name, Panel]) => ({ figure: figure(name), drawing: new Panel(figure(name)) }));
    this.slider = root.querySelector(".slider");
    this.speed = root.querySelector(".speed select");
    offerSpeeds(this.speed);
    this.buttons = {};
    for (const button of root.querySelectorAll("[data-action]")) this.buttons[button.dataset.action] = button;
    this.listen();
    this.watch = new ResizeObserver(() => {
      if (root.clientWidth !== this.width) this.redo();
    });
    this.watch.observe(root);
  }

  end() {
    this.latest = null;
    this.ending.abort();
    this.watch.disconnect();
    cancelAnimationFrame(this.pending);
    clearTimeout(this.resting);
    // Streamlit can go on with the same element, on which the next one draws from the beginning.
    for (const drawing of this.root.querySelectorAll(".sheet svg")) drawing.replaceChildren();
  }

  // ---- what the server says ----

  update(component) {
    this.latest = component;
    whole(component.data).then((data) => {
      if (this.latest === component) this.show(data, component.setStateValue);
    });
  }

  show(data, setStateValue) {
    this.tell = (rest) => setStateValue("rest", rest);
    const before = this.model;
    const first = before && before.raw.sweep === data.sweep ? before : null;
    const stood = first && this.at >= 0 ? first.steps[this.at] : null;
    const same = before && (data.held ? before.raw.held === data.held : JSON.stringify(before.raw) === JSON.stringify(data));
    if (!same) this.model = decodeSweep(data);
    const { steps, cells } = this.model;
    const newest = Math.max(0, ...cells.map((cell) => cell.last));
    const wanted = stood === null ? data.step : stood;
    const following = first && first.live && this.at >= this.newest;
    this.at = wanted === null || following ? newest : nearestIndex(steps, wanted);
    this.newest = newest;
    if (!first) {
      this.pointed = data.cell === null ? -1 : data.cell;
      this.chosen = this.pointed;
      this.told = [data.step, this.chosen];
    }
    this.redo();
  }

  // ---- what the user does ----

  listen() {
    const { signal } = this.ending;
    const on = (target, type, act) => target.addEventListener(type, act, { signal });
    on(this.slider, "pointerdown", () => {
      this.held = true;
      this.stop();
      clearTimeout(this.resting);
    });
    on(this.slider, "input", () => {
      this.stop();
      this.goTo(snap(this.model.steps, Number(this.slider.value), this.model.steps[this.at]));
    });
    for (const type of ["pointerup", "pointercancel", "blur"]) {
      on(window, type, () => {
        if (!this.held) return;
        this.held = false;
        this.restSoon(0);
      });
    }
    for (const action in this.buttons) on(this.buttons[action], "click", () => this.act(action));
    const { canvases, frame } = this.grid;
    const [, sheet] = canvases;
    on(sheet, "pointermove", (event) => this.point(this.grid.cellAt(event.clientX, event.clientY)));
    on(sheet, "click", (event) => this.choose(this.grid.cellAt(event.clientX, event.clientY)));
    on(frame, "keydown", (event) => this.key(event));
    for (const heat of this.heats) {
      on(heat.sheet, "pointermove", (event) => this.point(heat.cellOf(event.target)));
      on(heat.sheet, "click", (event) => this.choose(heat.cellOf(event.target)));
    }
  }

  key(event) {
    const { columns } = this.model.shape;
    const hop = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (hop !== undefined) {
      event.preventDefault();
      const next = this.pointed < 0 ? 0 : this.pointed + hop;
      if (next < 0 || next >= this.model.count) return;
      this.point(next);
      this.grid.reveal(next);
      this.restSoon(REST);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.choose(this.pointed);
    }
  }

  point(c) {
    if (!this.model || c < 0 || c === this.pointed) return;
    this.pointed = c;
    this.request();
  }

  choose(c) {
    if (!this.model || c < 0) return;
    this.point(c);
    this.chosen = c;
    this.restSoon(0);
  }

  act(action) {
    if (!this.model || this.at < 0) return;
    const last = this.model.steps.length - 1;
    if (action === "fits" || action === "ways") {
      this.view = action === "ways" ? "paths" : "fits";
      this.redo();
      return;
    }
    if (action === "play") {
      if (this.playing) this.stop(true);
      else this.play(last);
      return;
    }
    this.stop();
    let target = { first: 0, back: Math.max(0, this.at - 1), forward: Math.min(last, this.at + 1), last }[action];
    if (action === "best") {
      const best = bestPlace(this.model.cells);
      if (best.cell < 0) return;
      target = best.at;
      this.pointed = best.cell;
    }
    this.goTo(target);
  }

  goTo(at) {
    this.at = at;
    this.request();
    if (!this.held) this.restSoon(REST);
  }

  play(last) {
    clearTimeout(this.resting);
    if (this.at >= last) this.at = 0;
    this.playing = { since: performance.now(), due: 0 };
    this.showPlaying();
    this.request();
  }

  stop(rest = false) {
    if (!this.playing) return;
    this.playing = null;
    this.showPlaying();
    if (rest) this.restSoon(REST);
  }

  showPlaying() {
    const { play } = this.buttons;
    play.classList.toggle("playing", Boolean(this.playing));
    play.title = this.playing ? "Pause" : "Play";
    play.setAttribute("aria-label", play.title);
  }

  advance(now) {
    const { playing } = this;
    playing.due += (Math.max(0, now - playing.since) / 1000) * Number(this.speed.value);
    playing.since = now;
    const hops = Math.floor(playing.due);
    playing.due -= hops;
    const last = this.model.steps.length - 1;
    this.at = Math.min(last, this.at + hops);
    if (this.at >= last) this.stop(true);
  }

  // ---- rest ----

  restSoon(delay) {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.rest(), delay);
  }

  rest() {
    if (this.held || this.playing || this.at < 0) return;
    const words = this.words();
    this.root.querySelector("[data-role=announcer]").textContent = words;
    const chooses = this.model.raw.alone ? "" : ", Enter chooses it";
    this.grid.frame.setAttribute("aria-label", `Grid of runs. ${words} Arrow keys point at a cell${chooses}.`);
    // While cells are still being trained, the page follows the newest step and keeps none.
    const step = this.model.live ? null : this.model.steps[this.at];
    if (this.told[0] === step && this.told[1] === this.chosen) return;
    this.told = [step, this.chosen];
    this.tell({ step, cell: this.chosen < 0 ? null : this.chosen });
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
    if (!this.model) return;
    if (this.playing) this.advance(now);
    if (this.stale) this.layout();
    if (this.stale || this.at < 0) return;
    this.grid.draw(this.at, this.pointed);
    for (const heat of this.heats) if (!heat.figure.hidden) heat.draw(this.pointed);
    for (const { figure, drawing } of this.plots) {
      if (!figure.hidden) drawing.draw(this.model, this.at, this.pointed);
    }
    this.slider.value = this.model.steps[this.at];
    const { style } = this.root.querySelector(".passed");
    const share = this.at / Math.max(1, this.model.steps.length - 1);
    style.width = `calc(var(--thumb) / 2 + ${share} * (100% - var(--thumb)))`;
    this.slider.setAttribute("aria-valuetext", `iteration ${this.model.steps[this.at]}`);
    this.root.querySelector(".where-step").textContent = `iteration ${this.model.steps[this.at]}`;
    this.root.querySelector("[data-role=here]").textContent = this.words();
    Object.assign(this.root.dataset, { step: this.model.steps[this.at], cell: this.pointed, drawn: performance.now() });
    if (this.playing) this.request();
  }

  // The cell that is pointed at, at this step, in words.
  words() {
    const cell = this.model.cells[this.pointed];
    if (!cell) return "Point at a cell to read its values.";
    const i = indexIn(cell, this.at);
    const how = standing(cell);
    if (i < 0) return `${cell.label}: ${how || "no iteration yet"}.`;
    const values = `h ${fixed(cell.h[i], 3)}, v ${fixed(cell.v[i], 3)}, cost ${significant(cell.cost[i], 3)}`;
    return `${cell.label}, iteration ${this.model.steps[i]}: ${values}${how ? `; ${how}` : ""}.`;
  }

  layout() {
    const { root, model } = this;
    this.width = root.clientWidth;
    if (!this.width) return;
    underHeader(root);
    const dark = isDark(getComputedStyle(root).getPropertyValue("--st-background-color").trim());
    root.classList.toggle("dark", dark);
    root.classList.toggle("wide", this.width >= WIDE);
    root.classList.toggle("narrow", this.width < 720);
    for (const [action, view] of [["fits", "fits"], ["ways", "paths"]]) {
      this.buttons[action].setAttribute("aria-pressed", String(this.view === view));
    }
    const { steps } = model;
    Object.assign(this.slider, { min: steps[0], max: steps[steps.length - 1], disabled: steps.length < 2 });
    this.grid.layout(model, this.view);
    const hasTruth = model.cells.some((cell) => cell.truth);
    const shown = { distance: hasTruth, spread: model.seeds !== null, paths: Boolean(model.surface) };
    for (const name in shown) root.querySelector(`[data-panel=${name}]`).hidden = !shown[name];
    for (const heat of this.heats) if (!heat.figure.hidden) heat.layout(model, Math.floor(heat.figure.clientWidth));
    for (const { figure, drawing } of this.plots) {
      if (!figure.hidden) drawing.layout(model, Math.floor(figure.clientWidth), dark);
    }
    this.stale = false;
  }
}

export default mounted("sweep", SweepMachine);
