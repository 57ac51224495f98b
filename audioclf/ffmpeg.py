"""FFmpeg behind every lock it has: a recording's bytes in, channels of float32 samples out. Knows no waveform.

A recording is untrusted. FFmpeg therefore sees bytes and never a name, may open nothing else, and knows only
the containers and codecs listed here: a playlist, a subtitle or a picture is refused whatever it is called.
"""

import contextlib
import io
import itertools
import os
from collections.abc import Iterator
from typing import Any, NoReturn, Protocol, runtime_checkable

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Discard
from jaxtyping import Float32

from .errors import NotSoundError, UnusableRecordingError

MIN_SECONDS = 0.1
MIN_SAMPLE_RATE_HZ = 1_000
MAX_SAMPLE_RATE_HZ = 768_000  # ultrasound recorders go to 500 kHz
MAX_CHANNELS = 64  # seventh-order ambisonics
MAX_PLANES = 8  # beyond them PyAV reads past the end of its list of planes
MAX_PACKETS_PER_SECOND = 1_000  # of sound: Opus has 400 at most, and each costs its time, damaged or not
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
Channels = tuple[int, Float32[np.ndarray, "channels samples"]]
"""Samples, and before them their sample rate in Hz."""


class _Nameless:
    """All that FFmpeg may see of a recording: bytes, and no name that could steer how they are read."""

    def __init__(self, file: BinaryFile) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell


def _open_nothing_else(url: str, flags: int, options: dict[str, str]) -> NoReturn:
    raise PermissionError("a recording may not open another file")


@contextlib.contextmanager
def opened(recording: Recording) -> Iterator[InputContainer]:
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


def sound_of(container: InputContainer) -> av.AudioStream:
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


def declared_seconds(container: InputContainer, stream: av.AudioStream) -> float:
    """The duration the header declares, or 0.0 where there are not the bytes to make it credible."""
    if container.format.name in ESTIMATED or not stream.duration or not stream.time_base:
        return 0.0
    if not MIN_SAMPLE_RATE_HZ <= stream.codec_context.sample_rate <= MAX_SAMPLE_RATE_HZ:
        return 0.0  # refused in better words at the first frame
    declared = float(stream.duration * stream.time_base)
    needed_bytes = declared * (stream.codec_context.bit_rate or 0) / 8
    return declared if 0 < needed_bytes <= 1.1 * container.size else 0.0


def frames(container: InputContainer, stream: av.AudioStream) -> Iterator[Channels]:
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
