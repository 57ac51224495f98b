"""The server's side of the Live screen: a second in, words out, whatever is sent."""

import base64
import string

import numpy as np
import pytest

from audioclf.listening import Listeners
from audioclf.ui import live, verdict

from .conftest import tone


@pytest.fixture
def listeners(tiny_classifier, monkeypatch) -> Listeners:
    monkeypatch.setattr(Listeners, "_sweep_later", lambda self: None)
    return Listeners(tiny_classifier)


def call(waveform: np.ndarray, **changed) -> dict:
    samples = base64.b64encode((32767 * waveform).astype("<i2").tobytes()).decode()
    return {"visitor": "visitor-1", "sample_rate": 16_000, "start": 0, "samples": samples} | changed


def test_says_three_sounds_in_words(listeners, tiny_classifier):
    told = live.answer(listeners, call(tone()))
    expected = tiny_classifier.classify(((32767 * tone()).astype("<i2") / np.float32(32768)).astype(np.float32))
    assert [row["label"] for row in told["top"]] == [ranked.label for ranked in expected.top[:3]]
    assert told["sentence"] == verdict.headline(expected, [])
    assert told["heard"] is False


def test_a_likely_sound_is_heard_and_a_quiet_one_is_not(listeners, monkeypatch):
    monkeypatch.setattr(verdict, "LIKELY", 0.0)
    assert live.answer(listeners, call(tone()))["heard"] is True
    told = live.answer(listeners, call(tone(amplitude=0.001)))
    assert (told["heard"], told["sentence"]) == (False, live.WORDS["quiet"])


def test_silence_is_told_in_words(listeners):
    assert "silent" in live.answer(listeners, call(np.zeros(16_000)))["error"]


@pytest.mark.parametrize(
    "garbled",
    [
        {},
        {"visitor": "visitor-1"},
        call(tone(), samples="not base64"),
        call(tone(), samples=None),
        call(tone(), sample_rate="fast"),
        call(tone(), sample_rate=float("inf")),
        call(tone(), start=-1),
        call(tone(), visitor=""),
        call(tone(seconds=5.5)),
    ],
)
def test_what_no_page_of_ours_sends_is_refused(listeners, garbled):
    assert live.answer(listeners, garbled) == {"error": live.WORDS["garbled"]}


def test_every_word_of_the_layout_is_there():
    fields = string.Template(live.LAYOUT.read_text()).get_identifiers()
    assert set(fields) <= set(live.WORDS)
