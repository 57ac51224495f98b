"""The picture's spectrogram against the front-end's own, whole."""

import numpy as np
import pytest
import torch

from audioclf import internals

from .conftest import tone


def test_pieces_make_the_whole(tiny_classifier):
    waveform = np.random.default_rng(0).normal(0, 0.1, 16_000 * 130 + 77).astype(np.float32)
    whole = tiny_classifier.model.front_end.mel_power(torch.from_numpy(waveform)[None])[0].numpy()
    decibels = 10 * np.log10(whole)
    drawn = internals.spectrogram(tiny_classifier, waveform, max_frames=10_000)
    assert drawn.shape == whole.shape
    np.testing.assert_allclose(drawn, np.maximum(decibels - decibels.max(), -80), atol=1e-3)


def test_long_recordings_keep_their_loudest(tiny_classifier):
    waveform = np.zeros(16_000 * 60, np.float32)
    waveform[400_000:400_160] = 0.5
    drawn = internals.spectrogram(tiny_classifier, waveform, max_frames=500)
    assert drawn.shape[1] <= 500
    assert drawn.max() == 0
    assert drawn.max(axis=0).argmax() / drawn.shape[1] == pytest.approx(400_000 / len(waveform), abs=0.01)


def test_a_tone_lies_in_its_band(tiny_classifier):
    drawn = internals.spectrogram(tiny_classifier, tone(1_000.0, seconds=1.0))
    band_hz = tiny_classifier.model.front_end.band_hz().numpy()
    assert band_hz[drawn.mean(axis=1).argmax()] == pytest.approx(1_000.0, rel=0.1)
    assert (drawn.max(), drawn.min()) == (0.0, -80.0)
