import json

import numpy as np
import pytest

from audioclf.ui import cells, inside_words
from audioclf.ui.inside_answers import InsideAnswers
from audioclf.ui.looks import GoneError, Looks
from audioclf.ui.shared import Heard

from .conftest import tone


@pytest.fixture
def answers(tiny_classifier) -> InsideAnswers:
    return InsideAnswers(tiny_classifier)


def heard(classifier, seconds: float = 2.0) -> Heard:
    waveform = tone(440, seconds)
    return Heard(name="a.wav", waveform=waveform, prediction=classifier.classify(waveform))


def test_every_answer_is_json(answers):
    key = answers.key_of(None)
    requests = {
        "begin": {},
        "road": {"key": key},
        "sound": {"key": key},
        "stage": {"keys": [key], "stage": "stage1"},
        "blocks": {"key": key, "stage": "stage1"},
        "channel": {"keys": [key], "stage": "stem", "channel": 1},
        "listen": {"key": key, "stage": "stage2", "channel": 0},
        "cell": {"key": key, "stage": "stage2", "row": 0, "column": 3},
        "why": {"keys": [key], "labels": ["siren", "dog"]},
        "broken": {"keys": [key], "change": {"noise_db": 0, "hidden_hz": [100, 500], "muted": [["stem", 1]]}},
    }
    for name, request in requests.items():
        json.dumps(getattr(answers, name)(**request))
    assert set(requests) | {"exciting", "file"} == set(InsideAnswers.SCREEN)


def test_no_change_is_the_first_answer_exactly(answers):
    (sound,) = answers.broken([answers.key_of(None)], {})["sounds"]
    assert sound["same"]
    assert all(bar["before"] == bar["after"] for bar in sound["bars"])
    (broken,) = answers.broken([answers.key_of(None)], {"noise_db": 10})["sounds"]
    assert not broken["same"]


def test_a_visitors_clip_is_kept_under_a_key_nobody_can_guess_and_can_be_forgotten(tiny_classifier):
    looks = Looks(tiny_classifier)
    recording = heard(tiny_classifier)
    look = looks.at(recording)
    assert looks.at(recording) is look
    assert looks.by_key(look.key) is look
    assert len(look.key) >= 16
    looks.forget(look.key.partition("@")[0])
    with pytest.raises(GoneError):
        looks.by_key(look.key)
    with pytest.raises(GoneError):
        looks.by_key("example:no such sound")


def test_what_is_kept_is_bounded_and_the_oldest_goes_first(tiny_classifier):
    one = Looks(tiny_classifier).at(heard(tiny_classifier)).size
    looks = Looks(tiny_classifier, largest_bytes=int(2.5 * one))
    first, second, third = (looks.at(heard(tiny_classifier)) for _ in range(3))
    with pytest.raises(GoneError):
        looks.by_key(first.key)
    assert looks.by_key(second.key) is second
    assert looks.by_key(third.key) is third


def test_a_long_recording_shows_the_window_that_speaks_for_its_answer(tiny_classifier):
    long = heard(tiny_classifier, 12.0)
    look = Looks(tiny_classifier).at(long)
    windows = {window.start_seconds: window for window in long.prediction.windows}
    chosen = dict((r.label, r.probability) for r in windows[look.start_seconds].top)
    label = long.prediction.label
    assert all(chosen[label] >= dict((r.label, r.probability) for r in w.top)[label] for w in windows.values())
    assert len(look.clip) == 80_000


def test_every_moment_of_a_long_recording_can_be_looked_at(answers, tiny_classifier):
    long = heard(tiny_classifier, 12.0)
    assert answers.road(answers.key_of(heard(tiny_classifier)))["moments"] == []
    road = answers.road(answers.key_of(long))
    assert len(road["moments"]) == len(long.prediction.windows) > 2
    for moment, window in zip(road["moments"], long.prediction.windows, strict=True):
        there = answers.road(moment["key"])
        assert there["start_seconds"] == window.start_seconds
        assert there["answer"]["label"] == window.top[0].label
        assert there["moments"] == road["moments"]
    token = road["key"].partition("@")[0]
    for wrong in (f"{token}@99", f"{token}@-1", f"{token}@x", token):
        assert answers.road(wrong)["gone"]
    answers.looks.forget(token)
    assert answers.road(road["key"])["gone"]
    del long
    assert answers.road(road["moments"][0]["key"])["gone"], "with the visitor's recording its moments go too"


def test_a_gone_recording_is_said_in_words(answers):
    assert answers.road("gone")["gone"] == inside_words.GONE


def test_packed_maps_say_what_they_hold():
    import base64
    import zlib

    maps = np.array([[0.0, 1.0], [2.0, 9.0]])
    packed = cells.packed(maps, 0.0, 2.0)
    assert list(zlib.decompress(base64.b64decode(packed["data"]))) == [0, 128, 255, 255]
    assert cells.signed(np.array([[-1.0, 0.0, 1.0]]))["low"] == -1.0
    assert cells.thumbnails(np.eye(4)[None], rows=2, columns=2).tolist() == [[[1.0, 0.0], [0.0, 1.0]]]
    assert cells.brightest(np.zeros((2, 2))) == 1.0


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([("dog", 0.9), ("cat", 0.1)], [("dog", 0.9), ("cat", 0.1)], "Nothing is changed."),
        ([("dog", 0.9), ("cat", 0.1)], [("dog", 0.6), ("cat", 0.4)], "Still Dog, but less sure: 90\u202f% became 60"),
        ([("dog", 0.9), ("cat", 0.1)], [("dog", 0.895), ("cat", 0.105)], "Still Dog, and about as sure"),
        ([("dog", 0.9), ("cat", 0.1)], [("cat", 0.8), ("dog", 0.2)], "Now it says Cat, 80\u202f%. Dog went from 90"),
    ],
)
def test_a_change_in_words(before, after, said):
    assert inside_words.changed(before, after).startswith(said)


def test_numbers_as_people_say_them():
    assert inside_words.hertz(2_449.0) == "2\u202f400"
    assert inside_words.hertz(20.0) == "20"
    assert inside_words.percent(0.999) == "over 99\u202f%"
    assert inside_words.percent(0.001) == "under 1\u202f%"


def test_the_parts_of_a_logit_add_up_as_they_are_shown():
    import re

    for total, bias in ((1.6749, -0.0149), (9.204, -0.0051), (-3.333, 0.125)):
        said = inside_words.why("dog", total, bias, total + bias).replace("−", "-")
        shown = [float(number) for number in re.findall(r"[+-]\d+\.\d+", said)]
        assert shown[0] + shown[1] == pytest.approx(shown[2], abs=1e-9)
        assert shown[2] == pytest.approx(total + bias, abs=0.0051)


def test_what_decides_between_two_classes_in_words():
    assert "“Dog” to be 7.4 times as likely as “Cat”" in inside_words.between("dog", "cat", 2.0)
    assert "“Cat” to be 7.4 times as likely as “Dog”" in inside_words.between("dog", "cat", -2.0)
