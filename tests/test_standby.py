"""Long recordings go to the far classifier while it is awake, and nobody waits for it to wake."""

import threading

import numpy as np
import pytest

from audioclf.errors import UnusableRecordingError
from audioclf.prediction import Prediction
from audioclf.serving import standby

from .conftest import tone


class Far:
    """A GPU that wakes when told to, and remembers what it was asked."""

    def __init__(self):
        self.wakings = 0
        self.asked: list[np.ndarray] = []
        self.may_wake = threading.Event()
        self.may_wake.set()
        self.fails: Exception | None = None
        self.now = 100.0

    def wake(self):
        self.wakings += 1
        assert self.may_wake.wait(10)
        if self.fails:
            raise self.fails

    def classify(self, waveform: np.ndarray) -> Prediction:
        self.asked.append(waveform)
        if self.fails:
            raise self.fails
        return self.answer


@pytest.fixture
def far():
    return Far()


@pytest.fixture
def classifier(tiny_checkpoint, far, monkeypatch):
    monkeypatch.setattr(standby, "LONG_SECONDS", 8.0)
    made = standby.StandbyClassifier(
        tiny_checkpoint, wake=far.wake, far=far.classify, sleeps_after_seconds=60.0, clock=lambda: far.now
    )
    far.answer = made.classify(tone(seconds=1))
    return made


def settle(classifier):
    """Wait until a waking that has begun is over."""
    classifier._waking.exception(10)


LONG = tone(seconds=8)


def test_short_recordings_stay_and_wake_nobody(classifier, far):
    classifier.classify(tone(seconds=7.9))
    assert far.wakings == 0
    assert far.asked == []


def test_the_first_long_recording_is_answered_here_while_the_far_one_wakes(classifier, far):
    far.may_wake.clear()
    assert len(classifier.classify(LONG).windows) > 1
    assert len(classifier.classify(LONG).windows) > 1
    assert far.asked == []
    far.may_wake.set()
    settle(classifier)
    assert far.wakings == 1, "one call is enough"

    heard = []
    assert classifier.classify(LONG, progress=heard.append) is far.answer
    assert far.asked[0] is LONG
    assert heard == [far.answer.duration_seconds]


def test_it_is_woken_again_after_it_fell_asleep(classifier, far):
    classifier.classify(LONG)
    settle(classifier)
    far.now += 59
    assert classifier.classify(LONG) is far.answer
    far.now += 59
    assert classifier.classify(LONG) is far.answer, "work keeps it awake"
    far.now += 61
    assert classifier.classify(LONG) is not far.answer
    assert far.wakings == 2
    settle(classifier)


def test_a_far_one_that_fails_costs_nobody_the_answer(classifier, far):
    classifier.classify(LONG)
    settle(classifier)
    far.fails = ConnectionError("gone")
    assert len(classifier.classify(LONG).windows) > 1
    classifier.classify(LONG)
    settle(classifier)
    assert len(far.asked) == 1, "not asked again before it has woken"
    far.fails = None
    classifier.classify(LONG)
    settle(classifier)
    assert classifier.classify(LONG) is far.answer


def test_what_is_wrong_with_the_recording_is_not_tried_twice(classifier, far):
    classifier.classify(LONG)
    settle(classifier)
    far.fails = UnusableRecordingError("The recording is silent.")
    with pytest.raises(UnusableRecordingError):
        classifier.classify(LONG)
