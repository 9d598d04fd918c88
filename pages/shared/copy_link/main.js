// Copies the address of the page as it is now, and says what travels with it.
import { mounted } from "../mounted.js";

const TRAVELS = "It carries the settings, the run, the checkpoint and the runs laid over it. Who opens it can look " +
  "at your run, not steer it. Points of your own file travel with their run alone.";
const SHOWN = 3000; // milliseconds for which the button itself says that it has copied

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

  // What was copied is no longer the address of the page, once that has changed.
  update() {
    if (!this.address || this.address === location.href) return;
    this.address = "";
    this.say("");
  }

  say(words) {
    this.said.textContent = words;
    this.link.hidden = true;
    this.name.textContent = words ? "Copied" : "Copy link";
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => { this.name.textContent = "Copy link"; }, SHOWN);
    this.said.scrollIntoView({ block: "nearest" });
  }

  end() {
    this.ending.abort();
    clearTimeout(this.waiting);
  }

  async copy() {
    const address = location.href;
    this.address = address;
    try {
      await navigator.clipboard.writeText(address);
      this.say(`Copied. ${TRAVELS}`);
    } catch {
      // Browsers give the clipboard to pages of HTTPS and of this machine alone.
      this.say(`Copy it from here. ${TRAVELS}`);
      this.name.textContent = "Copy link";
      this.link.hidden = false;
      this.link.value = address;
      this.link.select();
    }
  }
}

export default mounted("copy-link", CopyLink);
