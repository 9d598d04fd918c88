// Copies the address of the page as it is now, and says what travels with it.
import { mounted } from "../mounted.js";

const TRAVELS = "It leads to what this page shows. Others can look at your runs, and see the points of them, but not change them.";
const SHOWN = 10_000; // milliseconds; afterwards the view may be another one

class CopyLink {
  constructor(root) {
    this.root = root;
    this.link = root.querySelector("input");
    this.said = root.querySelector("p");
    this.name = root.querySelector("button span");
    this.ending = new AbortController();
    const button = root.querySelector("button");
    button.addEventListener("click", () => this.copy(), { signal: this.ending.signal });
    button.disabled = false; // only now does it do what it says
  }

  update() {}

  say(words) {
    this.said.textContent = words;
    this.link.hidden = true;
    this.name.textContent = words ? "Copied" : "Copy link";
    clearTimeout(this.waiting);
    if (words) this.waiting = setTimeout(() => this.say(""), SHOWN);
  }

  end() {
    this.ending.abort();
    clearTimeout(this.waiting);
  }

  async copy() {
    const address = location.href;
    try {
      await navigator.clipboard.writeText(address);
      this.say(`Copied. ${TRAVELS}`);
    } catch {
      // Browsers give the clipboard to pages of HTTPS and of this machine alone.
      this.say(`Copy it from here. ${TRAVELS}`);
      clearTimeout(this.waiting); // it stays until it is copied by hand
      this.name.textContent = "Copy link";
      this.link.hidden = false;
      this.link.value = address;
      this.link.select();
    }
  }
}

export default mounted("copy-link", CopyLink);
