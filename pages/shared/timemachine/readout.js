// The numbers of the current step, in columns that keep their width, and the names of its files.
import { checkpointName, fixed, significant, signed, unreadable, valueWords } from "./labels.js";

const COLUMNS = ["step", "h", "v", "cost"];

export class Readout {
  constructor(root) {
    this.head = root.querySelector("[data-role=values] thead");
    this.body = root.querySelector("[data-role=values] tbody");
    this.files = root.querySelector("[data-role=files]");
    this.torn = root.querySelector("[data-role=torn]");
  }

  // One row for each run, their difference, the optimum, and how far the first run is from it.
  layout(model) {
    const [first, second] = model.runs;
    const rows = [];
    if (first) rows.push([second ? first.label : "this checkpoint", "now", "run", "a"]);
    if (second) rows.push([second.label, "now", "overlay", "b"], ["difference", "", "difference"]);
    if (model.optimum) rows.push(["least-squares optimum", first ? "rule" : "", "optimum"]);
    if (model.optimum && first) {
      rows.push([second ? `${first.label} − optimum` : "deviation from it", "", "deviation"]);
    }
    const head = document.createElement("tr");
    head.append(...["", ...COLUMNS].map((words) => cell("th", words)));
    head.lastChild.innerHTML = '<span class="long">mean squared error</span><span class="short">cost</span>';
    this.head.replaceChildren(head);
    this.cells = {};
    this.body.replaceChildren(
      ...rows.map(([words, kind, name, swatch]) => {
        const row = document.createElement("tr");
        row.className = kind;
        row.dataset.row = name;
        const title = cell("th", words);
        title.scope = "row";
        title.title = words;
        if (swatch && second) {
          const spot = document.createElement("span");
          spot.className = `swatch ${swatch}`;
          title.prepend(spot);
        }
        this.cells[name] = COLUMNS.map(() => cell("td", ""));
        row.append(title, ...this.cells[name]);
        return row;
      }),
    );
    this.files.replaceChildren(...model.files.map(() => document.createElement("li")));
    this.files.parentElement.hidden = !first || !first.steps.length;
    if (model.optimum) {
      const [h, v, cost] = model.optimum;
      this.fill("optimum", ["", fixed(h, 5), fixed(v, 5), significant(cost, 5)]);
    }
  }

  fill(name, words) {
    const cells = this.cells[name];
    if (cells) words.forEach((text, i) => { if (cells[i].textContent !== text) cells[i].textContent = text; });
  }

  draw(model, at) {
    const [first, second] = model.runs;
    if (!first || at[0] < 0) return;
    const step = first.steps[at[0]];
    this.fill("run", [String(step), ...valueWords(first, at[0], 5, 5)]);
    const name = checkpointName(first, at[0], model);
    model.files.forEach((suffix, i) => { this.files.children[i].textContent = name + suffix; });
    this.torn.textContent = first.torn.has(step) ? `step ${step} is torn: ${first.torn.get(step)}` : "";
    const now = values(first, at[0]);
    if (model.optimum) this.fill("deviation", ["", ...differences(now, model.optimum)]);
    if (!second) return;
    const other = values(second, at[1]);
    const words = at[1] < 0 ? NOTHING : valueWords(second, at[1], 5, 5);
    this.fill("overlay", [at[1] < 0 ? "—" : String(second.steps[at[1]]), ...words]);
    this.fill("difference", ["", ...differences(now, other)]);
  }
}

const NOTHING = ["—", "—", "—"];

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

function cell(tag, words) {
  const made = document.createElement(tag);
  made.textContent = words;
  if (tag === "th") made.scope = "col";
  return made;
}
