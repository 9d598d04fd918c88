// The table of layers and tensors: every row is made once, and only those in sight are filled while one drags.
import { cellOf, percent, short, whole } from "./unpack.js";

const ROW = 32;
const FOLDED_FROM = 60; // more layers than these are folded at first

export class Rows {
  // `machine` offers choose(tensor), toggle(tensor) and request().
  constructor(root, machine, signal) {
    this.box = root.querySelector(".rows");
    this.body = root.querySelector(".rows tbody");
    this.filter = root.querySelector(".filter");
    this.machine = machine;
    this.rows = [];
    this.order = [];
    this.sorted = "";
    this.box.addEventListener("scroll", () => machine.request(), { signal });
    for (const type of ["wheel", "pointerdown", "keydown"]) {
      this.box.addEventListener(type, () => { this.touched = true; }, { signal, passive: true });
    }
    this.filter.addEventListener("input", () => this.arrange(), { signal });
    document.addEventListener("keydown", (event) => {
      const typing = event.composedPath()[0];
      if (event.key !== "/" || typing.matches?.("input, textarea, select, [contenteditable]")) return;
      event.preventDefault();
      this.filter.focus();
    }, { signal });
    for (const head of root.querySelectorAll("[data-sort]")) {
      head.addEventListener("click", () => {
        this.sorted = this.sorted === head.dataset.sort ? "" : head.dataset.sort;
        for (const each of root.querySelectorAll("[data-sort]")) {
          each.setAttribute("aria-pressed", String(each.dataset.sort === this.sorted));
        }
        this.arrange();
      }, { signal });
    }
  }

  layout(model) {
    const same = this.model && this.model.tensors === model.tensors;
    this.model = model;
    if (same) return;
    this.box.classList.toggle("scalars", model.tensors.every(({ shape }) => !shape.length)); // names have that room
    this.groups = model.groups.map((group, g) => this.groupRow(group, g));
    this.rows = model.tensors.map((tensor, i) => this.tensorRow(tensor, i));
    this.arrange();
  }

  groupRow(group, g) {
    const members = this.model.tensors.flatMap((tensor, i) => (tensor.group === g ? [i] : []));
    const fold = document.createElement("button");
    fold.type = "button";
    fold.className = "fold";
    fold.setAttribute("aria-label", group.name);
    fold.title = group.name;
    const path = document.createElement("span");
    path.className = "path";
    path.append(ending(group.name));
    fold.append(path);
    if (group.kind) {
      const kind = document.createElement("small");
      kind.textContent = group.kind;
      fold.append(kind);
    }
    const row = rowOf(fold);
    row.row.className = "group";
    // A group has no shape: its name, which is a path, has that room, too.
    row.row.firstChild.colSpan = 2;
    row.cells[0].remove();
    const made = { ...row, members, fold, open: group.open && this.model.groups.length <= FOLDED_FROM };
    fold.setAttribute("aria-expanded", String(made.open));
    fold.addEventListener("click", () => {
      made.open = !made.open;
      fold.setAttribute("aria-expanded", String(made.open));
      this.arrange();
    });
    made.cells[1].textContent = whole.format(members.reduce((sum, i) => sum + this.model.tensors[i].elements, 0));
    return made;
  }

  tensorRow(tensor, i) {
    const draw = document.createElement("input");
    draw.type = "checkbox";
    draw.setAttribute("aria-label", `Draw the curve of ${tensor.name}`);
    draw.title = "Draw its curve";
    draw.addEventListener("change", () => this.machine.toggle(i));
    const name = document.createElement("button");
    name.type = "button";
    name.className = "name";
    name.setAttribute("aria-label", tensor.name);
    const words = ending("");
    name.append(words);
    name.title = `${tensor.key}\n${tensor.dtype} [${tensor.shape.join(", ")}]${tensor.slot ? `, slot ${tensor.slot}` : ""}`;
    name.addEventListener("click", () => this.machine.choose(i));
    const made = { ...rowOf(draw, name), draw, name, words };
    made.cells[0].textContent = tensor.shape.join(" × ");
    made.cells[1].textContent = whole.format(tensor.elements);
    return made;
  }

  arrange() {
    const wanted = this.filter.value.trim().toLowerCase();
    const { model } = this;
    const flat = Boolean(wanted || this.sorted);
    const named = ({ name, key }) => !wanted || name.toLowerCase().includes(wanted) || key.toLowerCase().includes(wanted);
    let order = model.tensors.map((_, i) => i).filter((i) => named(model.tensors[i]));
    if (this.sorted) {
      const value = (i) => this.valueOf(this.sorted, i);
      order = order.map((i) => [value(i), i])
        .sort(([a], [b]) => (Number.isNaN(b) ? -1 : Number.isNaN(a) ? 1 : b - a)).map(([, i]) => i);
    }
    this.order = [];
    let last = -1;
    for (const i of order) {
      const { group, label, name } = model.tensors[i];
      const header = flat ? undefined : this.groups[group];
      if (header && group !== last) this.order.push({ group });
      last = group;
      if (header && !header.open) continue;
      const row = this.rows[i];
      row.row.classList.toggle("inside", Boolean(header));
      row.words.textContent = header ? label : name;
      row.at = -1;
      this.order.push({ tensor: i });
    }
    for (const each of this.groups) each.at = -1;
    this.body.replaceChildren(...this.order.map((each) => this.rowAt(each).row));
    this.machine.request();
  }

  // Bring the chosen tensor into sight, with its group open; not while somebody reads elsewhere.
  reveal(chosen) {
    if (this.touched || this.filter.value || this.sorted || chosen < 0) return;
    const group = this.groups[this.model.tensors[chosen].group];
    if (!group) return;
    if (!group.open) group.fold.click();
    const place = this.order.findIndex(({ tensor }) => tensor === chosen);
    const { clientHeight, scrollTop } = this.box;
    const at = place * ROW;
    if (at < scrollTop || at > scrollTop + clientHeight - 3 * ROW) this.box.scrollTop = Math.max(0, at - clientHeight / 3);
  }

  rowAt({ tensor, group }) {
    return tensor === undefined ? this.groups[group] : this.rows[tensor];
  }

  // What a column sorts by, and what its cell says in numbers.
  valueOf(column, ...members) {
    const { model, machine: { index } } = this;
    const total = (statistic, step) => Math.hypot(...members.map((i) => cellOf(model, statistic, step, i)));
    if (column === "elements") return members.reduce((sum, i) => sum + model.tensors[i].elements, 0);
    if (column === "norm") return total("norm", index);
    return index > 0 ? total("change", index) / total("norm", index - 1) : NaN;
  }

  draw(step, chosen, drawn) {
    const from = Math.max(0, Math.floor(this.box.scrollTop / ROW) - 2);
    const to = Math.min(this.order.length, from + Math.ceil(this.box.clientHeight / ROW) + 4);
    for (let place = from; place < to; place++) {
      const { tensor, group } = this.order[place];
      const row = this.rowAt(this.order[place]);
      if (tensor !== undefined) {
        row.row.classList.toggle("chosen", tensor === chosen);
        row.name.setAttribute("aria-pressed", String(tensor === chosen));
        row.draw.checked = drawn.includes(tensor);
      }
      if (row.at === step && row.model === this.model) continue;
      row.at = step;
      row.model = this.model;
      this.fill(row, step, group === undefined ? [tensor] : row.members, group);
    }
  }

  fill(row, step, members, group) {
    const { model } = this;
    const beside = group !== undefined && !model.groups[group].model;
    const bad = members.some((i) => cellOf(model, "bad", step, i) > 0);
    const [, , norm, change] = row.cells;
    // Norms of things that do not belong together are not one number.
    write(norm, beside ? "" : bad ? "NaN" : short(this.valueOf("norm", ...members)), bad && !beside);
    write(change, beside ? "" : bad ? "" : percent(this.valueOf("change", ...members)), false);
  }
}

// A name that is cut at its beginning where there is no room: names differ at their end.
function ending(text) {
  const words = document.createElement("bdi");
  words.dir = "ltr";
  words.textContent = text;
  return words;
}

function rowOf(...content) {
  const row = document.createElement("tr");
  const first = document.createElement("th");
  first.scope = "row";
  first.append(...content);
  const cells = ["shape", "elements", "norm", "change"].map((column) => {
    const cell = document.createElement("td");
    cell.dataset.of = column;
    return cell;
  });
  row.append(first, ...cells);
  return { row, cells, at: -1 };
}

function write(cell, words, alarm) {
  if (cell.textContent !== words) cell.textContent = words;
  cell.classList.toggle("alarm", alarm);
}
