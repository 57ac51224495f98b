"""Augmentation as batched tensor operations on the batch's own device. Knows no files and no labels.

    waveforms ─ roll, speed ─ gain, polarity ─ mix ─ noise ─ LogMel ─ mix ─ masks ─▶ log_mel
    targets   ─────────────────────────────────┴───────────────────┴─────────▶ soft targets

Randomness comes from torch's global generators, which training seeds once an epoch. Decisions for the
whole batch are drawn on the CPU, those for each clip on the device: no step waits for the device.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from .config import AugmentConfig
from .mel import LogMel

Waveforms = Float[Tensor, "batch samples"]
LogMels = Float[Tensor, "batch mels frames"]
Targets = Float[Tensor, "batch classes"]


def _uniform(like: Tensor, low: float, high: float) -> Float[Tensor, "batch 1"]:
    return torch.empty(len(like), 1, device=like.device).uniform_(low, high)


def roll(waveforms: Waveforms) -> Waveforms:
    """Shift each waveform around by its own random number of whole samples."""
    samples = waveforms.shape[-1]
    start = torch.randint(samples, (len(waveforms), 1), device=waveforms.device)
    return waveforms.repeat(1, 2).gather(1, torch.arange(samples, device=waveforms.device) + start)


def change_speed(waveforms: Waveforms, speed: Float[Tensor, "batch 1"]) -> Waveforms:
    """Play each waveform at its own speed; a faster one begins again where it ends.

    Args:
        waveforms: The clips.
        speed: Samples to advance for each sample of the result, up to 2; above 1 is faster and higher.

    Returns:
        As many samples as before, interpolated by Catmull-Rom cubics.
    """
    # Positions in fixed point: float32 has only 7 bits left for the fraction at 80,000 samples.
    bits = 20
    position = torch.arange(waveforms.shape[-1], device=waveforms.device) * (speed * 2**bits).long()
    t = (position & (2**bits - 1)).float() * 2.0**-bits
    index = position >> bits
    # Begun again at the end, and with the neighbours that the cubic needs at both ends.
    longer = torch.cat([waveforms[:, -1:], waveforms, waveforms, waveforms[:, :2]], dim=1)
    a, b, c, d = (longer[:, step:].gather(1, index) for step in range(4))
    cubic = (b - c).mul_(3).add_(d).sub_(a).mul_(t).add_(2 * a - 5 * b + 4 * c - d).mul_(t).add_(c - a)
    return cubic.mul_(t).mul_(0.5).add_(b)


def level_db(waveforms: Waveforms) -> Float[Tensor, "batch 1"]:
    """Root mean square of each waveform, dB; -100 for silence."""
    return 10 * (waveforms.square().mean(dim=1, keepdim=True) + 1e-10).log10()


def add_noise(waveforms: Waveforms, snr_db: float) -> Waveforms:
    """Add white noise between `snr_db` and `snr_db` + 30 dB below each waveform's own level."""
    amplitude = 10 ** ((level_db(waveforms) - _uniform(waveforms, snr_db, snr_db + 30)) / 20)
    return waveforms + amplitude * torch.randn_like(waveforms)


def mix_waveforms(waveforms: Waveforms, others: Waveforms, ratio: Float[Tensor, "batch 1"]) -> Waveforms:
    """Add two clips so that `ratio` is the share of the first that is heard, whatever their levels.

    Source: Tokozume et al., 2018, eq. 2, https://arxiv.org/abs/1711.10282 (levels are plain RMS here).
    """
    gap = 10 ** ((level_db(waveforms) - level_db(others)) / 20)
    share = 1 / (1 + gap * (1 - ratio) / ratio.clamp_min(1e-4))
    return (share * waveforms + (1 - share) * others) / (share.square() + (1 - share).square()).sqrt()


def mix_in_time(waveforms: Waveforms, others: Waveforms, ratio: Float[Tensor, "batch 1"]) -> Waveforms:
    """The first `ratio` of one clip, then the rest of the other."""
    samples = waveforms.shape[-1]
    return torch.where(torch.arange(samples, device=waveforms.device) < ratio * samples, waveforms, others)


def mix_in_frequency(waveforms: Waveforms, others: Waveforms, ratio: Float[Tensor, "batch 1"]) -> Waveforms:
    """The lowest `ratio` of the mel axis from one clip, all above it from the other."""
    samples = waveforms.shape[-1]
    bins = samples // 2 + 1
    # On the HTK mel scale up to Nyquist, taken as 8 kHz: only the distribution of the edge depends on it.
    edge = 700 * (10 ** (ratio * 2840.0 / 2595.0) - 1) / 8000.0
    low = torch.arange(bins, device=waveforms.device) < edge * bins
    spectrum = torch.where(low, torch.fft.rfft(waveforms), torch.fft.rfft(others))
    return torch.fft.irfft(spectrum, n=samples)


MIXES = {"waveform": mix_waveforms, "time": mix_in_time, "frequency": mix_in_frequency}


def _mask(log_mel: LogMels, size: int, largest: float) -> Tensor:
    width = _uniform(log_mel, 0.0, largest) * size
    start = _uniform(log_mel, 0.0, 1.0) * (size - width)
    cell = torch.arange(size, device=log_mel.device)
    return (cell >= start.floor()) & (cell < (start + width).floor())


def mask_time(log_mel: LogMels, largest: float) -> LogMels:
    """Set one random stretch of frames, at most `largest` of them, to zero: the clip's mean.

    Source: SpecAugment, Park et al., 2019, https://arxiv.org/abs/1904.08779
    """
    return log_mel.masked_fill(_mask(log_mel, log_mel.shape[-1], largest)[:, None, :], 0.0)


def mask_frequency(log_mel: LogMels, largest: float) -> LogMels:
    """Set one random stretch of mel bands, at most `largest` of them, to zero."""
    return log_mel.masked_fill(_mask(log_mel, log_mel.shape[-2], largest)[:, :, None], 0.0)


def augmented_log_mel(
    waveforms: Waveforms, targets: Targets, front_end: LogMel, config: AugmentConfig, mixing: bool = True
) -> tuple[LogMels, Targets]:
    """From a training batch of waveforms to the network's input and its targets.

    Args:
        waveforms: Samples in [-1, 1].
        targets: One-hot, or soft already.
        front_end: Computes the log_mel; its BatchNorm, if any, learns here.
        config: What to do, and how much of it.
        mixing: False leaves the mixes out, as in the last epochs.

    Returns:
        The log_mel and the targets, which are soft where clips were mixed.
    """
    if config.roll:
        waveforms = roll(waveforms)
    if config.speed != (1.0, 1.0):
        waveforms = change_speed(waveforms, _uniform(waveforms, *config.speed))
    if config.gain_db:
        waveforms = waveforms * 10 ** (_uniform(waveforms, -config.gain_db, config.gain_db) / 20)
    if config.flip_polarity:
        waveforms = waveforms * (_uniform(waveforms, -1.0, 1.0).sign())

    kind, order, ratio = None, None, None
    if mixing and config.mixes and torch.rand(()).item() < config.mix_share:
        kind = config.mixes[int(torch.randint(len(config.mixes), ()).item())]
        order = torch.randperm(len(waveforms), device=waveforms.device)
        alpha = torch.full((len(waveforms), 1), config.mix_alpha, device=waveforms.device)
        ratio = torch.distributions.Beta(alpha, alpha, validate_args=False).sample()
        targets = ratio * targets + (1 - ratio) * targets[order]
        if kind != "log_mel":
            waveforms = MIXES[kind](waveforms, waveforms[order], ratio)
    if config.noise_snr_db is not None:
        waveforms = add_noise(waveforms, config.noise_snr_db)

    log_mel = front_end(waveforms)
    if kind == "log_mel" and ratio is not None:
        log_mel = ratio[:, :, None] * log_mel + (1 - ratio[:, :, None]) * log_mel[order]
    if config.time_mask:
        log_mel = mask_time(log_mel, config.time_mask)
    if config.frequency_mask:
        log_mel = mask_frequency(log_mel, config.frequency_mask)
    return log_mel, targets
