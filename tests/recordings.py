"""Small recordings for the tests, good, odd and bad, all made here: none is stored, none is downloaded."""

import io
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import av
import numpy as np
import soundfile
from PIL import Image

Kind = Literal["not_sound", "unusable"]
PLAIN_PCM, FLOAT_PCM = 1, 3  # RIFF's format tags


@dataclass(frozen=True, kw_only=True)
class Format:
    """How PyAV writes one kind of file: its container, its codec, and the samples that the codec takes."""

    container: str
    codec: str
    samples: str
    sample_rate: int = 44_100
    suffix: str


FORMATS = {
    "wav_8": Format(container="wav", codec="pcm_u8", samples="u8", suffix=".wav"),
    "wav_16": Format(container="wav", codec="pcm_s16le", samples="s16", suffix=".wav"),
    "wav_24": Format(container="wav", codec="pcm_s24le", samples="s32", suffix=".wav"),
    "wav_32": Format(container="wav", codec="pcm_s32le", samples="s32", suffix=".wav"),
    "wav_float": Format(container="wav", codec="pcm_f32le", samples="flt", suffix=".wav"),
    "wav_double": Format(container="wav", codec="pcm_f64le", samples="dbl", suffix=".wav"),
    "wav_mulaw": Format(container="wav", codec="pcm_mulaw", samples="s16", suffix=".wav"),
    "w64": Format(container="w64", codec="pcm_s16le", samples="s16", suffix=".w64"),
    "aiff": Format(container="aiff", codec="pcm_s16be", samples="s16", suffix=".aiff"),
    "au": Format(container="au", codec="pcm_s16be", samples="s16", suffix=".au"),
    "caf": Format(container="caf", codec="pcm_s16le", samples="s16", suffix=".caf"),
    "mp3": Format(container="mp3", codec="libmp3lame", samples="fltp", suffix=".mp3"),
    "flac": Format(container="flac", codec="flac", samples="s16", suffix=".flac"),
    "ogg_vorbis": Format(container="ogg", codec="vorbis", samples="fltp", suffix=".ogg"),
    "ogg_opus": Format(container="ogg", codec="libopus", samples="flt", sample_rate=48_000, suffix=".opus"),
    "webm_opus": Format(container="webm", codec="libopus", samples="flt", sample_rate=48_000, suffix=".webm"),
    "m4a_aac": Format(container="mp4", codec="aac", samples="fltp", suffix=".m4a"),
    "m4a_alac": Format(container="mp4", codec="alac", samples="s16p", suffix=".m4a"),
    "adts_aac": Format(container="adts", codec="aac", samples="fltp", suffix=".aac"),
    "matroska_flac": Format(container="matroska", codec="flac", samples="s16", suffix=".mka"),
    "wma": Format(container="asf", codec="wmav2", samples="fltp", suffix=".wma"),
}


def tone(
    seconds: float = 1.0, *, frequency_hz: float = 1000.0, sample_rate: int = 44_100, peak: float = 0.5
) -> np.ndarray:
    """A sine as float32 mono samples."""
    times = np.arange(round(seconds * sample_rate)) / sample_rate
    return (peak * np.sin(2 * np.pi * frequency_hz * times)).astype(np.float32)


def encode(waveform: np.ndarray, name: str, *, pictures: bool = False, bit_rate: int = 128_000) -> bytes:
    """Encodes a waveform (samples, or channels by samples) as `FORMATS[name]`, on request beside a video.

    The waveform is taken to be at the format's own `sample_rate`; `bit_rate` is for the codecs that have one.
    """
    how = FORMATS[name]
    channels = np.atleast_2d(np.asarray(waveform, np.float32))
    file = io.BytesIO()
    if how.codec == "vorbis":  # PyAV's own encoder of it is experimental, and stereo only
        soundfile.write(file, channels.T, how.sample_rate, format="OGG", subtype="VORBIS")
        return file.getvalue()
    with av.open(file, "w", format=how.container) as container:
        video = _add_pictures(container) if pictures else None
        stream = cast(Any, container.add_stream(how.codec, rate=how.sample_rate))
        stream.bit_rate = bit_rate
        stream.codec_context.format = how.samples
        layout = {1: "mono", 2: "stereo", 8: "7.1"}[len(channels)]
        stream.codec_context.layout = layout
        if video is not None:
            _write_pictures(container, video)
        for start in range(0, channels.shape[1], how.sample_rate):
            part = channels[:, start : start + how.sample_rate].T.reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(part, format="flt", layout=layout)
            frame.sample_rate = how.sample_rate
            frame.pts = start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def video_without_sound() -> bytes:
    """Eight grey pictures as an mp4."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        _write_pictures(container, _add_pictures(container))
    return file.getvalue()


def _add_pictures(container: Any) -> Any:
    stream = container.add_stream("mpeg4", rate=8)
    stream.width = stream.height = 32
    stream.pix_fmt = "yuv420p"
    return stream


def _write_pictures(container: Any, stream: Any) -> None:
    for shade in range(8):
        picture = np.full((32, 32, 3), 30 * shade, np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
    container.mux(stream.encode(None))


def riff(samples: np.ndarray, sample_rate: int) -> bytes:
    """A WAV file byte by byte, for what an encoder would refuse: any rate, number or count of channels.

    Args:
        samples: uint8, int16, int32, float32 or float64; samples, or channels by samples.
        sample_rate: What the header says, in Hz.
    """
    channels = np.atleast_2d(samples)
    data = np.ascontiguousarray(channels.T).tobytes()
    width = channels.itemsize * len(channels)
    tag = FLOAT_PCM if channels.dtype.kind == "f" else PLAIN_PCM
    bytes_per_second = min(sample_rate * width, 2**32 - 1)
    bits = channels.itemsize * 8
    header = struct.pack("<HHIIHH", tag, len(channels), sample_rate, bytes_per_second, width, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(header)) + header + struct.pack("<4sI", b"data", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def with_external_data(mp4: bytes, target: str) -> bytes:
    """Rewrites an mp4's data reference so that its sound is said to lie in another file, named `target`.

    FFmpeg follows such an `alis` entry when its `enable_drefs` is on. The box's parents grow with it.
    """
    path = target.encode()
    entry = bytearray(150 + 4 + len(path) + len(path) % 2 + 4)
    entry[10] = 0  # volume name's length
    struct.pack_into(">HH", entry, 134 - 4, 1, 1)  # nlvl_from, nlvl_to
    struct.pack_into(">HH", entry, 150, 2, len(path))  # type 2: the path itself
    entry[154 : 154 + len(path)] = path
    struct.pack_into(">HH", entry, len(entry) - 4, 0xFFFF, 0)
    box = struct.pack(">I4sI", 12 + len(entry), b"alis", 0) + bytes(entry)
    dref = struct.pack(">I4sII", 16 + len(box), b"dref", 0, 1) + box
    return _replace_box(mp4, b"dref", dref, (b"moov", b"trak", b"mdia", b"minf", b"dinf"))


def _replace_box(data: bytes, name: bytes, new: bytes, parents: tuple[bytes, ...]) -> bytes:
    out, at = b"", 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        box = data[at : at + size]
        if kind == name:
            box = new
        elif kind in parents:
            inside = _replace_box(box[8:], name, new, parents)
            box = struct.pack(">I4s", 8 + len(inside), kind) + inside
        out, at = out + box, at + size
    return out


def odd_recordings() -> dict[str, tuple[bytes, float]]:
    """Good recordings out of the ordinary, each a 1 kHz tone, and the rms it must have in mono."""
    one = tone()
    endless = b"RIFF\xff\xff\xff\xff" + riff(one, 44_100)[8:40] + b"\xff\xff\xff\xff" + one.tobytes()
    rms = 0.5 / np.sqrt(2)
    quiet = np.zeros_like(one)
    return {
        "eight_channels": (riff(np.tile(one, (8, 1)), 44_100), rms),
        "eight_channels_7_1_flac": (encode(np.tile(one, (8, 1)), "flac"), rms),
        "eight_channels_7_1_aac": (encode(np.tile(one, (8, 1)), "m4a_aac"), rms),
        "low_frequency_channel_of_eight": (
            encode(np.stack([quiet] * 3 + [one] + [quiet] * 4), "wav_24"),
            rms / 8,
        ),
        "64_channels": (riff(np.tile(one, (64, 1)), 44_100), rms),
        "one_channel_of_two": (riff(np.stack([one, quiet]), 44_100), rms / 2),
        "partly_in_anti_phase": (riff(np.stack([one, -0.5 * one]), 44_100), rms / 4),
        "rate_4_khz": (riff(tone(sample_rate=4_000), 4_000), rms),
        "rate_192_khz": (riff(tone(sample_rate=192_000), 192_000), rms),
        "rate_500_khz": (riff(tone(0.5, sample_rate=500_000), 500_000), rms),
        "odd_rate": (riff(tone(sample_rate=22_051), 22_051), rms),
        "very_quiet": (
            riff(np.rint(2e-4 * 32768 * tone(peak=1.0)).astype(np.int16), 44_100),
            2e-4 / np.sqrt(2),
        ),
        "mp3_cut_to_a_second": (encode(tone(3.0), "mp3")[: 128_000 // 8], rms),
        "wav_cut_to_a_second": (riff(tone(3.0), 44_100)[: 44 + 4 * 44_100], rms),
        "flac_cut_in_half": (encode(tone(3.0), "flac")[:-20_000], rms),
        "ogg_cut_in_half": (_half(encode(tone(10.0), "ogg_vorbis")), rms),
        "webm_cut_in_half": (_half(encode(tone(3.0, sample_rate=48_000), "webm_opus")), rms),
        "video_with_sound": (encode(one, "m4a_aac", pictures=True), rms),
        "a_tenth_of_a_second": (riff(tone(0.1), 44_100), rms),
        "wav_of_unknown_length": (endless, rms),
    }


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def bad_recordings(folder: Path) -> dict[str, tuple[Path, Kind]]:
    """Writes recordings that must be refused into a folder, a tone beside them that some of them name.

    Returns:
        For each name the file, and the error it must give: `NotSoundError` or `UnusableRecordingError`.
    """
    made: dict[str, tuple[Path, Kind]] = {}

    def add(name: str, data: bytes | str, kind: Kind) -> None:
        path = folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        made[path.name] = path, kind

    second = tone()
    wav = riff(second, 44_100)
    secret = folder / "secret.wav"
    secret.write_bytes(wav)
    noise = np.random.default_rng(0)
    picture, zipped = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(picture, "PNG")
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("secret.wav", wav)
    at = np.arange(44_100)
    whole_packets, tiny_packets = (struct.pack(">4I", 2, frames, 1, 16) for frames in (1, 78))
    hls = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n{}\n#EXT-X-ENDLIST\n"

    add("empty.wav", b"", "not_sound")
    add("cut_header.wav", wav[:20], "not_sound")
    add("cut_header.mp3", encode(second, "mp3")[:200], "not_sound")
    add("cut_header.flac", encode(second, "flac")[:40], "not_sound")
    add("cut_before_index.m4a", _half(encode(second, "m4a_aac")), "not_sound")
    add("cut_header.ogg", encode(second, "ogg_vorbis")[:80], "not_sound")
    add("text.wav", "This is a shopping list: bread, milk, a violin.\n" * 50, "not_sound")
    add("text.txt", "Line after line of text\n" * 200, "not_sound")
    add("ansi.ans", "\x1b[31mred\x1b[0m\r\n" * 200, "not_sound")
    add("page.mp3", "<!doctype html><html><body>404 not found</body></html>" * 40, "not_sound")
    add("data.wav", '{"recording": [0.1, 0.2]}' * 100, "not_sound")
    add("subtitles.srt", "1\n00:00:00,000 --> 00:00:09,000\nBark\n\n" * 20, "not_sound")
    add("subtitles.ass", "[Script Info]\nScriptType: v4.00+\n\n[Events]\n", "not_sound")
    add("picture.png", picture.getvalue(), "not_sound")
    add("picture.wav", picture.getvalue(), "not_sound")
    add("video.mp4", video_without_sound(), "not_sound")
    add("random.wav", noise.bytes(30_000), "not_sound")
    add("random.mp3", noise.bytes(300_000), "not_sound")
    add("zeros.mp3", bytes(20_000), "not_sound")
    add("renamed_zip.wav", zipped.getvalue(), "not_sound")
    add("program.wav", b"\x7fELF\x02\x01\x01" + noise.bytes(4000), "not_sound")
    add("playlist.m3u8", hls.format(secret.name), "not_sound")
    add("playlist_absolute.wav", hls.format(secret), "not_sound")
    add("playlist_web.m3u8", hls.format("http://127.0.0.1:9/secret.wav"), "not_sound")
    add("list.ffconcat", f"ffconcat version 1.0\nfile '{secret.name}'\n", "not_sound")
    add("list.mp3", f"ffconcat version 1.0\nfile '{secret}'\n", "not_sound")
    add("session.sdp", "v=0\ns=x\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n", "not_sound")
    add("stream.mpd", f"<MPD><Period><BaseURL>{secret}</BaseURL></Period></MPD>", "not_sound")
    add("external.mov", with_external_data(encode(second, "m4a_alac"), str(secret)), "not_sound")
    add("sample_by_sample.caf", encode(second, "caf").replace(whole_packets, tiny_packets), "not_sound")
    add("mostly_garbage.mp3", encode(second, "mp3")[:1200] + noise.bytes(50_000), "not_sound")

    add("no_samples.wav", riff(second[:0], 44_100), "not_sound")
    add("short.wav", riff(tone(0.05), 44_100), "unusable")
    add("short.flac", encode(tone(0.05), "flac"), "unusable")
    add("silence.wav", riff(np.zeros(44_100, np.int16), 44_100), "unusable")
    add("silence_8_bit.wav", riff(np.full(44_100, 128, np.uint8), 44_100), "unusable")
    add("silence.mp3", encode(np.zeros(44_100), "mp3"), "unusable")
    add("silence.opus", encode(np.zeros(48_000), "ogg_opus"), "unusable")
    add("anti_phase.wav", riff(np.stack([second, -second]), 44_100), "unusable")
    add("nan.wav", riff(np.where(at == 40_000, np.nan, second).astype("f4"), 44_100), "unusable")
    add("infinite.wav", riff(np.where(at == 9, np.inf, second).astype("f4"), 44_100), "unusable")
    add("too_large_for_float32.wav", riff(second.astype("f8") * 1e300, 44_100), "unusable")
    add("never_scaled.wav", riff(second * 32_768, 44_100), "unusable")
    add("rate_1_hz.wav", riff(second, 1), "unusable")
    add("rate_10_mhz.wav", riff(second, 10_000_000), "unusable")
    add("200_channels.wav", riff(np.tile(second[:8000], (200, 1)), 8_000), "unusable")
    add("overlong.wav", riff(noise.integers(100, 150, 4_000 * 601, np.uint8), 4_000), "unusable")
    return made
