import io

import numpy as np
import pytest

from audioclf import figures, internals, takeaway
from audioclf.ui.inside_answers import InsideAnswers

from .conftest import tone


@pytest.fixture(scope="module")
def answers() -> InsideAnswers:
    from .networks import KINDS, random_classifier

    return InsideAnswers(random_classifier(KINDS["18"], clip_seconds=5.0))


STOPS = [
    "waveform",
    "spectrogram",
    "mel_power",
    "log_power",
    "log_mel",
    "stem",
    "stage4",
    "pooling",
    "linear",
    "softmax",
]


@pytest.mark.parametrize("what", STOPS)
def test_every_stop_can_be_taken_away(answers, what):
    import base64

    file = answers.file(key="example:siren", kind="svg", what=what)
    assert file["name"] == f"siren-{what}.svg"
    assert b"<svg" in base64.b64decode(file["base64"])


def test_a_channel_and_the_class_maps_as_png(answers):
    import base64

    for wanted in ({"what": "stage2", "channel": 3}, {"what": "why", "labels": ["siren", "dog"]}):
        file = answers.file(key="example:siren", kind="png", colours="Cividis", **wanted)
        assert base64.b64decode(file["base64"]).startswith(b"\x89PNG")


def test_the_same_figure_is_the_same_file(tiny_classifier):
    maps = np.random.default_rng(0).random((8, 4, 6)).astype(np.float32)
    files = [figures.as_file(figures.stage(maps, "Stage", tiny_classifier.mel), "png") for _ in range(2)]
    assert files[0] == files[1]


def test_the_numbers_come_back_as_they_were(tiny_classifier):
    clip = tone(500, 5.0)
    loaded = np.load(io.BytesIO(takeaway.npz(tiny_classifier, clip)))
    assert loaded["stage2"].shape == internals.activations(tiny_classifier, clip)["stage2"].shape
    np.testing.assert_array_equal(loaded["probabilities"], tiny_classifier.probabilities([clip])[0])
    assert list(loaded["labels"]) == list(tiny_classifier.labels)
    assert len(loaded["band_hz"]) == 32
    assert loaded["frame_seconds"][-1] == 5.0
