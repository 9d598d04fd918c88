// Keeps a visitor's random number in this browser and tells it to the server when it differs.

const KEY = "checkpoint-explorer-visitor";

export default function ({ data, setStateValue }) {
  let kept = null;
  try {
    kept = localStorage.getItem(KEY);
    if (!kept) localStorage.setItem(KEY, data.proposed);
  } catch {
    return; // storage is switched off: the visitor stays known until they reload
  }
  if (kept && kept !== data.proposed) setStateValue("id", kept);
}
