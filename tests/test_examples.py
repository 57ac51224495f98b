"""The example sounds: the same each time, fit to be played and classified, and meant for real labels."""

import re

import numpy as np
import pytest

from audioclf.examples import CLIP_SAMPLES, EXAMPLES, PEAK, SAMPLE_RATE, by_name

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)


@pytest.fixture(scope="module")
def waveforms():
    return {example.name: example.waveform() for example in EXAMPLES}


@each_example
def test_a_waveform_is_five_seconds_of_float32_at_a_playable_level(example, waveforms):
    waveform = waveforms[example.name]
    assert waveform.dtype == np.float32
    assert waveform.shape == (CLIP_SAMPLES,) == (5 * SAMPLE_RATE,)
    assert np.isfinite(waveform).all()
    assert np.abs(waveform).max() == pytest.approx(PEAK, abs=1e-4)
    assert abs(waveform.mean()) < 0.01


@each_example
def test_the_same_example_is_the_same_sound(example, waveforms):
    np.testing.assert_array_equal(example.waveform(), waveforms[example.name])


@each_example
def test_no_stretch_is_digitally_silent(example, waveforms):
    twenty_ms = SAMPLE_RATE // 50
    stretches = waveforms[example.name].reshape(-1, twenty_ms)
    assert stretches.std(axis=1).min() > 1e-5


@each_example
def test_the_label_is_one_of_esc50(example):
    from audioclf.labels import ESC50_LABELS

    assert example.label in ESC50_LABELS


def test_names_labels_and_titles_are_unique():
    for field in ("name", "label", "title", "emoji"):
        values = [getattr(example, field) for example in EXAMPLES]
        assert len(set(values)) == len(values), field


def test_no_two_examples_are_the_same_sound(waveforms):
    assert len({waveform.tobytes() for waveform in waveforms.values()}) == len(EXAMPLES)


@each_example
def test_a_name_finds_its_example_and_fits_a_link(example):
    assert by_name(example.name) is example
    assert re.fullmatch("[a-z_]+", example.name)


def test_an_unknown_name_is_a_key_error():
    with pytest.raises(KeyError):
        by_name("violin")
