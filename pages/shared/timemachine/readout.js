// The numbers of the current stop, in columns that keep their width, and the names of its files.
import { checkpointName, fixed, placeText, runText, significant, signed, unreadable, valueWords } from "./labels.js";
import { ownColour } from "./svg.js";

const THIS = { iteration: "this checkpoint", update: "this update" };
const NOTHING = ["—", "—", "—"];

export class Readout {
  constructor(root) {
    const find = (role) => root.querySelector(`[data-role=${role}]`);
    this.head = root.querySelector("[data-role=values] thead");
    this.body = root.querySelector("[data-role=values] tbody");
    this.legend = find("runs");
    this.files = find("files");
    this.filesTitle = root.querySelector(".files-title");
    this.torn = find("torn");
  }

  // One row for each run, the difference of two, the optimum, and how far the first run is from it.
  layout(model) {
    const { runs, optimum } = model;
    const [first] = runs;
    const several = runs.length > 1;
    const rows = runs.map((run, r) => ({
      words: several ? run.label : THIS[run.unit], kind: "now", name: r ? `overlay-${r}` : "run",
      run: several && run, aside: run.otherPoints ? "other points" : "",
    }));
    if (runs.length === 2) rows.push({ words: "difference", name: "difference" });
    if (optimum) rows.push({ words: "least-squares optimum", kind: first ? "rule" : "", name: "optimum" });
    if (optimum && first) {
      rows.push({ words: several ? "minus the optimum" : "deviation from it", name: "deviation", run: several && first });
    }
    const unit = first ? first.unit : "iteration";
    const head = document.createElement("tr");
    head.append(...["", unit, "h", "v", "cost"].map((words) => cell("th", words)));
    head.lastChild.innerHTML = '<span class="long">mean squared error</span><span class="short">cost</span>';
    this.head.replaceChildren(head);
    this.cells = {};
    this.body.replaceChildren(...rows.map((row) => this.row(row)));
    this.legend.hidden = !several;
    this.legend.replaceChildren(...(several ? runs.map(legendItem) : []));
    this.files.replaceChildren(...model.files.map(() => document.createElement("li")));
    this.filesTitle.textContent = unit === "update" ? "Inside the first pass" : "Files of this checkpoint";
    if (unit === "update") {
      const item = document.createElement("li");
      item.className = "words";
      item.textContent = first.source || "Each stop is one update, by one batch of samples.";
      this.files.replaceChildren(item);
    }
    if (optimum) this.fill("optimum", ["", fixed(optimum[0], 5), fixed(optimum[1], 5), significant(optimum[2], 5)]);
  }

  row({ words, kind = "", name, run, aside = "" }) {
    const row = document.createElement("tr");
    row.className = kind;
    row.dataset.row = name;
    const title = cell("th", run ? "" : words);
    title.scope = "row";
    title.title = run ? runText(run) : words;
    if (run) title.append(made("span", "run", swatch(run), made("span", "label", words), made("small", "", aside)));
    this.cells[name] = NOTHING.concat("").map(() => cell("td", ""));
    row.append(title, ...this.cells[name]);
    return row;
  }

  fill(name, words) {
    const cells = this.cells[name];
    if (cells) words.forEach((text, i) => { if (cells[i].textContent !== text) cells[i].textContent = text; });
  }

  draw(model, at) {
    const [first, second] = model.runs;
    if (!first || at[0] < 0) return;
    model.runs.forEach((run, r) => {
      const stands = at[r] >= 0;
      const words = stands ? valueWords(run, at[r], 5, 5) : NOTHING;
      this.fill(r ? `overlay-${r}` : "run", [stands ? shortPlace(run, at[r]) : "—", ...words]);
    });
    const name = checkpointName(first, at[0], model);
    model.files.forEach((suffix, i) => { this.files.children[i].textContent = name + suffix; });
    const reason = first.torn.get(first.steps[at[0]]);
    this.torn.textContent = reason === undefined ? "" : `${placeText(first, at[0], model)} is torn: ${reason}`;
    const now = values(first, at[0]);
    if (model.optimum) this.fill("deviation", ["", ...differences(now, model.optimum)]);
    if (model.runs.length === 2) this.fill("difference", ["", ...differences(now, values(second, at[1]))]);
  }
}

// The last stop repeats the last iteration, and says so.
function shortPlace(run, index) {
  const closes = run.steps[index] === run.finalStep;
  return closes ? `final = ${run.iterations[index]}` : String(run.iterations[index]);
}

// The values of a checkpoint; null where there is none or it cannot be read.
function values(run, index) {
  return index < 0 || unreadable(run, index) ? null : [run.h[index], run.v[index], run.cost[index]];
}

function differences(a, b) {
  if (!a || !b) return NOTHING;
  const cost = a[2] - b[2];
  const words = significant(cost, 3);
  return [signed(a[0] - b[0], 5), signed(a[1] - b[1], 5), cost > 0 ? `+${words}` : words];
}

function legendItem(run) {
  const item = document.createElement("li");
  item.append(swatch(run), runText(run));
  return item;
}

function swatch(run) {
  const spot = made("span", "swatch");
  spot.setAttribute("style", ownColour(run));
  return spot;
}

function cell(tag, words) {
  const one = made(tag, "", words);
  if (tag === "th") one.scope = "col";
  return one;
}

function made(tag, kind, ...inside) {
  const element = document.createElement(tag);
  element.className = kind;
  element.append(...inside);
  return element;
}
