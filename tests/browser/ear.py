"""What a screen reader reads out: Guidepup's virtual one, which works by the specifications of
names, roles and live regions, in the page itself. A person's own one may word it otherwise."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.conftest import SOON
from tests.node import installed

HERE = Path(__file__).parent / "js"
BUNDLE = "node_modules/@guidepup/virtual-screen-reader/lib/esm/index.browser.js"
# It does not follow aria-activedescendant, as real ones do: what that points at is noted here.
START = """async () => {
  window.reader = (await import("/virtual-screen-reader.js")).virtual;
  await reader.start({ container: document.body });
  window.options = [];
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const option = document.getElementById(target.getAttribute("aria-activedescendant"));
      if (option) options.push(option.innerText.replace(/\\s+/g, " "));
    }
  }).observe(document.body, { subtree: true, attributeFilter: ["aria-activedescendant"] });
}"""


class Ear:
    """Switched on for this page, until its next one."""

    def __init__(self, page: Page) -> None:
        self.page, self._said = page, 0
        script = installed(HERE, "The simulated screen reader") / BUNDLE
        page.route("**/virtual-screen-reader.js", lambda route: route.fulfill(path=script))
        page.evaluate(START)

    def all(self) -> list[str]:
        """Everything since it was switched on."""
        said: list[str] = self.page.evaluate("reader.spokenPhraseLog()")
        return said

    def hears(self, words: str, seconds: float = SOON / 1000) -> None:
        """The next time that this is said. What was said before it counts no more."""
        until = time.monotonic() + seconds
        while not (
            found := [n for n, p in enumerate(self.all()) if n >= self._said and words in p]
        ):
            assert time.monotonic() < until, f"never heard: {words}; but {self.all()}"
            self.page.wait_for_timeout(20)
        self._said = found[0] + 1

    def is_offered(self, words: str) -> None:
        """The option that the arrows, or what was typed, have come to."""
        self.page.wait_for_function("words => options.at(-1)?.includes(words)", arg=words)
