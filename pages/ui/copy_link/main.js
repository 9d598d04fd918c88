// Copies the address of the page as it is now, and says what travels with it.
import { mounted } from "../mounted.js";

const STARTS = "People who open it start with these settings and train their own run.";
const SHOWN = 10_000; // milliseconds; afterwards the view may be another one

class CopyLink {
  constructor(root) {
    this.root = root;
    this.link = root.querySelector("input");
    this.said = root.querySelector("p");
    this.name = root.querySelector("button span");
    this.ending = new AbortController();
    this.settings = root.querySelector("[data-role=settings]");
    const { signal } = this.ending;
    this.settings.addEventListener("click", () => this.copy(this.start(), STARTS), { signal });
    const button = root.querySelector("button");
    button.addEventListener("click", () => this.copy(location.href, this.means), { signal });
    button.disabled = false; // only now does it do what it says
  }

  update({ data }) {
    Object.assign(this, data); // what the link means, and the settings that the address leaves out
  }

  // The address with every setting, those of the run too, and without the run.
  start() {
    const { run, step, projector, ...settings } = Object.fromEntries(new URLSearchParams(location.search));
    const address = new URL(location.href);
    address.search = new URLSearchParams({ ...this.usual, ...settings });
    return address.href;
  }

  say(words) {
    this.said.textContent = words;
    this.settings.hidden = !(words.includes(this.means) && this.usual);
    this.link.hidden = true;
    this.name.textContent = words ? "Copied" : "Copy link";
    clearTimeout(this.waiting);
    if (words) this.waiting = setTimeout(() => this.say(""), SHOWN);
  }

  end() {
    this.ending.abort();
    clearTimeout(this.waiting);
  }

  async copy(address, means) {
    try {
      await navigator.clipboard.writeText(address);
      this.say(`Copied. ${means}`);
    } catch {
      // Browsers give the clipboard to pages of HTTPS and of this machine alone.
      this.say(`Copy it from here. ${means}`);
      clearTimeout(this.waiting); // it stays until it is copied by hand
      this.name.textContent = "Copy link";
      this.link.hidden = false;
      this.link.value = address;
      this.link.select();
    }
  }
}

export default mounted("copy-link", CopyLink);
