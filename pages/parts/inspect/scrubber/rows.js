// The table of tensors: every row is made once, and only those in sight are filled while one drags.
import { cellOf, short } from "./unpack.js";

export const COLUMNS = ["norm", "mean", "std", "min", "max", "zeros", "bad", "change"];
const ROW = 32;

export class Rows {
  // `machine` offers choose(tensor) and toggle(tensor).
  constructor(root, machine, signal) {
    this.box = root.querySelector(".rows");
    this.body = root.querySelector(".rows tbody");
    this.filter = root.querySelector(".filter");
    this.machine = machine;
    this.rows = [];
    this.order = [];
    this.sorted = "";
    this.box.addEventListener("scroll", () => machine.request(), { signal });
    this.filter.addEventListener("input", () => this.arrange(), { signal });
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
    if (this.model && this.model.tensors === model.tensors) {
      this.model = model;
      return;
    }
    this.model = model;
    this.rows = model.tensors.map((tensor, i) => {
      const row = document.createElement("tr");
      const draw = document.createElement("input");
      draw.type = "checkbox";
      draw.setAttribute("aria-label", `Draw the curve of ${tensor.name}`);
      draw.addEventListener("change", () => this.machine.toggle(i));
      const name = document.createElement("button");
      name.type = "button";
      name.className = "name";
      // Where there is no room the beginning is cut: names of layers differ at their end.
      const whole = document.createElement("bdi");
      whole.dir = "ltr";
      whole.textContent = tensor.name;
      name.append(whole);
      name.title = `${tensor.key}\n${tensor.dtype} [${tensor.shape.join(", ")}]${tensor.slot ? `, slot ${tensor.slot}` : ""}`;
      name.addEventListener("click", () => this.machine.choose(i));
      const first = document.createElement("th");
      first.scope = "row";
      first.append(draw, name);
      const cells = COLUMNS.map(() => document.createElement("td"));
      row.append(first, ...cells);
      row.classList.toggle("slot", Boolean(tensor.slot));
      return { row, cells, draw, name, at: -1 };
    });
    this.arrange();
  }

  arrange() {
    const wanted = this.filter.value.trim().toLowerCase();
    const { model } = this;
    this.order = model.tensors.map((_, i) => i).filter((i) => {
      const { name, key } = model.tensors[i];
      return !wanted || name.toLowerCase().includes(wanted) || key.toLowerCase().includes(wanted);
    });
    if (this.sorted) {
      const value = (i) => cellOf(model, this.sorted, this.machine.index, i);
      this.order.sort((a, b) => (Number.isNaN(value(b)) ? -1 : Number.isNaN(value(a)) ? 1 : value(b) - value(a)));
    }
    this.body.replaceChildren(...this.order.map((i) => this.rows[i].row));
    this.machine.request();
  }

  draw(step, chosen, drawn) {
    const { model } = this;
    const from = Math.max(0, Math.floor(this.box.scrollTop / ROW) - 2);
    const to = Math.min(this.order.length, from + Math.ceil(this.box.clientHeight / ROW) + 4);
    for (let place = from; place < to; place++) {
      const i = this.order[place];
      const row = this.rows[i];
      row.row.classList.toggle("chosen", i === chosen);
      row.name.setAttribute("aria-pressed", String(i === chosen));
      row.draw.checked = drawn.includes(i);
      if (row.at === step && row.model === model) continue;
      row.at = step;
      row.model = model;
      COLUMNS.forEach((statistic, c) => {
        const value = cellOf(model, statistic, step, i);
        const words = short(value);
        if (row.cells[c].textContent !== words) row.cells[c].textContent = words;
        row.cells[c].classList.toggle("alarm", statistic === "bad" && value > 0);
      });
    }
  }
}
