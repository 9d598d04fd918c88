// The function that Streamlit calls for a component, again on the same element at each change of data or theme.
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
    return () => {
      machine.end();
      machines.delete(parentElement);
    };
  };
}
