"""The Live screen in a real browser, whose microphone hears a known tone."""

from typing import Any

import numpy as np
import pytest

from audioclf.listening import Listeners
from audioclf.ui import verdict
from audioclf.ui.live import WORDS

from .accessibility import obstacles
from .conftest import TONE_HZ, TONE_RMS

pytestmark = pytest.mark.browser


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int, bytes]]:
    """Every call of `Listeners.hear`: visitor, sample rate, first sample's number, samples."""
    calls = []
    hear = Listeners.hear

    def watched(self: Any, *call: Any) -> Any:
        calls.append(call)
        return hear(self, *call)

    monkeypatch.setattr(Listeners, "hear", watched)
    # Random weights are never sure of anything; so any answer is a hit.
    monkeypatch.setattr(verdict, "LIKELY", 0.0)
    return calls


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whom the server was asked to forget."""
    visitors = []
    monkeypatch.setattr(Listeners, "forget", lambda self, visitor: visitors.append(visitor))
    return visitors


def open_live(page: Any) -> Any:
    page.get_by_role("tab", name="Live", exact=True).click()
    return page.locator(".live")


def listen(page: Any) -> Any:
    live = open_live(page)
    live.get_by_role("button", name="Listen", exact=True).click()
    return live


def test_hears_exact_samples_lists_what_it_heard_and_plays_it_again(desk, second, forgotten):
    live = listen(desk)
    hit = live.get_by_role("button", name="Play ")
    hit.first.wait_for()
    # Three answers: a window that grew.
    desk.wait_for_function("() => document.querySelector('.live-left').textContent <= '57'")
    shown = desk.locator(".live canvas").evaluate(
        "(canvas) => new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size"
    )
    assert shown > 20, "the spectrogram is not one colour"
    assert live.locator("table.bars tr").count() == 3
    hit.first.click()
    live.get_by_role("button", name="Stop playing").wait_for()
    assert live.get_by_role("status").inner_text() == WORDS["replaying"]
    assert desk.complaints == []

    visitors = {call[0] for call in second}
    assert len(visitors) == 1
    assert forgotten == list(visitors)
    assert [call[2] for call in second] == [
        sum(len(c[3]) // 2 for c in second[:number]) for number in range(len(second))
    ]
    rate = second[0][1]
    waveform = np.frombuffer(b"".join(call[3] for call in second), "<i2") / 32768
    # The fake microphone starts with a moment of silence.
    waveform = waveform[rate // 2 : rate // 2 + rate]
    assert np.sqrt(np.mean(waveform**2)) == pytest.approx(TONE_RMS, rel=0.05)
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(len(waveform))))
    assert spectrum.argmax() * rate / len(waveform) == pytest.approx(TONE_HZ, rel=0.01)


def test_by_keyboard_alone_and_stops_on_leaving_the_screen(desk, second, forgotten):
    live = open_live(desk)
    button = live.get_by_role("button", name="Listen", exact=True)
    for _ in range(10):
        desk.keyboard.press("Tab")
        if button.evaluate("(button) => button === document.activeElement"):
            break
    desk.keyboard.press("Enter")
    live.get_by_role("button", name="Play ").first.wait_for()
    desk.get_by_role("tab", name="About", exact=True).focus()
    desk.keyboard.press("Enter")
    desk.wait_for_selector("#about-search")
    open_live(desk)
    assert button.is_visible()
    assert live.get_by_role("status").inner_text() == WORDS["left_page"]
    assert forgotten == [second[0][0]]


def test_stops_by_itself_after_a_minute(desk, second, forgotten):
    open_live(desk)
    # Half a minute of samples in each hop: a minute passes in a moment.
    desk.evaluate(
        """() => {
          const Node = window.AudioWorkletNode;
          window.AudioWorkletNode = class extends Node {
            constructor(context, name, options) {
              super(context, name, options);
              const hop = new Float32Array(options.processorOptions.hop).fill(0.1);
              setTimeout(() => {
                for (let sent = 0; sent < 61 * 50; sent++) this.port.onmessage({ data: hop });
              });
            }
          };
        }"""
    )
    live = listen(desk)
    desk.wait_for_function(
        "(words) => document.querySelector('.live .hint').textContent === words", arg=WORDS["done"].format(seconds=60)
    )
    assert live.get_by_role("button", name="Listen", exact=True).is_visible()
    # A minute's sound came at once: only one request is under way, the rest is not queued behind it.
    assert len(second) <= 2


MISSING = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError') }"


def test_no_microphone_is_said_in_words(visit):
    page = visit(microphone=False)
    live = open_live(page)
    for spoilt, words in (
        ("", "denied"),
        (MISSING, "missing"),
        ("delete window.AudioWorkletNode", "unsupported"),
        ("Object.defineProperty(window, 'isSecureContext', { value: false })", "insecure"),
    ):
        page.evaluate(f"() => {{ {spoilt} }}")
        live.get_by_role("button", name="Listen", exact=True).click()
        live.get_by_role("alert").get_by_text(WORDS[words]).wait_for()


def test_nothing_stands_in_the_way(phone, second):
    live = listen(phone)
    live.get_by_role("button", name="Play ").first.wait_for()
    for _ in ("light", "dark"):
        assert obstacles(phone, ".live") == []
        phone.evaluate("document.body.classList.toggle('dark')")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
