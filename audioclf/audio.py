"""The only decoder: a recording in, float32 mono at the asked sample rate out, or one plain sentence why not.

    bytes ─ FFmpeg (PyAV) ─▶ channels ─ mean ─▶ mono ─ soxr ─▶ clip to [-1, 1] ─▶ blocks of about a second

Knows no torch, no model and no window length.
"""

import io
import itertools
import os
import threading
import wave
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import soxr
from jaxtyping import Float32

from . import ffmpeg
from .errors import NotSoundError, UnusableRecordingError
from .ffmpeg import MIN_SECONDS, Channels, Recording

SILENCE_PEAK = 1 / 32768  # one 16-bit step: a recording that never reaches it holds nothing but zeros
MAX_PEAK = 10.0  # 20 dB over full scale: past any headroom, so the numbers were never scaled to [-1, 1]
MAX_SAMPLE_RATE_CHANGES = 16  # joined radio streams have a few; every change costs a new resampler
JOINED_SECONDS = 0.5  # frames are a few milliseconds long
BLOCKS_A_TURN = 8  # a usual recording whole; of a long one so little that nobody waits long behind it
# Decoding is many short calls: threads beyond the physical cores spend more time on passing Python's lock around
# than on sound. Measured on two virtual cores: sixteen at once decode half as much as one.
TURNS = threading.BoundedSemaphore(max(1, min(4, (os.cpu_count() or 1) // 2)))

Mono = tuple[int, Float32[np.ndarray, " samples"]]


def decode(
    recording: Recording, sample_rate: int, *, max_seconds: float | None = 600.0
) -> Float32[np.ndarray, " samples"]:
    """Decodes a whole recording into one waveform.

    Args:
        recording: A path, the bytes themselves, or a seekable binary file (read from its start, left open).
        sample_rate: Samples per second of the waveform, in Hz.
        max_seconds: The longest recording that is taken, in seconds; None for any.

    Returns:
        Mono samples in [-1, 1], `sample_rate` of them per second.

    Raises:
        NotSoundError: No sound can be decoded: text, a picture, a video without sound, a broken file.
        UnusableRecordingError: Shorter than `MIN_SECONDS`, longer than `max_seconds`, silent, or not finite.
    """
    return np.concatenate(list(blocks(recording, sample_rate, max_seconds=max_seconds)))


def blocks(
    recording: Recording, sample_rate: int, *, max_seconds: float | None = None
) -> Iterator[Float32[np.ndarray, " samples"]]:
    """Decodes a recording block by block, in bounded memory whatever its duration.

    Takes and raises what `decode` does, as soon as it shows: a duration or a number out of bounds at the
    block it comes in; too short, silent and broken only after the last one. So trust no answer before the
    iterator's end. Samples are kept as they are up to full scale, and clipped beyond it, as a player or a
    16-bit file would do; scaling them down instead needs the peak, which a stream knows only at its end.

    Yields:
        Mono samples in [-1, 1]: a second or two of them, less in the last block.
    """
    several = _blocks(recording, sample_rate, max_seconds)
    while True:
        with TURNS:
            turn = list(itertools.islice(several, BLOCKS_A_TURN))
        yield from turn
        if len(turn) < BLOCKS_A_TURN:
            return


def encode_wav(waveform: Float32[np.ndarray, " samples"], sample_rate: int) -> bytes:
    """Writes a waveform as a 16-bit mono WAV file, for playback.

    Args:
        waveform: Finite mono samples; beyond [-1, 1] they are clipped.
        sample_rate: Samples per second, in Hz.

    Returns:
        The file's bytes. `decode` gives the waveform back to half a 16-bit step (one step at +1).
    """
    steps = np.clip(np.rint(waveform * 32768.0), -32768, 32767).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(sample_rate)
        wav.writeframes(steps.tobytes())
    return file.getvalue()


def _blocks(
    recording: Recording, sample_rate: int, max_seconds: float | None
) -> Iterator[Float32[np.ndarray, " samples"]]:
    tally = _Tally(max_seconds)
    with ffmpeg.opened(recording) as container:
        stream = ffmpeg.sound_of(container)
        tally.check_duration(ffmpeg.declared_seconds(container, stream))
        held, held_samples = [], 0
        for part in _resampled(tally.mixed(_joined(ffmpeg.frames(container, stream))), sample_rate):
            held.append(np.clip(part, -1, 1))
            tally.heard_peak = max(tally.heard_peak, _peak(part))
            held_samples += part.size
            if held_samples >= sample_rate:
                yield np.concatenate(held)
                held, held_samples = [], 0
    if held_samples:
        yield np.concatenate(held)
    tally.check_end()


def _peak(samples: np.ndarray) -> float:
    """Largest absolute value, without a copy; NaN where one of them is."""
    return max(float(samples.max()), -float(samples.min())) if samples.size else 0.0


class _Tally:
    """What has been decoded so far, and the refusals that follow from it."""

    def __init__(self, max_seconds: float | None) -> None:
        self.max_seconds = max_seconds
        self.seconds = Fraction(0)  # exact, so that a recording as long as the limit is within it
        self.peak = self.heard_peak = 0.0  # of any channel as decoded; of the mono waveform as resampled

    def mixed(self, pieces: Iterator[Channels]) -> Iterator[Mono]:
        """Checks each piece and mixes it to mono, by the plain mean: swresample's weighs them by place."""
        for rate, channels in pieces:
            self.seconds += Fraction(channels.shape[1], rate)
            self.check_duration(float(self.seconds))
            peak = _peak(channels)
            if not np.isfinite(peak):
                raise UnusableRecordingError("The recording has samples that are no numbers: save it again.")
            if peak > MAX_PEAK:
                raise UnusableRecordingError("The recording lies far beyond [-1, 1]: scale it and save it.")
            self.peak = max(self.peak, peak)
            yield rate, channels[0] if len(channels) == 1 else channels.mean(axis=0, dtype=np.float32)

    def check_duration(self, seconds: float) -> None:
        longest = self.max_seconds
        if longest is not None and seconds > longest:
            limit = f"{longest / 60:g} minutes" if longest >= 120 else f"{longest:g} seconds"
            raise UnusableRecordingError(
                f"The recording is longer than {limit}: cut it, and send the part that interests you."
            )

    def check_end(self) -> None:
        if self.seconds == 0:
            raise NotSoundError("The recording holds no sound: record it again, or choose another one.")
        if float(self.seconds) < MIN_SECONDS:
            raise UnusableRecordingError(f"The recording is too short: record at least {MIN_SECONDS} seconds.")
        if self.peak < SILENCE_PEAK:
            raise UnusableRecordingError("The recording is silent: check the microphone and record it again.")
        if self.heard_peak < SILENCE_PEAK:
            raise UnusableRecordingError(
                "The recording's channels cancel each other out, or its sound is too high to be analysed: "
                "send a single channel, with sound that can be heard."
            )


def _joined(pieces: Iterator[Channels]) -> Iterator[Channels]:
    """Joins neighbours to `JOINED_SECONDS` or more: on single frames, numpy's calls cost more than its sums."""
    held: list[np.ndarray] = []
    kind, samples = (0, 0), 0
    for rate, channels in pieces:
        if held and (rate, len(channels)) != kind:
            yield kind[0], np.concatenate(held, axis=1)
            held, samples = [], 0
        held.append(channels)
        kind, samples = (rate, len(channels)), samples + channels.shape[1]
        if samples >= JOINED_SECONDS * rate:
            yield rate, np.concatenate(held, axis=1)
            held, samples = [], 0
    if held:
        yield kind[0], np.concatenate(held, axis=1)


def _resampled(pieces: Iterator[Mono], sample_rate: int) -> Iterator[Float32[np.ndarray, " samples"]]:
    """Resamples mono pieces as one stream, anew where the recording itself changes its sample rate."""
    nothing = np.empty(0, np.float32)
    resampler, last_rate, changes = None, 0, -1
    for rate, mono in pieces:
        if rate != last_rate:
            if resampler:
                yield resampler.resample_chunk(nothing, last=True)
            resampler = soxr.ResampleStream(rate, sample_rate, 1) if rate != sample_rate else None
            last_rate, changes = rate, changes + 1
            if changes > MAX_SAMPLE_RATE_CHANGES:
                raise NotSoundError("The recording keeps changing its sample rate: save it again at one.")
        yield resampler.resample_chunk(mono) if resampler else mono
    if resampler:
        yield resampler.resample_chunk(nothing, last=True)
