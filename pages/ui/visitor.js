// Keeps a visitor's random number in this browser and tells it to the server when it differs; and folds the
// menu away where it would cover the page: on a telephone once a page is chosen, and for the back row.

const KEY = "checkpoint-explorer-visitor";
const NARROW = 768;

let shown = null;
let folded = false;

export default function ({ data, setStateValue }) {
  const chosen = shown !== null && shown !== data.page;
  if ((chosen && window.innerWidth < NARROW) || (data.folded && (shown !== data.page || !folded))) fold();
  shown = data.page;
  folded = data.folded;
  let kept = null;
  try {
    kept = localStorage.getItem(KEY);
    if (!kept) localStorage.setItem(KEY, data.proposed);
  } catch {
    return; // storage is switched off: the visitor stays known until they reload
  }
  if (kept && kept !== data.proposed) setStateValue("id", kept);
}

function fold() {
  // Streamlit 1.67 says in another attribute than 1.60 that the menu is folded already.
  const menu = document.querySelector("[data-testid=stSidebar]:not([data-collapsed=true], [aria-expanded=false])");
  const button = menu && menu.querySelector("[data-testid=stSidebarCollapseButton] button");
  if (button) button.click();
}
