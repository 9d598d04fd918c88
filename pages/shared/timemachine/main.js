// One time machine on the page: it joins the server's words, the hand on the slider and the drawing.
import { decode } from "./decode.js";
import { valueText } from "./labels.js";
import { Position } from "./position.js";
import { Transport } from "./transport.js";
import { Views } from "./views.js";

class TimeMachine {
  constructor(root) {
    this.root = root;
    this.position = Position.START;
    this.ending = new AbortController();
    const send = (event, ...words) => this.happened(event, ...words);
    this.transport = new Transport(root, send, this.ending.signal);
    this.views = new Views(root, (index) => send("picked", index), this.ending.signal);
    this.watch = new ResizeObserver(() => {
      if (this.model && root.clientWidth !== this.views.width) this.redo();
    });
    this.watch.observe(root);
  }

  end() {
    this.ending.abort();
    this.watch.disconnect();
    cancelAnimationFrame(this.pending);
    clearTimeout(this.resting);
  }

  update({ data, setStateValue }) {
    this.model = decode(data, this.model);
    this.tell = (step) => setStateValue("step", step);
    const { steps, best } = this.model.runs[0] || { steps: [], best: -1 };
    this.happened("told", { ...data, steps, best });
    this.redo();
  }

  happened(event, ...words) {
    const { position, redraw, rest, announce, tell } = Position[event](this.position, ...words);
    this.position = position;
    this.transport.show(position);
    if (rest !== undefined) clearTimeout(this.resting);
    if (typeof rest === "number") this.resting = setTimeout(() => this.happened("rested"), rest);
    if (redraw) this.request();
    if (announce) this.announce();
    if (tell !== undefined) this.tell(tell);
  }

  announce() {
    const words = valueText(this.model.runs[0], this.position.index);
    this.root.querySelector("[data-role=announcer]").textContent = words;
    this.views.describe();
  }

  request() {
    if (!this.pending) this.pending = requestAnimationFrame((now) => this.frame(now));
  }

  // Everything anew: for new data, another size, another theme.
  redo() {
    this.stale = true;
    this.request();
  }

  frame(now) {
    this.pending = 0;
    if (this.position.playing) this.happened("ticked", now, this.transport.rate());
    const { index, held, playing } = this.position;
    const anew = this.stale;
    if (anew) {
      if (!this.views.layout(this.model)) return;
      this.transport.layout(this.model);
      this.stale = false;
    }
    this.views.draw(index);
    this.transport.draw(this.model, index);
    if (anew && !held && !playing) this.views.describe();
    const step = Position.stepOf(this.position);
    this.root.dataset.step = step === null ? "" : step;
    this.root.dataset.drawn = performance.now();
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
