// The numbers of the current stop, in columns that keep their width, and the names of its files.
import { NOTHING, checkpointName, differenceWords, fixed, placeText, runText, significant, unreadable, valueWords } from "./labels.js";
import { ownColour } from "./svg.js";

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

  // One row for each run and the difference of two; then the optimum and the truth, and how far each run is from them.
  layout(model) {
    const { runs, optimum, truth, words } = model;
    const [first] = runs;
    const inside = Boolean(first) && first.unit === "update";
    this.words = words;
    const several = runs.length > 1;
    const rows = runs.map((run, r) => ({
      words: several ? run.label : inside ? words.say("this update") : words.say("this checkpoint"), kind: "now", name: r ? `overlay-${r}` : "run",
      run: several && run, aside: run.otherPoints ? "other points" : "",
    }));
    if (runs.length === 2) rows.push({ words: "first minus second", name: "difference" });
    const whose = runs.some((run) => run.otherPoints) ? " of the first run's points" : "";
    const named = { optimum: words.say("least-squares optimum"), truth: words.say("truth") };
    this.goals = Object.entries({ optimum, truth }).filter(([, goal]) => goal);
    for (const [name] of this.goals) {
      rows.push({ words: named[name] + whose, kind: first ? "rule" : "", name });
      runs.forEach((run, r) => {
        // Neither is what a run on other points was trained towards.
        if (run.otherPoints) return;
        const away = several ? run.label : words.say("deviation from it");
        rows.push({ words: away, kind: "away", name: `${name}-${r}`, run: several && run, aside: "minus it" });
      });
    }
    const unit = inside ? words.say("update") : words.say("iteration");
    const head = document.createElement("tr");
    head.append(...["", unit, "h", "v", words.say("cost")].map((text) => cell("th", text)));
    head.lastChild.title = words.say("mean squared error over the points shown");
    this.head.replaceChildren(head);
    this.head.parentElement.classList.toggle("named", several);
    this.cells = {};
    this.body.replaceChildren(...rows.map((row) => this.row(row)));
    this.legend.hidden = !several;
    this.legend.replaceChildren(...(several ? runs.map(legendItem) : []));
    this.files.replaceChildren(...model.files.map(() => document.createElement("li")));
    this.filesTitle.textContent = inside ? words.say("Inside the first iteration") : words.say("Files of this checkpoint");
    if (inside) {
      const item = document.createElement("li");
      item.className = "words";
      item.textContent = words.say(first.source || "Each stop is one update, by one batch of points.");
      this.files.replaceChildren(item);
    }
    for (const [name, [h, v, cost]] of this.goals) {
      this.fill(name, ["", fixed(h, 5), fixed(v, 5), cost === undefined ? "" : significant(cost, 5)]);
    }
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
    if (cells) words.map((text) => this.words.number(text)).forEach((text, i) => { if (cells[i].textContent !== text) cells[i].textContent = text; });
  }

  draw(model, at) {
    const [first] = model.runs;
    if (!first || at[0] < 0) return;
    const now = model.runs.map((run, r) => values(run, at[r]));
    model.runs.forEach((run, r) => {
      const stands = at[r] >= 0;
      const words = stands ? valueWords(run, at[r], 5, 5) : NOTHING;
      this.fill(r ? `overlay-${r}` : "run", [stands ? shortPlace(run, at[r], model.words) : "—", ...words]);
    });
    const name = checkpointName(first, at[0], model);
    model.files.forEach((suffix, i) => { this.files.children[i].textContent = name + suffix; });
    const reason = first.torn.get(first.steps[at[0]]);
    const place = placeText(first, at[0], model);
    this.torn.textContent = reason === undefined ? "" : model.words.say("{place}, damaged: {reason}", { place, reason });
    for (const [name, goal] of this.goals) {
      now.forEach((its, r) => this.fill(`${name}-${r}`, ["", ...differenceWords(its, goal)]));
    }
    if (now.length === 2) this.fill("difference", ["", ...differenceWords(...now)]);
  }
}

// The last stop repeats the last iteration, and says so.
function shortPlace(run, index, words) {
  const closes = run.steps[index] === run.finalStep;
  return closes ? `${words.say("final")} = ${words.number(run.iterations[index])}` : String(run.iterations[index]);
}

// The values of a checkpoint; null where there is none or it cannot be read.
function values(run, index) {
  return index < 0 || unreadable(run, index) ? null : [run.h[index], run.v[index], run.cost[index]];
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
