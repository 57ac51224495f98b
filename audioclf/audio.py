"""The only decoder: a recording in, float32 mono at the asked sample rate out, or one plain sentence why not.

    bytes ─ FFmpeg (PyAV) ─▶ channels ─ mean ─▶ mono ─ soxr ─▶ clip to [-1, 1] ─▶ blocks of about a second

A recording is untrusted. FFmpeg therefore sees bytes and never a name, may open nothing else, and knows only
the containers and codecs listed here: a playlist, a subtitle or a picture is refused whatever it is called.
This module knows no torch, no model and no window length.
"""

import contextlib
import io
import itertools
import os
import threading
import wave
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NoReturn, Protocol, runtime_checkable

import av
import numpy as np
import soxr
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard
from jaxtyping import Float32

from audioclf.errors import NotSoundError, UnusableRecordingError

MIN_SECONDS = 0.1
SILENCE_PEAK = 1 / 32768  # one 16-bit step: a recording that never reaches it holds nothing but zeros
MAX_PEAK = 10.0  # 20 dB over full scale: past any headroom, so the numbers were never scaled to [-1, 1]
MIN_SAMPLE_RATE_HZ = 1_000
MAX_SAMPLE_RATE_HZ = 768_000  # ultrasound recorders go to 500 kHz
MAX_CHANNELS = 64  # seventh-order ambisonics
MAX_PLANES = 8  # beyond them PyAV reads past the end of its list of planes
MAX_SAMPLE_RATE_CHANGES = 16  # joined radio streams have a few; every change costs a new resampler
MAX_PACKETS_PER_SECOND = 1_000  # of sound: Opus has 400 at most, and each costs its time, damaged or not
JOINED_SECONDS = 0.5  # frames are a few milliseconds long
BLOCKS_A_TURN = 8  # a usual recording whole; of a long one so little that nobody waits long behind it
# Decoding is many short calls: threads beyond the physical cores spend more time on passing Python's lock around
# than on sound. Measured on two virtual cores: sixteen at once decode half as much as one.
TURNS = threading.BoundedSemaphore(max(1, min(4, (os.cpu_count() or 1) // 2)))
SAMPLE_TYPES = {"u8": "u1", "s16": "i2", "s32": "i4", "s64": "i8", "flt": "f4", "dbl": "f8"}

# Left out on purpose: whatever opens other files (hls, concat, sdp, avi's subtitles), pictures and text.
CONTAINERS = "wav,w64,mp3,flac,ogg,mov,matroska,aiff,aac,caf,au,amr,wv,asf"
CODECS = ",".join(
    [
        "mp3,mp3float,mp2,mp2float,mp1,mp1float,flac,vorbis,opus,libopus,aac,alac,wavpack,ac3,eac3,amrnb,amrwb",
        "libopencore_amrnb,libopencore_amrwb,speex,libspeex,gsm,gsm_ms,wmav1,wmav2,wmapro,wmalossless",
        "adpcm_ms,adpcm_ima_wav,adpcm_ima_qt",
        *sorted(name for name in av.codecs_available if name.startswith("pcm_")),
    ]
)
ESTIMATED = {"mp3", "aac", "amr"}  # their duration is a guess from the first packets' bit rate

NOT_SOUND = "This is not a recording that can be read: send one as WAV, MP3, FLAC, OGG, M4A or WebM."
BROKEN = "The recording is broken and too little sound can be read from it: save or send it again."
# PyAV's own errors, and Python's, where FFmpeg's answer does not fit a Python type.
BROKEN_BYTES = (FFmpegError, ArithmeticError, MemoryError, OSError, RuntimeError, ValueError)


@runtime_checkable
class BinaryFile(Protocol):
    """A seekable file of bytes. Not `BinaryIO`, whose `name` and `mode` neither BytesIO nor an upload has."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...


Recording = str | os.PathLike[str] | bytes | BinaryFile
Channels = tuple[int, Float32[np.ndarray, "channels samples"]]  # with their sample rate in Hz, as in Mono
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
    with _opened(recording) as container:
        stream = _sound_of(container)
        tally.check_duration(_declared_seconds(container, stream))
        held, held_samples = [], 0
        for part in _resampled(tally.mixed(_joined(_frames(container, stream))), sample_rate):
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


class _Nameless:
    """All that FFmpeg may see of a recording: bytes, and no name that could steer how they are read."""

    def __init__(self, file: BinaryFile) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell


def _open_nothing_else(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    raise PermissionError("a recording may not open another file")


@contextlib.contextmanager
def _opened(recording: Recording) -> Iterator[InputContainer]:
    """Opens the recording for FFmpeg, behind every lock it has, and closes what it opened."""
    with contextlib.ExitStack() as stack:
        try:
            if isinstance(recording, bytes):
                file: BinaryFile = io.BytesIO(recording)
            elif isinstance(recording, str | os.PathLike):
                file = stack.enter_context(open(recording, "rb"))
            else:
                file = recording
            file.seek(0)
            empty = not file.read(1)
            file.seek(0)
        except (OSError, ValueError) as error:
            raise NotSoundError("The recording cannot be opened: check that it exists.") from error
        if empty:
            raise NotSoundError("The recording is empty: record it again, or choose another one.")
        try:
            container = av.open(
                _Nameless(file),
                mode="r",
                container_options={
                    "format_whitelist": CONTAINERS,
                    "codec_whitelist": CODECS,  # pictures in a video are never even decoded
                    "protocol_whitelist": "none",
                    "enable_drefs": "0",
                    # A WAV's packets are probed for DTS in disguise, which is no codec here: 13 ms for nothing.
                    "max_probe_packets": "1",
                },
                metadata_errors="replace",  # a title in Latin-1 is no reason to refuse
                io_open=_open_nothing_else,
            )
        except BROKEN_BYTES as error:
            raise NotSoundError(NOT_SOUND) from error
        stack.enter_context(contextlib.closing(container))
        if not set(container.format.name.split(",")) & set(CONTAINERS.split(",")):
            raise NotSoundError(NOT_SOUND)
        yield container


def _sound_of(container: InputContainer) -> av.AudioStream:
    """Chooses the sound: the stream marked as default, or else FFmpeg's own choice of the richest one."""
    if not container.streams.audio:
        if container.streams.video:
            raise NotSoundError("The recording has pictures but no sound: choose one that has sound.")
        raise NotSoundError(NOT_SOUND)
    stream = container.streams.best("audio")
    if not isinstance(stream, av.AudioStream) or stream.codec_context is None:
        stream = container.streams.audio[0]
    if stream.codec_context is None or stream.codec_context.name not in CODECS.split(","):
        raise NotSoundError("The recording's coding cannot be read: save it as WAV or MP3.")
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    return stream


def _declared_seconds(container: InputContainer, stream: av.AudioStream) -> float:
    """The duration the header declares, or 0.0 where there are not the bytes to make it credible."""
    if container.format.name in ESTIMATED or not stream.duration or not stream.time_base:
        return 0.0
    if not MIN_SAMPLE_RATE_HZ <= stream.codec_context.sample_rate <= MAX_SAMPLE_RATE_HZ:
        return 0.0  # refused in better words at the first frame
    declared = float(stream.duration * stream.time_base)
    needed_bytes = declared * (stream.codec_context.bit_rate or 0) / 8
    return declared if 0 < needed_bytes <= 1.1 * container.size else 0.0


def _frames(container: InputContainer, stream: av.AudioStream) -> Iterator[Channels]:
    """Yields the decoded frames, in pieces of a second at most.

    A truncated recording ends where its bytes end, and damaged packets are skipped, as long as there is more
    sound than damage.
    """
    seconds, good, bad = 0.0, 0, 0
    packets = container.demux(stream)
    for taken in itertools.count():
        if taken > MAX_PACKETS_PER_SECOND * (1 + seconds):
            raise NotSoundError(BROKEN)
        try:
            packet = next(packets, None)
        except BROKEN_BYTES:
            bad += 1
            break
        if packet is None:
            break
        try:
            frames = [frame for frame in stream.decode(packet) if frame.samples]
        except BROKEN_BYTES:
            bad, frames = bad + 1, []
        good += bool(frames)
        for frame in frames:
            channels, rate = _channels(frame), frame.sample_rate
            seconds += channels.shape[1] / rate
            for start in range(0, channels.shape[1], rate):
                yield rate, channels[:, start : start + rate]
    if bad and (seconds < MIN_SECONDS or bad > good):
        raise NotSoundError(BROKEN)


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


def _channels(frame: av.AudioFrame) -> Float32[np.ndarray, "channels samples"]:
    """A frame's samples, each integer format scaled so that its own full scale is 1."""
    rate, count, planar = frame.sample_rate, frame.layout.nb_channels, frame.format.is_planar
    if not MIN_SAMPLE_RATE_HZ <= rate <= MAX_SAMPLE_RATE_HZ:
        raise UnusableRecordingError(f"The recording claims a sample rate of {rate} Hz: save it at 44100 Hz.")
    if count > (MAX_PLANES if planar else MAX_CHANNELS):
        raise UnusableRecordingError(f"The recording has {count} channels: save it again with one or two.")
    # Not frame.to_ndarray(): PyAV 18.1 looks for a null after the last plane, and 8 channels leave no room
    # for one, so it reads a ninth plane from anywhere, and the process dies.
    planes: Any = frame.planes
    dtype = np.dtype(SAMPLE_TYPES[frame.format.name.rstrip("p")])
    if planar:
        samples = np.stack([np.frombuffer(plane, dtype, frame.samples) for plane in planes[:count]])
    else:
        samples = np.frombuffer(planes[0], dtype, frame.samples * count).reshape(-1, count).T
    if samples.dtype == np.uint8:
        return (samples.astype(np.float32) - 128) / 128
    if samples.dtype.kind == "i":
        return samples.astype(np.float32) / float(1 << 8 * samples.itemsize - 1)
    with np.errstate(over="ignore", invalid="ignore"):  # too large a float64 becomes inf, and is refused
        return samples.astype(np.float32)


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
