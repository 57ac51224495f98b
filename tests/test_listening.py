"""Everybody's last seconds: kept apart, in order, no longer than a clip, and not for long."""

import numpy as np
import pytest

from audioclf import listening
from audioclf.errors import RecordingError
from audioclf.listening import FORGET_SECONDS, MOST_VISITORS, Listeners

from .conftest import tone

RATE = 48_000


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def listeners(tiny_classifier, clock, monkeypatch) -> Listeners:
    # The tests sweep by hand, when their clock says so.
    monkeypatch.setattr(Listeners, "_sweep_later", lambda self: None)
    return Listeners(tiny_classifier, clock)


def pcm(waveform: np.ndarray) -> bytes:
    return (32767 * waveform).astype("<i2").tobytes()


def second(number: int) -> np.ndarray:
    """A sound that differs from second to second."""
    return tone(hz=300.0 * (number + 1), seconds=1.0, sample_rate=RATE)


def test_what_came_second_by_second_is_heard_as_one_recording(listeners, tiny_classifier):
    for number in range(3):
        heard = listeners.hear("visitor-1", RATE, number * RATE, pcm(second(number)))
    whole = listening._as_wav(pcm(np.concatenate([second(0), second(1), second(2)])), RATE)
    assert heard == tiny_classifier.classify(whole)


def test_only_the_last_clip_is_kept(listeners):
    for number in range(7):
        heard = listeners.hear("visitor-1", RATE, number * RATE, pcm(second(number)))
    afresh = listeners.hear("visitor-2", RATE, 0, pcm(np.concatenate([second(number) for number in range(2, 7)])))
    assert heard == afresh
    assert heard.duration_seconds == pytest.approx(5.0, abs=0.01)


def test_a_hole_starts_again(listeners):
    listeners.hear("visitor-1", RATE, 0, pcm(second(0)))
    heard = listeners.hear("visitor-1", RATE, 2 * RATE, pcm(second(2)))
    assert heard == listeners.hear("visitor-2", RATE, 0, pcm(second(2)))


def test_visitors_do_not_hear_each_other(listeners, tiny_classifier):
    alone = Listeners(tiny_classifier)
    for number in range(3):
        listeners.hear("visitor-1", RATE, number * RATE, pcm(second(number)))
        listeners.hear("visitor-2", RATE, number * RATE, pcm(second(9 + number)))
        expected = alone.hear("visitor-3", RATE, number * RATE, pcm(second(number)))
    assert listeners.hear("visitor-1", RATE, 3 * RATE, pcm(second(3))) != expected
    assert listeners.hear("visitor-1", RATE, 4 * RATE, pcm(second(4))).duration_seconds == pytest.approx(5, abs=0.01)


def test_the_silent_are_forgotten_and_the_others_kept(listeners, clock):
    listeners.hear("visitor-1", RATE, 0, pcm(second(0)))
    clock.now += FORGET_SECONDS - 1
    listeners.hear("visitor-2", RATE, 0, pcm(second(0)))
    clock.now += 2
    listeners.sweep()
    assert len(listeners) == 1
    listeners.forget("visitor-2")
    listeners.forget("nobody-known")
    assert len(listeners) == 0


def test_the_sweep_comes_by_itself(tiny_classifier, monkeypatch):
    monkeypatch.setattr(listening, "FORGET_SECONDS", 0.0)
    listeners = Listeners(tiny_classifier)
    listeners.hear("visitor-1", RATE, 0, pcm(second(0)))
    while (sweeper := listeners._sweeper) is not None:
        sweeper.join(10)
    assert len(listeners) == 0


def test_never_more_visitors_than_there_is_room_for(listeners, monkeypatch):
    answer = listeners.hear("visitor-x", RATE, 0, pcm(second(0)))
    monkeypatch.setattr(listeners.classifier, "classify", lambda recording: answer)
    for number in range(MOST_VISITORS + 3):
        listeners.hear(f"visitor-{number}", RATE, 0, b"\1\0")
    assert len(listeners) == MOST_VISITORS
    assert "visitor-2" not in listeners._ears


def test_silence_is_answered_in_words(listeners):
    with pytest.raises(RecordingError, match="silent"):
        listeners.hear("visitor-1", RATE, 0, bytes(2 * RATE))


@pytest.mark.parametrize(
    ("visitor", "rate", "start", "samples"),
    [
        ("", RATE, 0, b"\0\0"),
        ("v" * 65, RATE, 0, b"\0\0"),
        ("visitor-1", 0, 0, b"\0\0"),
        ("visitor-1", 10**9, 0, b"\0\0"),
        ("visitor-1", RATE, -1, b"\0\0"),
        ("visitor-1", RATE, 0, b""),
        ("visitor-1", RATE, 0, b"\0"),
        ("visitor-1", RATE, 0, bytes(2 * 5 * RATE + 2)),
    ],
)
def test_what_no_microphone_sends_is_refused_and_not_kept(listeners, visitor, rate, start, samples):
    with pytest.raises(ValueError, match=r"These are not|This is not"):
        listeners.hear(visitor, rate, start, samples)
    assert len(listeners) == 0
