"""From click to picture on the Inside screen, with the weights that ship: `pytest -s --slow` prints the table."""

import statistics
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STAGE_MS, CHANNEL_MS = 150, 100
STAGES = {"stem": "First layer", "stage1": "Stage 1", "stage2": "Stage 2", "stage3": "Stage 3", "stage4": "Stage 4"}

CLICK = """async ([selector, index, place, words]) => new Promise((done) => {
  const start = performance.now();
  const heading = () => document.querySelector(`${place} h3`)?.innerText || "";
  const watcher = new MutationObserver(() => {
    if (!heading().includes(words)) return;
    watcher.disconnect();
    // Two frames: the first is being drawn, the second comes once it is on the screen.
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
  });
  watcher.observe(document.querySelector(place), { childList: true, subtree: true });
  document.querySelectorAll(selector)[index].click();
})"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    import app
    from audioclf.classifier import Classifier

    args = app.arguments(["--host", "127.0.0.1", "--port", str(free_port())])
    served, url, _ = app.serve(Classifier.from_pretrained(), args, prevent_thread_lock=True, quiet=True)
    yield url
    served.get_blocks().close(verbose=False)


def test_from_click_to_picture(browser: Any, url: str):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{url}?inside=pooling")
    page.wait_for_selector(".inside-changed")
    page.wait_for_selector("[data-is=stage] h3")
    stages: dict[str, list[float]] = {stage: [] for stage in STAGES}
    channels: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for turn in range(5):
        for stage, title in STAGES.items():
            ms = page.evaluate(CLICK, [f"[data-stop={stage}]", 0, "[data-is=stage]", title])
            stages[stage].append(ms)
            # The stage opens its strongest channel too: that click is over before the next begins.
            page.wait_for_timeout(200)
            tile = page.locator(".inside-tile").nth(turn + 1)
            words = f"Channel {tile.get_attribute('data-channel')} "
            channels[stage].append(page.evaluate(CLICK, [".inside-tile", turn + 1, "[data-is=channel]", words]))
            page.wait_for_timeout(200)
    page.close()
    for stage in STAGES:
        of_stage, of_channel = statistics.median(stages[stage]), statistics.median(channels[stage])
        print(f"\n{STAGES[stage]:12} stage {of_stage:4.0f} ms   channel {of_channel:4.0f} ms", end="")
    assert max(statistics.median(times) for times in stages.values()) < STAGE_MS
    assert max(statistics.median(times) for times in channels.values()) < CHANNEL_MS
