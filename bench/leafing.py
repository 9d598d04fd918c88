"""A visitor who goes from page to page, and how soon each one answers."""

from __future__ import annotations

import time

from playwright.sync_api import Page

PAGES = ("Playground", "History", "Compare")

# The browser itself measures, from the click to the new page's heading.
LISTEN = """() => {
  window.answers = [];
  let clicked = null, before = "";
  const title = () => document.querySelector("[data-testid=stMain] h1")?.textContent.trim();
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-testid=stSidebarNavLink]")) return;
    clicked = event.timeStamp;
    before = title();
  }, true);
  new MutationObserver(() => {
    const now = title();
    if (clicked === null || !now || now === before) return;
    window.answers.push((performance.now() - clicked) / 1000);
    clicked = null;
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


class Leafing:
    """One browser session that only navigates."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._order = [*PAGES[1:], PAGES[0]]
        page.evaluate(LISTEN)

    def leaf(self, rounds: int) -> list[float]:
        """Go through all pages so many times; seconds from each click to its heading."""
        self._page.evaluate("window.answers.length = 0")
        for _ in range(rounds):
            for name in self._order:
                count = self._page.evaluate("window.answers.length")
                self._page.get_by_role("link", name=name, exact=True).click()
                until = time.monotonic() + 30
                while self._page.evaluate("window.answers.length") == count:
                    if time.monotonic() > until:
                        raise TimeoutError(f"the page {name} did not answer within 30 s")
                    self._page.wait_for_timeout(20)
                self._page.wait_for_timeout(500)
        found: list[float] = self._page.evaluate("window.answers")
        return found
