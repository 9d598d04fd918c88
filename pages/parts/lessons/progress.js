// Keeps in this browser what a visitor has said in a lesson, tells screen readers the page's language,
// and begins each step at its top.

const KEY = "checkpoint-explorer-lesson-";
const shown = { step: null };

// What happened is above what was looked at: once it is there, or whole, it is brought into sight.
function scroll(host, step) {
  const main = host.closest("[data-testid=stMain]");
  const seen = () => main?.querySelector("[class*=st-key-reveal-]");
  const whole = () => Boolean(seen()?.querySelector("[data-testid=stCode]"));
  shown.watcher?.disconnect();
  if (!main || whole()) return; // it was there when the step was opened
  let before = Boolean(seen());
  shown.watcher = new MutationObserver(() => {
    const found = seen();
    if (!found || shown.step !== step || (before && !whole())) return;
    before = true;
    if (whole()) shown.watcher.disconnect();
    found.scrollIntoView({ block: found.offsetHeight > main.clientHeight ? "start" : "nearest" });
  });
  shown.watcher.observe(main, { childList: true, subtree: true });
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.getRootNode();
  const host = root.host ?? parentElement;
  const lesson = host.closest("[class*=st-key-lesson-]");
  if (lesson) lesson.lang = data.language;
  const step = `${data.lesson} ${data.at}`;
  if (shown.step !== null && shown.step !== step) {
    host.closest("[data-testid=stMain]")?.scrollTo({ top: 0 });
  }
  shown.step = step;
  scroll(host, step);
  let kept = null;
  try {
    kept = localStorage.getItem(KEY + data.lesson);
    if (data.heard) localStorage.setItem(KEY + data.lesson, data.record);
  } catch {
    kept = null; // storage is switched off: a reload begins the lesson's questions anew
  }
  if (!data.heard) setStateValue("kept", kept ?? "{}");
}
