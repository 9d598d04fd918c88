// What is on disk at this stop: the files by name and size, and what a Saver restores from them.
import { checkpointName, fixed, placeText, unreadable } from "../../ui/timemachine/labels.js";
import { int32 } from "../../ui/timemachine/decode.js";

const KINDS = ["data", "index", "meta"]; // in the order of the names that the server gives

export class Disk {
  constructor(root) {
    const find = (role) => root.querySelector(`[data-role=${role}]`);
    Object.assign(this, {
      title: find("disk-title"), note: find("disk-note"), files: find("files"), call: find("restore"),
      values: find("restored"), next: find("next"), torn: find("torn"), sizes: {},
    });
  }

  // `raw`: steps, data and index as packed int32, bytes of `.meta` and of the state file.
  update(raw) {
    const steps = int32(raw.steps);
    const [data, index] = [int32(raw.data), int32(raw.index)];
    this.sizes = { state: raw.state };
    this.bytes = new Map(Array.from(steps, (step, i) => [step, [data[i], index[i], raw.meta]]));
  }

  layout(model) {
    if (model.files.length) this.last = model.files;
    const names = [...KINDS, "state"];
    this.files.replaceChildren(...names.map((kind) => {
      const item = document.createElement("li");
      item.className = `file ${kind}`;
      item.append(document.createElement("code"), document.createElement("small"));
      return item;
    }));
    this.inside = Boolean(model.runs[0]) && model.runs[0].unit === "update";
    const state = this.files.lastChild;
    state.firstChild.textContent = "checkpoint";
    state.lastChild.textContent = size(this.sizes.state);
  }

  draw(model, at) {
    const [run] = model.runs;
    const empty = !run || at[0] < 0;
    for (const part of [this.files, this.call, this.values, this.next]) part.hidden = empty;
    if (empty) {
      this.title.textContent = "On disk";
      this.note.textContent = "nothing yet";
      this.torn.textContent = "";
      return;
    }
    const place = placeText(run, at[0], model);
    this.title.textContent = `On disk at ${place}`;
    const step = run.steps[at[0]];
    const name = this.inside ? `model_update-${step}` : checkpointName(run, at[0], model);
    const bytes = (!this.inside && this.bytes.get(step)) || [];
    this.names(model).forEach((suffix, i) => {
      this.files.children[i].firstChild.textContent = name + suffix;
      this.files.children[i].lastChild.textContent = size(bytes[i]);
    });
    this.note.textContent = this.inside ? "saved after each update" : "read from these files";
    this.call.textContent = `saver.restore(session, "${name}")`;
    const lost = unreadable(run, at[0]);
    this.values.textContent = lost ? "" : `→ h = ${fixed(run.h[at[0]], 4)}, v = ${fixed(run.v[at[0]], 4)}`;
    const reason = run.torn.get(step);
    this.torn.textContent = reason === undefined ? "" : `${place} is damaged: ${reason}`;
  }

  names(model) {
    return model.files.length ? model.files : this.last || [];
  }
}

function size(bytes) {
  if (bytes === undefined || bytes < 0) return "";
  return bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
