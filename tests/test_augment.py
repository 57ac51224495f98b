import numpy as np
import pytest
import torch

from audioclf import augment
from audioclf.config import AugmentConfig, MelConfig
from audioclf.mel import LogMel

from .conftest import tone


def column(*values: float) -> torch.Tensor:
    return torch.tensor(values)[:, None]


def test_roll_only_shifts():
    waveforms = torch.randn(8, 1000)
    rolled = augment.roll(waveforms)
    torch.testing.assert_close(rolled.sort(dim=1).values, waveforms.sort(dim=1).values)
    for before, after in zip(waveforms, rolled, strict=True):
        shift = int((before == after[0]).nonzero()[0])
        torch.testing.assert_close(before.roll(-shift), after)
    assert (rolled != waveforms).any(dim=1).sum() > 6


def test_speed_moves_the_pitch():
    waveforms = torch.from_numpy(np.stack([tone(1000.0, 2.0)] * 3))
    result = augment.change_speed(waveforms, column(0.8, 1.0, 1.25))
    spectrum = torch.fft.rfft(result * torch.hann_window(32_000)).abs()
    assert (spectrum.argmax(dim=1) / 2).tolist() == pytest.approx([800, 1000, 1250], abs=2)
    torch.testing.assert_close(result[1], waveforms[1])


def test_noise_keeps_its_distance():
    waveforms = torch.from_numpy(np.stack([tone(440.0, 1.0)] * 64))
    noise = augment.add_noise(waveforms, 20.0) - waveforms
    snr = augment.level_db(waveforms) - augment.level_db(noise)
    assert 19.5 < snr.min() < 30 < snr.max() < 50.5


def test_gain_aware_mixing_hears_the_ratio_whatever_the_levels():
    loud, quiet = torch.randn(1, 50_000), 0.01 * torch.randn(1, 50_000)
    mixed = augment.mix_waveforms(loud, quiet, column(0.5))
    share_loud = (mixed * loud).sum() / loud.square().sum()
    share_quiet = (mixed * quiet).sum() / quiet.square().sum()
    assert (share_loud * loud.std() / (share_quiet * quiet.std())).item() == pytest.approx(1.0, abs=0.05)


def test_mixing_in_time_and_in_frequency():
    low, high = torch.from_numpy(tone(300.0))[None], torch.from_numpy(tone(6000.0))[None]
    mixed = augment.mix_in_time(low, high, column(0.25))
    assert torch.equal(mixed[:, :4000], low[:, :4000])
    assert torch.equal(mixed[:, 4000:], high[:, 4000:])
    torch.testing.assert_close(augment.mix_in_frequency(low, high, column(0.5)), low + high, atol=2e-3, rtol=0)
    assert augment.mix_in_frequency(high, low, column(0.5)).abs().max() < 2e-3


@pytest.mark.parametrize(("mask", "axis"), [(augment.mask_time, 2), (augment.mask_frequency, 1)])
def test_masks_are_one_stretch_of_at_most_a_fifth(mask, axis):
    log_mel = torch.ones(200, 50, 100)
    masked = mask(log_mel, 0.2) == 0
    other = 3 - axis
    lines = masked.all(dim=other)
    assert torch.equal(masked.any(dim=other), lines)
    size = lines.shape[1]
    widths = lines.sum(dim=1)
    assert widths.max() <= 0.2 * size
    assert widths.max() > 0.15 * size
    edges = lines.int().diff(dim=1).abs().sum(dim=1) + lines[:, 0] + lines[:, -1]
    assert edges.max() <= 2


@pytest.mark.parametrize("mix", ["waveform", "time", "frequency", "log_mel"])
def test_targets_follow_the_mix(mix):
    front_end = LogMel(MelConfig(n_mels=16))
    targets = torch.eye(8)
    config = AugmentConfig(mixes=(mix,), mix_alpha=0.4)
    log_mel, soft = augment.augmented_log_mel(0.1 * torch.randn(8, 80_000), targets, front_end, config)
    assert log_mel.shape == (8, 16, 251)
    torch.testing.assert_close(soft.sum(dim=1), torch.ones(8))
    assert ((soft > 0) & (soft < 1)).any()
    _, hard = augment.augmented_log_mel(0.1 * torch.randn(8, 80_000), targets, front_end, config, mixing=False)
    assert torch.equal(hard, targets)


def test_nothing_on_is_the_plain_front_end():
    front_end, waveforms = LogMel(MelConfig(n_mels=16)), 0.1 * torch.randn(2, 80_000)
    log_mel, targets = augment.augmented_log_mel(waveforms, torch.eye(2), front_end, AugmentConfig())
    assert torch.equal(log_mel, front_end(waveforms))
    assert torch.equal(targets, torch.eye(2))


def test_everything_on_stays_finite():
    config = AugmentConfig(
        roll=True,
        gain_db=6.0,
        flip_polarity=True,
        noise_snr_db=30.0,
        speed=(0.8, 1.25),
        mixes=("waveform", "time", "frequency", "log_mel"),
        time_mask=0.2,
        frequency_mask=0.2,
    )
    waveforms = torch.randn(4, 80_000)
    waveforms[0] = 0
    for _ in range(8):
        log_mel, targets = augment.augmented_log_mel(waveforms, torch.eye(4), LogMel(MelConfig(n_mels=16)), config)
        assert log_mel.isfinite().all()
        assert targets.isfinite().all()
