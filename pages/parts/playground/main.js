// The Playground: settings, one slider over everything, and the files of the step, in one picture.
import { mounted } from "../../ui/mounted.js";
import { TimeMachine } from "../../ui/timemachine/machine.js";
import { Views } from "../../ui/timemachine/views.js";
import { Disk } from "./disk.js";
import { Panel } from "./panel.js";
import { Maker, optimum } from "./points.js";
import { Vertex } from "./vertex.js";

const TRUTH = ["h", "v", "noise"];

class Playground extends TimeMachine {
  constructor(root) {
    super(root);
    this.sent = 0; // settings that were told to the server
    const heard = (event, ...words) => this[event](...words);
    this.panel = new Panel(root, heard, this.ending.signal);
    this.vertex = new Vertex(this.views.panels[0], heard, this.ending.signal);
    for (const link of root.querySelectorAll("[data-go]")) {
      link.addEventListener("click", (event) => this.go(event, link.dataset.go), { signal: this.ending.signal });
    }
  }

  createViews(root, pick, signal) {
    this.disk = new Disk(root);
    return new Views(root, pick, signal, this.disk);
  }

  update(component) {
    const { panel, disk, maker } = component.data;
    this.tellSettings = (values) => component.setStateValue("settings", values);
    this.ask = (action) => component.setTriggerValue("action", action);
    if (maker && (!this.maker || this.maker.raw.x !== maker.x || this.maker.raw.draws !== maker.draws)) {
      this.maker = new Maker(maker);
    }
    // An answer to older settings than the last would pull the vertex out of the hand.
    const obey = panel.heard >= this.sent && !this.vertex.holding;
    this.panel.update(panel, obey);
    if (obey) this.ghost = null;
    this.own = panel.words.own;
    this.disk.update(disk);
    const [{ colour = null } = {}] = component.data.runs || [];
    this.root.style.setProperty("--first", colour === null ? "var(--fit)" : `var(--run-${colour})`);
    this.outcome = panel.outcome;
    super.update(component);
  }

  // The model as it is drawn: while the truth moves, with the points that it would make.
  get model() {
    return this.ghost ? { ...super.model, ...this.ghost } : super.model;
  }

  preview(changes) {
    this.panel.set(changes);
    if (!Object.keys(changes).some((name) => TRUTH.includes(name)) || !this.maker) return;
    const { h, v, noise } = this.panel.values;
    const { x } = this.maker;
    const y = this.maker.points({ h, v, noise });
    this.ghost = { x, y, truth: [h, v], optimum: optimum(x, y) };
    this.moved = true;
    this.request();
  }

  settled() {
    this.sent += 1;
    this.tellSettings({ ...this.panel.values, sent: this.sent });
  }

  asked(action) {
    this.ask(action);
  }

  // Through the menu's own link: the session goes with it, and nothing is loaded again.
  go(event, page) {
    event.preventDefault();
    const links = document.querySelectorAll("[data-testid=stSidebarNavLink]");
    const found = [...links].find((link) => new URL(link.href).pathname.endsWith(`/${page}`));
    if (found) found.click();
    else this.ask(`go ${page}`);
  }

  frame(now) {
    super.frame(now);
    if (!this.moved && !this.placed) return;
    const [fit, surface] = this.views.panels;
    if (this.moved && this.views.model) {
      fit.drawing.scatter(this.model);
      surface.drawing.goals(this.model);
    }
    this.moved = this.placed = false;
    const truth = this.own ? null : this.panel.values;
    this.vertex.draw(truth);
  }

  redo() {
    this.placed = true;
    const axis = this.position.inside ? "by update" : "by iteration";
    this.root.querySelector("[data-role=axis]").textContent = axis;
    this.root.querySelector("[data-role=outcome]").textContent = (!this.position.inside && this.outcome) || axis;
    super.redo();
  }
}

export default mounted("playground", Playground);
