// Copies the address of the page as it is now, and says what travels with it.
import { mounted } from "../mounted.js";

const TRAVELS = "It carries the settings, the run, the checkpoint and the runs laid over it. Who opens it can look " +
  "at your run, not steer it. Points of your own file travel with their run alone.";

class CopyLink {
  constructor(root) {
    this.root = root;
    this.link = root.querySelector("input");
    this.said = root.querySelector("p");
    this.ending = new AbortController();
    const button = root.querySelector("button");
    button.addEventListener("click", () => this.copy(), { signal: this.ending.signal });
    button.disabled = false; // only now does it do what it says
  }

  update() {}

  end() {
    this.ending.abort();
  }

  async copy() {
    const address = location.href;
    try {
      await navigator.clipboard.writeText(address);
      this.link.hidden = true;
      this.said.textContent = `Copied. ${TRAVELS}`;
    } catch {
      // Browsers give the clipboard to pages of HTTPS and of this machine alone.
      this.link.hidden = false;
      this.link.value = address;
      this.link.select();
      this.said.textContent = `Copy it from here. ${TRAVELS}`;
    }
  }
}

export default mounted("copy-link", CopyLink);
