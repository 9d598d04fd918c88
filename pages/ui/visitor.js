// Keeps a visitor's random number in this browser and tells it to the server when it differs. It also folds the menu
// away where it would cover the page, shows a page from its top, opens the search at Ctrl+K, and leaves the
// projector's view at Escape.

const KEY = "checkpoint-explorer-visitor";
const NARROW = 768;

let shown = null;
let folded = false;
let leave = null;

export default function ({ data, setStateValue, setTriggerValue }) {
  const chosen = shown !== null && shown !== data.page;
  if ((chosen && window.innerWidth < NARROW) || (data.folded && (shown !== data.page || !folded))) fold();
  if (folded && !data.folded) unfold();
  if (chosen) toTop();
  shown = data.page;
  folded = data.folded;
  if (leave === null) {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && folded && !event.defaultPrevented) leave();
      if (event.key === "k" && (event.ctrlKey || event.metaKey)) search(event);
    });
    document.addEventListener("click", (event) => {
      if (event.target.closest(".st-key-search button")) focus(".st-key-search-everything input");
    });
  }
  leave = () => setTriggerValue("left", true);
  let kept = null;
  try {
    kept = localStorage.getItem(KEY);
    if (!kept) localStorage.setItem(KEY, data.proposed);
  } catch {
    return; // storage is switched off: the visitor stays known until they reload
  }
  if (kept && kept !== data.proposed) setStateValue("id", kept);
}

function search(event) {
  const button = document.querySelector(".st-key-search button");
  if (!button) return;
  event.preventDefault();
  button.click();
}

// In the dialog, once it is there; else Streamlit takes what is typed for its own keys.
function focus(selector, until = performance.now() + 5000) {
  const field = document.querySelector(selector);
  if (field) field.focus();
  else if (performance.now() < until) requestAnimationFrame(() => focus(selector, until));
}

function toTop() {
  const main = document.querySelector("[data-testid=stMain]");
  if (main) main.scrollTo(0, 0);
}

function fold() {
  // Streamlit 1.67 says in another attribute than 1.60 that the menu is folded already.
  const menu = document.querySelector("[data-testid=stSidebar]:not([data-collapsed=true], [aria-expanded=false])");
  const button = menu && menu.querySelector("[data-testid=stSidebarCollapseButton] button");
  if (button) button.click();
}

function unfold() {
  const button = document.querySelector("[data-testid=stExpandSidebarButton]");
  if (button) button.click();
}
