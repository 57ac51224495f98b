import io
import itertools

import numpy as np
import pytest
import torch

from audioclf import audio
from audioclf.classifier import Classifier, cut_windows, default_weights
from audioclf.errors import NotSoundError, UnusableRecordingError

from .conftest import tone


def noise(seconds: float, level: float = 0.1) -> np.ndarray:
    return (level * np.random.randn(round(seconds * 16_000))).astype(np.float32)


def test_an_answer_ranks_every_label(tiny_classifier):
    prediction = tiny_classifier.classify(noise(5.0))
    assert sorted(r.label for r in prediction.top) == sorted(tiny_classifier.labels)
    probabilities = [r.probability for r in prediction.top]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1.0)
    assert prediction.label == prediction.top[0].label
    assert len(prediction.windows) == 1
    assert prediction.windows[0].top == prediction.top
    assert prediction.duration_seconds == 5.0


def test_it_is_the_softmax_of_the_network(tiny_classifier):
    waveform = noise(5.0)
    with torch.inference_mode():
        expected = tiny_classifier.model(torch.from_numpy(waveform)[None])[0].softmax(0).numpy()
    for ranked in tiny_classifier.classify(waveform).top:
        assert ranked.probability == pytest.approx(expected[tiny_classifier.labels.index(ranked.label)], abs=1e-5)


def test_temperature_softens(tiny_checkpoint):
    import dataclasses

    torch.nn.init.normal_(tiny_checkpoint.model.network.linear.weight, std=2.0)
    waveform = noise(5.0)
    sharp = Classifier(tiny_checkpoint, "cpu").classify(waveform)
    soft = Classifier(dataclasses.replace(tiny_checkpoint, temperature=3.0), "cpu").classify(waveform)
    assert soft.label == sharp.label
    assert soft.probability < sharp.probability


@pytest.mark.parametrize("form", ["path", "str", "bytes", "file", "waveform"])
def test_one_road_for_every_form(form, tiny_classifier, tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(audio.encode_wav(noise(5.0), 16_000))
    waveform = tiny_classifier.decode(path)
    forms = {"path": path, "str": str(path), "bytes": path.read_bytes(), "waveform": waveform}
    recording = io.BytesIO(path.read_bytes()) if form == "file" else forms[form]
    assert tiny_classifier.classify(recording) == tiny_classifier.classify(waveform)


def test_a_short_recording_is_padded_with_silence(tiny_classifier):
    short = noise(1.3)
    padded = np.concatenate([short, np.zeros(80_000 - len(short), np.float32)])
    first, second = tiny_classifier.classify(short), tiny_classifier.classify(padded)
    assert [r.probability for r in first.top] == pytest.approx([r.probability for r in second.top])
    assert first.duration_seconds == pytest.approx(1.3)
    assert first.windows[0].end_seconds == pytest.approx(1.3)


@pytest.mark.parametrize("samples", [50, 100, 104, 106, 150, 151, 230, 1000])
@pytest.mark.parametrize("block", [7, 33, 5000])
def test_windows_cover_everything_in_order(samples, block):
    ramp = np.arange(samples, dtype=np.float32)
    windows = list(cut_windows([ramp[i : i + block] for i in range(0, samples, block)], 100, 50, 5))
    for start, window in windows:
        np.testing.assert_array_equal(window, ramp[start : start + len(window)])
        assert len(window) == min(100, samples)
    starts = [start for start, _ in windows]
    assert starts == sorted(set(starts))
    assert all(later - earlier <= 55 for earlier, later in itertools.pairwise(starts))
    if samples <= 105:
        assert len(windows) == 1
    else:
        assert starts[0] == 0 and starts[-1] == samples - 100


def test_a_long_recording_is_the_mean_of_its_windows(tiny_classifier):
    seen = []
    waveform = noise(61.0)
    prediction = tiny_classifier.classify(waveform, progress=seen.append)
    assert len(prediction.windows) == 24
    assert prediction.windows[-1].end_seconds == pytest.approx(61.0)
    mean = np.mean([{r.label: r.probability for r in w.top}["dog"] for w in prediction.windows])
    assert {r.label: r.probability for r in prediction.top}["dog"] == pytest.approx(mean)
    assert seen == sorted(seen) and len(seen) >= 3
    third = waveform[80_000:160_000]
    alone = tiny_classifier.classify(third)
    assert [r.probability for r in prediction.windows[2].top] == pytest.approx(
        [r.probability for r in alone.top], abs=1e-6
    )


def test_level_says_how_loud(tiny_classifier):
    level = tiny_classifier.classify(tone(440.0, 5.0, amplitude=0.5)).level
    assert level.peak == pytest.approx(0.5, abs=1e-3)
    assert level.rms_db == pytest.approx(-9.03, abs=0.05)
    assert level.clipped_share == 0
    clipped = np.clip(tone(440.0, 5.0, amplitude=3.0), -1, 1)
    assert tiny_classifier.classify(clipped).level.clipped_share > 0.5


def test_bad_recordings_say_so(tiny_classifier):
    with pytest.raises(NotSoundError):
        tiny_classifier.classify(b"no sound at all")
    with pytest.raises(UnusableRecordingError):
        tiny_classifier.classify(audio.encode_wav(np.zeros(80_000, np.float32), 16_000))
    with pytest.raises(UnusableRecordingError, match="second"):
        tiny_classifier.classify(audio.encode_wav(noise(3.0), 16_000), max_seconds=2.0)


def test_weights_are_named_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("AUDIOCLF_WEIGHTS", str(tmp_path))
    assert default_weights() == str(tmp_path)
    monkeypatch.delenv("AUDIOCLF_WEIGHTS")
    assert default_weights().endswith("esc50")
