// The settings at the left: sliders with numbers, which say the same as the picture and follow it.

const POINTS = "Points, range and seed";
const DROP = "Drop my CSV";

// The number that somebody typed, with a comma or a point before its fraction; NaN for what is none. A whole one
// has no fraction, and may have commas between its thousands.
export function numberIn(text, whole) {
  const typed = text.trim().replace("−", "-");
  if (!typed) return NaN;
  if (!whole) return Number(typed.replace(",", "."));
  const digits = typed.replace(/,(?=\d{3}(?:,|$))/g, "");
  const number = /^-?\d+\.\d{3}$/.test(digits) ? NaN : Number(digits); // 2.000 is 2 to some, 2,000 to others
  return Number.isInteger(number) ? number : NaN;
}

export class Panel {
  // `say(event, ...words)`: "preview" of values while a hand moves, "settled" when it rests, "asked" for an action.
  constructor(root, say, signal) {
    this.root = root;
    this.say = say;
    this.signal = signal;
    this.fields = new Map();
    this.values = {};
    for (const button of root.querySelectorAll("[data-ask]")) {
      button.addEventListener("click", () => say("asked", button.dataset.ask), { signal });
    }
  }

  // Builds the fields once; later calls change what they show, but for one that a hand holds.
  update({ fields, values, words, status }, obey) {
    if (!this.fields.size) for (const field of fields) this.add(field);
    if (obey) {
      this.values = { ...values };
      for (const [name, field] of this.fields) if (!field.held) field.show(values[name]);
    }
    const find = (role) => this.root.querySelector(`[data-role=${role}]`);
    find("points").textContent = words.points;
    // Points of one's own have no truth that could be set.
    for (const part of ["[data-group=data]", ".formula", ".of-truth"]) this.root.querySelector(part).hidden = words.own;
    this.root.querySelector("[data-ask=points]").textContent = words.own ? DROP : POINTS;
    this.state(status, find("status"));
  }

  state({ words, done, total, can, trouble }, line) {
    line.textContent = trouble || words;
    line.classList.toggle("trouble", Boolean(trouble));
    const moving = can.includes("stop");
    this.root.querySelector(".progress").style.visibility = moving ? "visible" : "hidden";
    this.root.querySelector(".progress span").style.width = `${total ? (100 * done) / total : 0}%`;
    for (const name of ["train", "resume", "pause", "stop"]) {
      this.root.querySelector(`[data-ask=${name}]`).hidden = !can.includes(name);
    }
    // Of two that train, the one that continues what is in sight comes first.
    this.root.querySelector("[data-ask=train]").classList.toggle("primary", !can.includes("resume"));
  }

  // A value that the picture has set.
  set(changes) {
    Object.assign(this.values, changes);
    for (const name in changes) this.fields.get(name).show(changes[name]);
  }

  add(field) {
    const made = field.choices ? new Choice(field) : new Slider(field);
    this.root.querySelector(`[data-group=${field.part}]`).append(made.element);
    this.fields.set(field.name, made);
    const take = (value) => {
      this.values[field.name] = value;
    };
    made.listen(
      (value) => { take(value); this.say("preview", { [field.name]: value }); },
      (value) => { take(value); this.say("settled"); },
      this.signal,
    );
  }
}

class Slider {
  constructor({ name, label, help, low, high, step, log, stops, least, most, whole }) {
    Object.assign(this, { low, high, step, log, stops, least, most, whole, held: false });
    this.element = made("div", "field");
    const id = `playground-${name}`;
    const title = made("label", "name", label);
    Object.assign(title, { htmlFor: id, title: help });
    this.number = made("input", "number");
    Object.assign(this.number, { id, type: "text", inputMode: "decimal", autocomplete: "off", title: help });
    this.range = made("input", "range");
    const [min, max] = stops ? [0, stops.length - 1] : log ? [Math.log10(low), Math.log10(high)] : [low, high];
    Object.assign(this.range, { type: "range", min, max, step: stops ? 1 : log ? 0.05 : step });
    this.range.setAttribute("aria-label", label);
    this.element.append(title, this.number, this.range);
  }

  get value() {
    const place = Number(this.range.value);
    if (this.stops) return this.stops[place];
    if (this.log) return Number((10 ** place).toPrecision(2));
    return Number(place.toFixed(6));
  }

  listen(moved, settled, signal) {
    const on = (target, type, act) => target.addEventListener(type, act, { signal });
    on(this.range, "input", () => {
      this.held = true;
      this.write(this.value);
      moved(this.value);
    });
    on(this.range, "change", () => {
      this.held = false;
      settled(this.value);
    });
    on(this.number, "focus", () => { this.held = true; });
    on(this.number, "blur", () => { this.held = false; });
    on(this.number, "keydown", (event) => { if (event.key === "Enter") this.number.blur(); });
    on(this.number, "change", () => {
      const value = numberIn(this.number.value, this.whole);
      const fits = Number.isFinite(value) && value >= this.least && value <= this.most;
      this.held = false;
      if (!fits) {
        this.show(this.last);
        return;
      }
      this.show(value);
      settled(value);
    });
  }

  show(value) {
    this.last = value;
    const place = this.stops
      ? this.stops.reduce((best, stop, i) => (Math.abs(stop - value) < Math.abs(this.stops[best] - value) ? i : best), 0)
      : this.log ? Math.log10(value) : value;
    this.range.value = place;
    this.write(value);
  }

  write(value) {
    this.number.value = String(value).replace("-", "−");
    this.range.setAttribute("aria-valuetext", String(value));
    const { min, max, value: place } = this.range;
    this.range.style.setProperty("--share", (place - min) / (max - min));
  }
}

class Choice {
  constructor({ name, label, help, choices }) {
    this.element = made("div", "field choice");
    const id = `playground-${name}`;
    const title = made("label", "name", label);
    Object.assign(title, { htmlFor: id, title: help });
    this.select = made("select", "");
    this.select.id = id;
    this.select.append(...choices.map((each) => new Option(each, each)));
    this.element.append(title, this.select);
  }

  listen(_moved, settled, signal) {
    this.select.addEventListener("change", () => settled(this.select.value), { signal });
  }

  show(value) {
    this.select.value = value;
  }
}

function made(tag, kind, words = "") {
  const element = document.createElement(tag);
  element.className = kind;
  element.textContent = words;
  return element;
}
