"""Building blocks of synthetic sound: noise, resonances, tones, rooms. Knows no label and no model."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

Samples = Float64[np.ndarray, " _"]
"""One sound of any length, or one value for each of its samples."""
Number = float | int
"""To a type checker `float` takes whole numbers too; to the tests' run-time check it does not."""

SAMPLE_RATE = 16_000
"""In hertz."""
CLIP_SECONDS = 5
CLIP_SAMPLES = CLIP_SECONDS * SAMPLE_RATE


def seconds(duration: Number = CLIP_SECONDS) -> Samples:
    """The time of each sample of a sound that long."""
    return np.arange(round(duration * SAMPLE_RATE)) / SAMPLE_RATE


def shaped(waveform: Samples, *points: tuple[Number, Number]) -> Samples:
    """Filters a waveform by a gain curve, with no phase shift.

    Args:
        waveform: Any sound. Filtering is circular, so a sound that must not wrap round needs a quiet end.
        points: (frequency in hertz, gain in dB), rising in frequency, joined by straight lines over octaves.
    """
    frequencies_hz = np.fft.rfftfreq(len(waveform), 1 / SAMPLE_RATE)
    corners_hz, gains_db = zip(*points, strict=True)
    gain_db = np.interp(np.log2(np.maximum(frequencies_hz, 1.0)), np.log2(corners_hz), gains_db)
    return np.fft.irfft(np.fft.rfft(waveform) * 10 ** (gain_db / 20), len(waveform))


def noise(rng: np.random.Generator, *points: tuple[Number, Number], duration: Number = CLIP_SECONDS) -> Samples:
    """Gaussian noise of unit RMS whose spectrum follows the points of `shaped`."""
    coloured = shaped(rng.standard_normal(round(duration * SAMPLE_RATE)), *points)
    return coloured / np.sqrt(np.mean(coloured**2))


def wander(rng: np.random.Generator, rate_hz: Number, duration: Number = CLIP_SECONDS) -> Samples:
    """A smooth random curve, mean 0 and deviation 1, that turns about `rate_hz` times a second."""
    knots = rng.standard_normal(max(4, round(2 * rate_hz * duration) + 2))
    time = seconds(duration)
    curve = np.interp(time, np.linspace(0, duration, len(knots)), knots)
    width = max(1, round(SAMPLE_RATE / (2 * rate_hz)))
    padded = np.pad(curve, (width // 2, width - width // 2 - 1), mode="edge")
    sums = np.concatenate(([0.0], np.cumsum(padded)))
    curve = (sums[width:] - sums[:-width]) / width
    return (curve - curve.mean()) / (curve.std() + 1e-9)


def decay(t60_seconds: Number, duration: Number) -> Samples:
    """An exponential fall that is 60 dB down after `t60_seconds`."""
    return np.exp(-np.log(1_000) / t60_seconds * seconds(duration))


def pulse(duration: Number, attack: Number, release: Number) -> Samples:
    """An envelope that rises and falls as half cosines: no click at either end."""
    time = seconds(duration)
    rise = np.clip(time / attack, 0, 1)
    fall = np.clip((duration - time) / release, 0, 1)
    return (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall))


def ringing(rng: np.random.Generator, *modes: tuple[Number, Number, Number], duration: Number) -> Samples:
    """A struck body.

    Args:
        modes: (frequency in hertz, amplitude, time to fall by 60 dB in seconds) of each resonance.
    """
    sound = np.zeros(round(duration * SAMPLE_RATE))
    for frequency_hz, amplitude, t60_seconds in modes:
        audible = min(duration, 1.2 * t60_seconds)
        turns = frequency_hz * seconds(audible) + rng.uniform()
        add(sound, 0, amplitude * np.sin(2 * np.pi * turns) * decay(t60_seconds, audible))
    return sound


def harmonics(frequency_hz: Samples, amplitudes: Sequence[Number] | Samples) -> Samples:
    """A tone of moving pitch with harmonics 1, 2, 3 and on, those near the Nyquist frequency faded out."""
    phase = 2 * np.pi * np.cumsum(frequency_hz) / SAMPLE_RATE
    sound = np.zeros_like(phase)
    for number, amplitude in enumerate(amplitudes, start=1):
        audible = np.clip((7_800 - number * frequency_hz) / 300, 0, 1)
        if audible.any():
            sound += amplitude * audible * np.sin(number * phase)
    return sound


def add(clip: Samples, at_seconds: Number, sound: Samples) -> None:
    """Mixes a sound into a clip, in place. What lies before the clip's start or past its end is cut off."""
    start = round(at_seconds * SAMPLE_RATE)
    first, last = max(start, 0), min(start + len(sound), len(clip))
    if first < last:
        clip[first:last] += sound[first - start : last - start]


def convolved(waveform: Samples, response: Samples) -> Samples:
    """Linear convolution, cut to the length of the waveform."""
    size = 1 << (len(waveform) + len(response) - 1).bit_length()
    return np.fft.irfft(np.fft.rfft(waveform, size) * np.fft.rfft(response, size), size)[: len(waveform)]


def in_room(rng: np.random.Generator, waveform: Samples, t60_seconds: Number, wet: Number) -> Samples:
    """Adds reverberation: convolution with decaying noise, the highs gone twice as fast as the lows.

    Args:
        t60_seconds: Reverberation time of the low frequencies.
        wet: Energy of the tail relative to the direct sound's, as an amplitude.
    """
    lows = noise(rng, (1_000, 0), (4_000, -40), duration=t60_seconds) * decay(t60_seconds, t60_seconds)
    highs = noise(rng, (1_000, -40), (4_000, 0), duration=t60_seconds) * decay(t60_seconds / 2, t60_seconds)
    tail = lows + highs
    return waveform + wet * convolved(waveform, tail / np.sqrt(np.sum(tail**2)))


def sparks(rng: np.random.Generator, per_second: Number, spread: Number) -> Samples:
    """A Poisson train of unit impulses of either sign, their sizes log-normal with deviation `spread`."""
    clip = np.zeros(CLIP_SAMPLES)
    count = rng.poisson(per_second * CLIP_SECONDS)
    sizes = rng.lognormal(0, spread, count) * rng.choice([-1.0, 1.0], count)
    np.add.at(clip, rng.integers(0, CLIP_SAMPLES, count), sizes)
    return clip


def at_level(waveform: Samples, level_db: Number) -> Samples:
    """The waveform at an RMS of so many dB below 1."""
    return waveform * 10 ** (level_db / 20) / np.sqrt(np.mean(waveform**2))
