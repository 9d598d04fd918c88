// Hands a text to the server while one types. Streamlit's text area does so when it is left or at Ctrl+Enter;
// a pause of the fingers presses those keys. Without this script the text area works as it always does.

const PAUSE = 350; // ms without a key: longer than between two keys, shorter than one waits for an answer
let hearing = null;
let shown = "";

function press(area) {
  area.dispatchEvent(
    new KeyboardEvent("keydown", { key: "Enter", code: "Enter", keyCode: 13, ctrlKey: true, bubbles: true }),
  );
}

export default function ({ data }) {
  const early = hearing === null && document.querySelector(`.st-key-${data.key} textarea`);
  hearing?.abort();
  hearing = new AbortController();
  if (data.shown !== shown) document.querySelector(`.st-key-${data.key}`)?.scrollIntoView();
  shown = data.shown;
  let waiting;
  document.addEventListener(
    "input",
    ({ target }) => {
      if (!target.matches?.(`.st-key-${data.key} textarea`)) return;
      clearTimeout(waiting);
      waiting = setTimeout(() => press(target), PAUSE);
    },
    { signal: hearing.signal },
  );
  if (early?.value) waiting = setTimeout(() => press(early), PAUSE); // pasted before this script was there
}
