// What every component needs: one machine for each place on the page, and where the page's head ends.

// Streamlit's header covers what scrolls below it; embedded pages have none. A bar that stays in view stands
// at `top: var(--header)`.
export function underHeader(root) {
  const header = document.querySelector("[data-testid=stHeader]");
  root.style.setProperty("--header", `${header ? header.offsetHeight : 0}px`);
}

// The component that shows a `Machine` on the element of this role. Streamlit calls it again on the same
// element at each change of data or theme. What a call returns cleans up after it: when the element
// has left the page, and also when a newer call overtook this one while its script was being loaded. Then the
// machine still stands, and a new one in its place would go back to the step that the server knows.
export function mounted(role, Machine) {
  const machines = new WeakMap();
  return (component) => {
    const { parentElement } = component;
    const root = parentElement.querySelector(`[data-role=${role}]`);
    let machine = machines.get(parentElement);
    if (!machine || machine.root !== root) {
      if (machine) machine.end();
      machine = new Machine(root);
      machines.set(parentElement, machine);
    }
    machine.update(component);
    root.removeAttribute("aria-busy"); // its HTML is there before its script
    return () => {
      if (!root.isConnected) machine.end();
    };
  };
}
