"""The decoder: every format alike, no seams, and a plain sentence for whatever is no recording."""

import concurrent.futures
import io
import threading
import tracemalloc
import wave
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
import soxr

from audioclf import audio, ffmpeg
from audioclf.errors import NotSoundError, RecordingError, UnusableRecordingError
from tests.recordings import (
    FORMATS,
    Kind,
    bad_recordings,
    encode,
    odd_recordings,
    riff,
    tone,
    with_external_data,
)

RATE = 16_000
ODD = odd_recordings()
ESC50_ALMOST_SILENT = Path(__file__).parent.parent / "data/ESC-50/audio/2-110613-A-13.wav"


@pytest.fixture(scope="session")
def bad(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Kind]]:
    return bad_recordings(tmp_path_factory.mktemp("bad"))


def strongest_hz(waveform: np.ndarray, sample_rate: int = RATE) -> float:
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(len(waveform))))
    return float(spectrum.argmax() * sample_rate / len(waveform))


def rms(waveform: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64))))


def noise(seconds: float, sample_rate: int = 44_100) -> np.ndarray:
    drawn = np.random.default_rng(0).standard_normal(round(seconds * sample_rate))
    return (0.1 * drawn).astype(np.float32)


class CountingFile(io.BytesIO):
    """Bytes that know how many of them were read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


@pytest.mark.parametrize("name", FORMATS)
def test_a_tone_comes_back_from_every_format(name: str) -> None:
    recording = encode(tone(sample_rate=FORMATS[name].sample_rate), name)
    waveform = audio.decode(recording, RATE)
    assert waveform.dtype == np.float32
    assert waveform.ndim == 1
    assert len(waveform) == pytest.approx(RATE, rel=0.05)
    assert strongest_hz(waveform) == pytest.approx(1000, rel=0.01)
    assert rms(waveform) == pytest.approx(0.5 / np.sqrt(2), rel=0.06)  # LAME writes 5 % lower


@pytest.mark.parametrize("name", ODD)
def test_an_odd_recording_is_taken_and_mixed_by_the_plain_mean(name: str) -> None:
    recording, expected_rms = ODD[name]
    waveform = audio.decode(recording, RATE)
    assert strongest_hz(waveform) == pytest.approx(1000, rel=0.01)
    # AAC cuts the eighth channel's highs, as it is meant for low frequencies.
    assert rms(waveform) == pytest.approx(expected_rms, rel=0.08 if "aac" in name else 0.06)


def test_what_lies_above_the_new_band_does_not_fold_into_it() -> None:
    marker, high = tone(2.0, frequency_hz=3000, peak=0.4), tone(2.0, frequency_hz=15_000, peak=0.4)
    waveform = audio.decode(riff(marker + high, 44_100), RATE)[RATE // 2 : -RATE // 2]
    spectrum = np.abs(np.fft.rfft(waveform * np.hanning(len(waveform))))
    per_hz = len(waveform) / RATE
    folded = spectrum[round(900 * per_hz) : round(1100 * per_hz)].max()  # 16 kHz - 15 kHz
    assert 20 * np.log10(folded / spectrum[round(3000 * per_hz)]) < -80


def test_only_sound_above_the_new_band_is_refused() -> None:
    times = np.arange(2 * 44_100) / 44_100
    fading = (0.5 * np.hanning(len(times)) * np.sin(2 * np.pi * 15_000 * times)).astype(np.float32)
    with pytest.raises(UnusableRecordingError, match="too high"):
        audio.decode(riff(fading, 44_100), RATE)


@pytest.mark.parametrize("sample_rate", [4_000, 22_050, 44_100, 48_000, 192_000])
def test_blocks_leave_no_seams(sample_rate: int) -> None:
    sent = noise(5.3, sample_rate)
    streamed = list(audio.blocks(riff(sent, sample_rate), RATE))
    assert len(streamed) > 2
    expected = soxr.resample(sent, sample_rate, RATE)
    np.testing.assert_allclose(np.concatenate(streamed), expected, atol=1e-6)


def test_decoders_take_turns_and_a_long_recording_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "TURNS", threading.BoundedSemaphore(1))
    long = audio.blocks(riff(noise(60.0, 16_000), 16_000), RATE)
    first = next(long)
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        short = riff(noise(1.0, 16_000), 16_000)
        others = [threads.submit(audio.decode, short, RATE) for _ in range(8)]
        assert {len(other.result(timeout=30)) for other in others} == {RATE}, "the long one is not finished yet"
    broken = audio.blocks(b"RIFF" + bytes(100), RATE)
    with pytest.raises(NotSoundError):
        next(broken)
    assert len(first) + sum(map(len, long)) == 60 * RATE, "and a broken one gave its turn back"


def test_the_models_own_rate_is_not_resampled() -> None:
    sent = noise(1.0, RATE)
    np.testing.assert_array_equal(audio.decode(riff(sent, RATE), RATE), sent)


def test_memory_stays_bounded_whatever_the_duration(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 44_100, 0, "NONE", ""))
        second = (np.repeat(noise(1.0), 2) * 32768).astype("<i2").tobytes()
        for _ in range(40):
            file.writeframes(second)
    tracemalloc.start()
    try:
        sizes = [len(block) for block in audio.blocks(path, RATE)]
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(sizes) == 40 * RATE
    assert max(sizes) <= 2 * RATE
    assert peak_bytes < 2e6  # the file has 7 MB, its waveform 2.6 MB


def test_a_recording_at_the_limit_is_taken_and_beyond_it_refused() -> None:
    recording = riff(noise(3.0), 44_100)
    assert len(audio.decode(recording, RATE, max_seconds=3.0)) == 3 * RATE
    with pytest.raises(UnusableRecordingError, match=r"longer than 2\.9 seconds"):
        audio.decode(recording, RATE, max_seconds=2.9)
    with pytest.raises(UnusableRecordingError, match="longer than 10 minutes"):
        audio.decode(riff(np.full(4_000 * 601, 99, np.uint8), 4_000), RATE)


def test_a_declared_duration_is_believed_only_with_the_bytes_for_it() -> None:
    cut, _ = ODD["wav_cut_to_a_second"]  # declares three seconds
    assert len(audio.decode(cut, RATE, max_seconds=2.0)) == RATE
    declared = CountingFile(riff(noise(20.0), 44_100))
    with pytest.raises(UnusableRecordingError, match="longer than 2 seconds"):
        audio.decode(declared, RATE, max_seconds=2.0)
    assert declared.taken < 1e6


@pytest.mark.parametrize("name", ["flac", "mp3", "endless_wav"])
def test_an_overlong_recording_is_refused_before_its_end(name: str) -> None:
    sent = noise(12.0)
    whole = riff(sent, 44_100)
    endless = b"RIFF\xff\xff\xff\xff" + whole[8:40] + b"\xff\xff\xff\xff" + whole[44:]
    file = CountingFile(endless if name == "endless_wav" else encode(sent, name))
    with pytest.raises(UnusableRecordingError, match="longer than 1 seconds"):
        audio.decode(file, RATE, max_seconds=1.0)
    assert file.taken < len(file.getvalue()) / 2


def test_every_bad_recording_gives_its_error_in_a_plain_sentence(bad: dict[str, tuple[Path, Kind]]) -> None:
    errors = {"not_sound": NotSoundError, "unusable": UnusableRecordingError}
    for name, (path, kind) in bad.items():
        with pytest.raises(RecordingError) as caught:
            audio.decode(path, RATE)
        said = str(caught.value)
        assert type(caught.value) is errors[kind], (name, said)
        assert said[0].isupper() and said.endswith(".") and ": " in said, (name, said)
        for internal in ("/", "\\", path.name, "Traceback", "av.", "Errno", "Invalid", "<", "None"):
            assert internal not in said, (name, said)
        with pytest.raises(errors[kind]) as streamed:
            list(audio.blocks(path.read_bytes(), RATE, max_seconds=600.0))
        assert str(streamed.value) == said


def test_a_sample_that_is_no_number_is_refused_where_it_lies() -> None:
    sent = noise(30.0)
    sent[10 * 44_100] = np.nan
    file = CountingFile(riff(sent, 44_100))
    seen = 0
    with pytest.raises(UnusableRecordingError, match="no numbers"):
        for block in audio.blocks(file, RATE):
            seen += len(block)
    assert 8 * RATE < seen < 10 * RATE
    assert file.taken < len(file.getvalue()) / 2


def test_path_bytes_and_file_give_the_same(tmp_path: Path) -> None:
    recording = encode(tone(2.0), "mp3")
    path = tmp_path / "a tone.mp3"
    path.write_bytes(recording)
    expected = audio.decode(recording, RATE)
    np.testing.assert_array_equal(audio.decode(path, RATE), expected)
    np.testing.assert_array_equal(audio.decode(str(path), RATE), expected)
    with path.open("rb") as file:
        file.seek(500)
        np.testing.assert_array_equal(audio.decode(file, RATE), expected)
        np.testing.assert_array_equal(audio.decode(file, RATE), expected)
        assert not file.closed


@pytest.mark.parametrize("name", ["tone.m3u8", "tone.png", "tone.ffconcat", "tone%03d.jpg", "https:tone.txt"])
def test_the_name_does_not_steer(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(riff(tone(), 44_100))
    assert strongest_hz(audio.decode(path, RATE)) == pytest.approx(1000, rel=0.01)


def test_a_path_that_cannot_be_opened_is_refused_without_naming_it(tmp_path: Path) -> None:
    for path in (
        tmp_path / "missing.wav",
        tmp_path,
        "concat:a.wav|b.wav",
        "http://127.0.0.1:9/a.wav",
        "nul\0.wav",
    ):
        with pytest.raises(NotSoundError, match="cannot be opened: check that it exists"):
            audio.decode(path, RATE)


def test_no_recording_opens_another_file(bad: dict[str, tuple[Path, Kind]], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(ffmpeg, "_open_nothing_else", lambda url, flags, options: asked.append(url))
    for name in ("playlist.m3u8", "playlist_absolute.wav", "list.ffconcat", "list.mp3", "external.mov"):
        with pytest.raises(NotSoundError):
            audio.decode(bad[name][0], RATE)
    assert asked == []  # refused before FFmpeg even tries


def test_the_attacks_are_real_without_the_locks(bad: dict[str, tuple[Path, Kind]]) -> None:
    for name in ("playlist.m3u8", "list.ffconcat"):
        options = {"extension_picky": "0", "allowed_extensions": "ALL"} if name == "playlist.m3u8" else {}
        with av.open(str(bad[name][0]), container_options=options) as container:
            assert sum(frame.samples for frame in container.decode(audio=0)) == 44_100
    asked: list[str] = []

    def spy(url: str, flags: int, options: dict[str, str]) -> None:
        asked.append(Path(url).name)
        raise PermissionError

    external = io.BytesIO(with_external_data(encode(tone(), "m4a_alac"), "/somewhere/secret.wav"))
    with pytest.raises(PermissionError):
        av.open(external, container_options={"enable_drefs": "1"}, io_open=spy)
    assert asked == ["secret.wav"]


def test_beyond_full_scale_is_clipped_and_below_it_kept() -> None:
    sent = tone(peak=3.0, sample_rate=RATE)
    np.testing.assert_array_equal(audio.decode(riff(sent, RATE), RATE), np.clip(sent, -1, 1))


def test_damage_in_the_middle_is_skipped() -> None:
    recording = bytearray(encode(tone(5.0), "mp3"))
    recording[20_000:24_000] = np.random.default_rng(1).bytes(4_000)
    waveform = audio.decode(bytes(recording), RATE)
    assert len(waveform) == pytest.approx(5 * RATE, rel=0.1)
    assert strongest_hz(waveform) == pytest.approx(1000, rel=0.01)


def test_a_rate_that_changes_on_the_way_is_followed() -> None:
    joined = b""
    for sample_rate, channels in ((44_100, 1), (22_050, 2), (48_000, 2)):
        file = io.BytesIO()
        part = np.tile(tone(sample_rate=sample_rate)[:, None], (1, channels))
        soundfile.write(file, part, sample_rate, format="MP3")
        joined += file.getvalue()
    waveform = audio.decode(joined, RATE)
    assert len(waveform) == pytest.approx(3 * RATE, rel=0.1)
    for start in (0.3, 1.4, 2.4):
        part = waveform[round(start * RATE) : round((start + 0.4) * RATE)]
        assert strongest_hz(part) == pytest.approx(1000, rel=0.01)


@pytest.mark.skipif(not ESC50_ALMOST_SILENT.exists(), reason="ESC-50 is not downloaded")
def test_an_almost_silent_clip_of_esc50_is_taken() -> None:
    assert len(audio.decode(ESC50_ALMOST_SILENT, RATE)) == 5 * RATE


def test_encode_wav_goes_there_and_back() -> None:
    sent = np.append(noise(1.0, RATE), np.array([1.0, -1.0, 2.0, -2.0, 0.0], np.float32))
    recording = audio.encode_wav(sent, RATE)
    with wave.open(io.BytesIO(recording)) as file:
        assert file.getparams()[:4] == (1, 2, RATE, len(sent))
    np.testing.assert_allclose(audio.decode(recording, RATE), np.clip(sent, -1, 1), atol=1.001 / 32768)
