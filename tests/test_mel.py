"""The front-end against formulas written anew, and its promises."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from audioclf.config import MelConfig
from audioclf.mel import LogMel
from audioclf.recipes import RECIPES

from .conftest import tone

CONFIGS = [
    MelConfig(),
    RECIPES["paper"].mel,
    MelConfig(compression="log", n_mels=64, hop_length=200, win_length=800),
    MelConfig(normalisation="band"),
]


def reference_mel_power(waveform: np.ndarray, config: MelConfig) -> np.ndarray:
    """Power in each mel band, from the definitions: no torch, no torchaudio. Returns (mels, frames)."""
    # torch centres a shorter window in the transform; the ends are padded with silence.
    window = np.zeros(config.n_fft)
    first = (config.n_fft - config.win_length) // 2
    window[first : first + config.win_length] = 0.5 - 0.5 * np.cos(
        2 * np.pi * np.arange(config.win_length) / config.win_length
    )
    padded = np.pad(waveform.astype(np.float64), config.n_fft // 2)
    frames = [
        padded[start : start + config.n_fft] * window
        for start in range(0, len(padded) - config.n_fft + 1, config.hop_length)
    ]
    power = np.abs(np.fft.rfft(np.stack(frames), axis=1)) ** 2

    def mel(hz: float) -> float:
        return 2595 * math.log10(1 + hz / 700)

    edges = 700 * (10 ** (np.linspace(mel(config.f_min), mel(config.f_max), config.n_mels + 2) / 2595) - 1)
    hz = np.fft.rfftfreq(config.n_fft, 1 / config.sample_rate)
    bank = np.zeros((config.n_mels, len(hz)))
    for band in range(config.n_mels):
        low, centre, high = edges[band : band + 3]
        bank[band] = np.clip(np.minimum((hz - low) / (centre - low), (high - hz) / (high - centre)), 0, None)
    return bank @ power.T


@pytest.mark.parametrize("config", CONFIGS[:3], ids=["default", "paper", "log"])
def test_mel_power_is_the_formula(config):
    waveform = tone(1234.0, 1.0, config.sample_rate) + 0.1 * np.random.randn(config.sample_rate).astype(np.float32)
    expected = reference_mel_power(waveform, config)
    power = LogMel(config).mel_power(torch.from_numpy(waveform.astype(np.float32))[None])[0].numpy()
    assert power.shape == expected.shape
    np.testing.assert_allclose(power, expected, rtol=2e-3, atol=1e-3 * expected.mean())


def test_compressions_are_their_formulas():
    power = torch.rand(2, 128, 20) * 100
    np.testing.assert_allclose(LogMel(MelConfig(compression="log1p")).compress(power), np.log1p(power.numpy()), 1e-5)
    np.testing.assert_allclose(
        LogMel(MelConfig(compression="log", eps=1e-3)).compress(power), np.log(power.numpy() + 1e-3), 1e-4, 1e-6
    )
    power[0, 0, 0] = 1e-20
    db = LogMel(MelConfig(compression="db", top_db=60.0)).compress(power)
    assert db[0].max() - db[0].min() == pytest.approx(60.0, abs=1e-3)


@pytest.mark.parametrize("config", CONFIGS)
def test_shape_and_normalisation(config):
    front_end = LogMel(config).train()
    log_mel = front_end(0.1 * torch.randn(4, config.clip_samples))
    assert log_mel.shape == (4, config.n_mels, config.frames)
    axes = (0, 2) if config.normalisation == "band" else (1, 2)
    # A band narrower than a bin of the transform catches nothing, always: its deviation is zero.
    assert log_mel.mean(axes).abs().max() < 1e-3
    assert (log_mel.std(axes, correction=0) - 1).abs().median() < 1e-2


def test_a_tone_lies_in_its_band():
    config = MelConfig()
    front_end = LogMel(config)
    band = front_end(torch.from_numpy(tone(2000.0, 5.0))[None])[0].mean(dim=1).argmax()
    assert front_end.band_hz()[band].item() == pytest.approx(2000.0, rel=0.03)


def test_level_does_not_matter_in_db_with_clip_normalisation():
    front_end = LogMel(MelConfig())
    waveform = 0.1 * torch.randn(1, 80_000)
    torch.testing.assert_close(front_end(waveform), front_end(waveform * 0.05), rtol=1e-3, atol=1e-3)


def test_silence_is_finite():
    for config in CONFIGS:
        assert LogMel(config).eval()(torch.zeros(1, config.clip_samples)).isfinite().all()


def test_bands_above_half_the_rate_are_refused():
    with pytest.raises(ValueError, match="half the sample rate"):
        dataclasses.replace(MelConfig(), f_max=9_000.0)
