// The slider and its buttons: they say what the hand did, and show where the slider stands.
import { goneText, placeText, valueText, valueWords } from "./labels.js";
import { Position } from "./position.js";
import { offerSpeeds } from "./speeds.js";
import { stepRange } from "./steps.js";

const HINT = "Drag the slider, or click a curve to go there.";
const WHOLE_WAY = 8; // seconds, where there is no choice of the speed

export class Transport {
  // `send(event, ...words)` takes the events of Position; `signal` ends all listening.
  constructor(root, send, signal) {
    const find = (selector) => root.querySelector(selector);
    this.slider = find(".slider");
    this.passed = find(".passed");
    this.stretches = find(".stretches");
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
      const goal = Number(this.slider.value);
      send("scrubbed", goal, pointerAt === null ? this.step : pointerAt);
      if (pointerAt !== null) pointerAt = goal;
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
      listen(this.buttons[action], "click", () => send("pressed", action, performance.now()));
    }
  }

  // Checkpoints a second.
  rate(model) {
    return model.miniature ? Math.max(5, model.runs[0].steps.length / WHOLE_WAY) : Number(this.speed.value);
  }

  // Which buttons are pressed; and the step that a movement starts from.
  show(position) {
    const { play, loop, follow, inside } = this.buttons;
    this.step = Position.stepOf(position);
    const playing = Boolean(position.playing);
    if (this.playing !== playing) {
      play.classList.toggle("playing", playing);
      play.title = playing ? "Pause" : "Play";
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
    Object.assign(this.slider, { min: first, max: last, disabled: !run || !run.steps.length });
    Object.assign(this, { first, last });
    this.buttons.follow.hidden = !model.live;
    this.buttons.inside.hidden = !offersInside;
    const span = Math.max(1, last - first);
    const marks = [];
    const mark = (kind, from, to) => {
      const made = document.createElement("span");
      made.className = kind;
      // The rail is longer than the way of the thumb's middle by half a thumb at each end.
      made.style.left = from < first ? "calc(var(--thumb) / -2)" : `${(100 * (from - first)) / span}%`;
      made.style.right = to > last ? "calc(var(--thumb) / -2)" : `${(100 * (last - to)) / span}%`;
      marks.push(made);
    };
    if (run) {
      for (const [from, to] of run.gone) mark("gone-mark", from - 0.5, to + 0.5);
      for (const step of run.torn.keys()) mark("torn-mark", step, step);
    }
    this.stretches.replaceChildren(...marks);
    this.hint.textContent = (run && goneText(run.gone)) || HINT;
  }

  draw(model, index) {
    const run = model.runs[0];
    const empty = !run || index < 0;
    this.whereStep.textContent = empty ? (model.live ? "waiting for the first checkpoint" : "no checkpoint")
      : placeText(run, index, model);
    const words = empty ? ["", "", ""] : valueWords(run, index, 3, 3);
    words.forEach((text, i) => {
      this.whereValues[i].textContent = text;
      this.whereValues[i].parentElement.hidden = empty;
    });
    if (empty) return;
    const step = run.steps[index];
    if (this.slider.value !== String(step)) this.slider.value = step;
    this.slider.setAttribute("aria-valuetext", valueText(run, index, model));
    const share = this.last > this.first ? (step - this.first) / (this.last - this.first) : 1;
    this.passed.style.width = `calc(var(--thumb) / 2 + ${share} * (100% - var(--thumb)))`;
  }
}
