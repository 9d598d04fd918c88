// One machine for each place on the page, without a page.
import assert from "node:assert/strict";
import test from "node:test";

const { mounted } = await import(new URL("../../pages/ui/mounted.js", import.meta.url));

class Machine {
  constructor(root) {
    Object.assign(this, { root, heard: [], ended: false });
    root.machine = this;
  }

  update({ data }) {
    this.heard.push(data);
  }

  end() {
    this.ended = true;
  }
}

const place = () => {
  const root = { isConnected: true, busy: true, removeAttribute: () => (root.busy = false) };
  return { root, parentElement: { querySelector: () => root } };
};

test("a call that a newer one overtook ends nothing: the machine keeps its step", () => {
  const component = mounted("machine", Machine);
  const { root, parentElement } = place();
  const overtaken = component({ parentElement, data: 1 });
  const { machine } = root;
  overtaken(); // as Streamlit does when a newer call came while this one's script was loaded
  component({ parentElement, data: 2 });
  assert.equal(root.machine, machine);
  assert.deepEqual(machine.heard, [1, 2]);
  assert.equal(root.busy, false);
  assert.equal(machine.ended, false);
});

test("what left the page is ended, and each place has a machine of its own", () => {
  const component = mounted("machine", Machine);
  const [first, second] = [place(), place()];
  const leave = component({ parentElement: first.parentElement, data: 1 });
  component({ parentElement: second.parentElement, data: 2 });
  first.root.isConnected = false;
  leave();
  assert.equal(first.root.machine.ended, true);
  assert.equal(second.root.machine.ended, false);
});
