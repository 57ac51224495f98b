"""How long a visitor waits, with the weights that ship: `pytest -s --slow tests/browser/test_speed.py` prints it.

Wants a quiet machine.
"""

import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from audioclf.classifier import Classifier
from audioclf.examples import EXAMPLES, SAMPLE_RATE

from .conftest import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AROUND_MS = 300
"""From the end of an upload to the answer on the page, more than the network's own time."""

STAGE_MS, CHANNEL_MS = 150, 100
STAGES = {"stem": "First layer", "stage1": "Stage 1", "stage2": "Stage 2", "stage3": "Stage 3", "stage4": "Stage 4"}

SEEN = """
  const seen = (element, condition) => new Promise((done) => {
    const watcher = new MutationObserver(() => {
      if (!condition()) return;
      watcher.disconnect();
      // Two frames: the first is being drawn, the second comes once it is on the screen.
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
    });
    watcher.observe(element, { childList: true, subtree: true });
  });
"""

CLICK = f"""async ([selector, index, place, words]) => {{
  {SEEN}
  const start = performance.now();
  const drawn = seen(document.querySelector(place), () =>
    (document.querySelector(`${{place}} h3`)?.innerText || "").includes(words));
  document.querySelectorAll(selector)[index].click();
  return await drawn - start;
}}"""

AWAIT_ANSWER = f"""(name) => {{
  {SEEN}
  performance.clearResourceTimings();  // it keeps 250, and the page has loaded more
  window.answered = seen(document.body, () =>
    document.querySelector(".answer .source")?.innerText.includes(name));
}}"""

SINCE_UPLOAD = """async () => {
  const answered = await window.answered;
  const uploads = performance.getEntriesByType("resource").filter((entry) => entry.name.endsWith("/upload"));
  return answered - uploads.at(-1).responseEnd;
}"""


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.from_pretrained()


@pytest.fixture(scope="module")
def url(classifier: Classifier) -> Iterator[str]:
    import app

    args = app.arguments(["--host", "127.0.0.1", "--port", str(free_port())])
    served, url, _ = app.serve(classifier, args, prevent_thread_lock=True, quiet=True)
    yield url
    served.get_blocks().close(verbose=False)


def network_ms(classifier: Classifier) -> float:
    """The network's own time for one clip, here and now."""
    log_mel = torch.zeros(1, classifier.mel.n_mels, classifier.mel.frames)
    times = []
    with torch.inference_mode():
        for _ in range(20):
            started = time.perf_counter()
            classifier.model.network(log_mel)
            times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def test_from_the_end_of_the_upload_to_the_answer(browser: Any, url: str, classifier: Classifier, wav: Any):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(url)
    page.wait_for_selector("[role=tablist]")
    waits = []
    for number, example in enumerate(EXAMPLES[:10]):
        name = f"sound-{number}.wav"
        page.evaluate(AWAIT_ANSWER, name)
        page.set_input_files("#give input[type=file]", wav(name, example.waveform(), SAMPLE_RATE))
        waits.append(page.evaluate(SINCE_UPLOAD))
        page.wait_for_timeout(200)
    page.close()
    # The first answer on a page also fetches what it is drawn with.
    first, later, network = waits[0], statistics.median(waits[1:]), network_ms(classifier)
    print(f"\nupload's end to answer: first {first:.0f} ms, then {later:.0f} ms; the network's own {network:.0f} ms")
    assert later - network < AROUND_MS


def test_from_click_to_picture_inside(browser: Any, url: str):
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
