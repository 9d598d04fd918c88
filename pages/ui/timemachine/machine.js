// One time machine on the page: it joins the server's words, the hand on the slider and the drawing.
import { decode, insideOf } from "./decode.js";
import { valueText } from "./labels.js";
import { Position } from "./position.js";
import { nearestIndex } from "./steps.js";
import { Transport } from "./transport.js";
import { Views } from "./views.js";
import { Words } from "./words.js";

export class TimeMachine {
  constructor(root) {
    this.root = root;
    this.position = Position.START;
    this.ending = new AbortController();
    const send = (event, ...words) => this.happened(event, ...words);
    this.transport = new Transport(root, (event, ...words) => {
      if (words[0] === "inside") this.switch();
      else send(event, ...words);
    }, this.ending.signal);
    const pick = (step) => send("picked", nearestIndex(this.position.steps, step));
    this.views = this.createViews(root, pick, this.ending.signal);
    this.watch = new ResizeObserver(() => {
      if (this.whole && root.clientWidth !== this.views.width) this.redo();
    });
    this.watch.observe(root);
  }

  createViews(root, pick, signal) {
    return new Views(root, pick, signal);
  }

  end() {
    this.ending.abort();
    this.watch.disconnect();
    cancelAnimationFrame(this.pending);
    clearTimeout(this.resting);
  }

  update({ data, setStateValue }) {
    if (!this.whole) new Words(data.words).dress(this.root);
    this.whole = decode(data, this.whole);
    this.transport.words = this.whole.words;
    this.tell = (step) => {
      if (data.address) replaceStep(step);
      setStateValue("step", step);
    };
    const run = this.whole.runs[0];
    const news = { ...data, ...stopsOf(run), inner: run && run.inner && stopsOf(run.inner) };
    this.happened("told", news);
    this.redo();
  }

  // Into the first pass, or out of it.
  switch() {
    const run = this.whole.runs[0];
    this.happened("switched", stopsOf(this.position.inside ? run : run.inner));
    this.redo();
  }

  // What is drawn: the runs, or the updates inside the first pass of one.
  get model() {
    return this.position.inside ? insideOf(this.whole) : this.whole;
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
    const { model } = this;
    const words = valueText(model.runs[0], this.position.index, model);
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
    const { model } = this;
    if (this.position.playing) this.happened("ticked", now, this.transport.rate());
    const { index, held } = this.position;
    const anew = this.stale;
    if (anew) {
      if (!this.views.layout(model)) return;
      const [run] = this.whole.runs;
      this.transport.layout(model, Boolean(run && run.inner) && !this.position.alone);
      this.stale = false;
    }
    // While it plays, most frames find it where the last one drew it.
    if (anew || index !== this.drawn) {
      this.views.draw(index);
      this.transport.draw(model, index);
      this.drawn = index;
    }
    if (anew && !held) this.views.describe();
    const step = Position.stepOf(this.position);
    this.root.dataset.step = step === null ? "" : step;
    this.root.dataset.drawn = performance.now();
  }
}

// The address has the step before the server would put it there: that would be another entry of the browser's
// history at every rest, and Back would lead through all of them.
function replaceStep(step) {
  const address = new URL(location.href);
  address.searchParams.set("step", step);
  history.replaceState(history.state, "", address);
}

const stopsOf = ({ steps, best } = { steps: [], best: -1 }) => ({ steps, best });
