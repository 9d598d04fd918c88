// The slider and its buttons: they say what the hand did, and show where the slider stands.
import { goneText, placeText, valueText, valueWords } from "./labels.js";
import { Position } from "./position.js";
import { offerSpeeds } from "./speeds.js";
import { stepRange } from "./steps.js";
import { Travel, keyAction, milestones } from "./travel.js";
import { ENGLISH } from "./words.js";

export class Transport {
  // `send(event, ...words)` takes the events of Position; `signal` ends all listening.
  constructor(root, send, signal) {
    const find = (selector) => root.querySelector(selector);
    this.slider = find(".slider");
    this.passed = find(".passed");
    this.stretches = find(".stretches");
    this.marks = find(".marks");
    this.goals = find(".goals"); // only the Playground has a place for them where they move nothing
    this.travel = new Travel();
    this.send = send;
    this.words = ENGLISH;
    this.speed = find(".speed select");
    offerSpeeds(this.speed);
    this.hint = find(".hint");
    this.whereStep = find(".where-step");
    this.whereValues = root.querySelectorAll(".where b");
    this.buttons = {};
    for (const button of root.querySelectorAll("[data-action]")) this.buttons[button.dataset.action] = button;

    // While a pointer drags, the direction is that of the pointer, not that of the thumb, which has
    // already jumped over a gap; keys move on from the thumb.
    let pointerAt = null;
    const listen = (target, type, act) => target.addEventListener(type, act, { signal });
    listen(this.slider, "pointerdown", () => {
      pointerAt = this.step;
      send("held");
    });
    listen(this.slider, "input", () => {
      const goal = this.travel.step(Number(this.slider.value));
      send("scrubbed", goal, pointerAt === null ? this.step : pointerAt);
      if (pointerAt !== null) pointerAt = goal;
    });
    listen(this.slider, "keydown", (event) => {
      const action = this.travel.early && keyAction(event.key);
      if (!action) return;
      event.preventDefault();
      send("pressed", action, performance.now());
    });
    const release = () => {
      if (pointerAt === null) return;
      pointerAt = null;
      send("released");
    };
    listen(window, "pointerup", release);
    // A touch that the browser takes over, for scrolling, ends without a pointerup.
    listen(window, "pointercancel", release);
    listen(window, "blur", release);
    for (const action in this.buttons) {
      const act = action === "early" ? () => this.rescale() : () => send("pressed", action, performance.now());
      listen(this.buttons[action], "click", act);
    }
  }

  // Checkpoints a second.
  rate() {
    return Number(this.speed.value);
  }

  // Which buttons are pressed; and the step that a movement starts from.
  show(position) {
    const { play, loop, follow, inside } = this.buttons;
    this.step = Position.stepOf(position);
    // A key into a gap asked for no step: the thumb goes back to where it stands.
    if (!position.held && this.step !== null && this.travel) this.slider.value = String(this.travel.value(this.step));
    const playing = Boolean(position.playing);
    if (this.playing !== playing) {
      play.classList.toggle("playing", playing);
      play.title = playing ? this.words.say("Pause") : this.words.say("Play");
      play.setAttribute("aria-label", play.title);
    }
    this.playing = playing;
    loop.setAttribute("aria-pressed", String(position.looping));
    follow.setAttribute("aria-pressed", String(position.following));
    inside.setAttribute("aria-pressed", String(position.inside));
  }

  // `offersInside` says whether there are updates inside the first pass to go to, or to come back from.
  layout(model, offersInside) {
    const run = model.runs[0];
    const [first, last] = run ? stepRange(run) : [0, 0];
    this.model = model;
    this.travel.set(first, last);
    const [min, max] = this.travel.range;
    Object.assign(this.slider, { min, max, disabled: !run || !run.steps.length });
    this.buttons.early.setAttribute("aria-pressed", String(this.travel.early));
    this.buttons.follow.hidden = !model.live;
    this.buttons.inside.hidden = !offersInside;
    const made = [];
    const mark = (kind, from, to) => {
      const one = document.createElement("span");
      one.className = kind;
      // The rail is longer than the way of the thumb's middle by half a thumb at each end.
      one.style.left = from < first ? "calc(var(--thumb) / -2)" : `${100 * this.travel.share(from)}%`;
      one.style.right = to > last ? "calc(var(--thumb) / -2)" : `${100 * (1 - this.travel.share(to))}%`;
      made.push(one);
    };
    if (run) {
      for (const [from, to] of run.gone) mark("gone-mark", from - 0.5, to + 0.5);
      for (const step of run.torn.keys()) mark("torn-mark", step, step);
    }
    this.stretches.replaceChildren(...made);
    this.milestones = run ? milestones(run, model.optimum, model.words) : [];
    this.marks.replaceChildren(...this.milestones.map((each) => this.milestone(run, each)));
    // While it trains nobody knows the final cost.
    if (this.goals) this.goals.replaceChildren(...(model.live ? [] : this.milestones.map((each) => this.goal(each))));
    const gone = run && goneText(run.gone, model.words);
    this.hint.textContent = gone || model.words.say("Drag the slider, or click a curve to go there.");
  }

  // A step that is worth going to: its name shows under the pointer, a click goes there.
  milestone(run, { index, words }) {
    // For the pointer alone: it is too small for a finger, and the slider says the same words to who hears it.
    const mark = document.createElement("span");
    Object.assign(mark, { className: "milestone", title: words });
    mark.style.left = `${100 * this.travel.share(run.steps[index])}%`;
    mark.addEventListener("click", () => this.send("picked", index));
    return mark;
  }

  // The same in words, for a finger and for who reads.
  goal({ index, short, words }) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "milestone-link", textContent: short, title: words });
    button.addEventListener("click", () => this.send("picked", index));
    return button;
  }

  // The other way to lay the steps on the slider.
  rescale() {
    this.travel.toggle();
    this.layout(this.model, !this.buttons.inside.hidden);
    if (this.drawn !== undefined) this.draw(this.model, this.drawn);
  }

  draw(model, index) {
    this.drawn = index;
    const run = model.runs[0];
    const empty = !run || index < 0;
    const { words } = model;
    const nothing = model.live ? words.say("waiting for the first checkpoint") : words.say("no checkpoint");
    this.whereStep.textContent = empty ? nothing : placeText(run, index, model);
    const values = empty ? ["", "", ""] : valueWords(run, index, 3, 3);
    values.forEach((text, i) => {
      this.whereValues[i].textContent = words.number(text);
      this.whereValues[i].parentElement.hidden = empty;
    });
    if (empty) return;
    const step = run.steps[index];
    const value = String(this.travel.value(step));
    if (this.slider.value !== value) this.slider.value = value;
    const here = this.milestones.filter((each) => each.index === index).map((each) => `. ${each.words}`);
    this.slider.setAttribute("aria-valuetext", valueText(run, index, model) + here.join(""));
    this.passed.style.width = `calc(var(--thumb) / 2 + ${this.travel.share(step)} * (100% - var(--thumb)))`;
  }
}
