"""What the first screen says and shows, without a browser."""

import csv
import io
import json
import re
from base64 import b64decode

import numpy as np
import pytest

from audioclf import audio, internals, plots
from audioclf.prediction import Level, Prediction, Ranked, Window
from audioclf.ui import answer, downloads, several, strings, timeline, verdict
from audioclf.ui.hearing import Ear, shown_name
from audioclf.ui.shared import Heard

from .conftest import tone


def prediction(
    *tops: dict[str, float], seconds: float = 5.0, peak: float = 0.5, rms_db: float = -20.0, clipped: float = 0.0
) -> Prediction:
    """An answer with these probabilities in each window, windows half over the next."""
    ranked = [tuple(Ranked(label=label, probability=p) for label, p in top.items()) for top in tops]
    windows = tuple(
        Window(start_seconds=2.5 * i, end_seconds=min(2.5 * i + 5.0, seconds), top=top) for i, top in enumerate(ranked)
    )
    level = Level(peak=peak, rms_db=rms_db, clipped_share=clipped)
    return Prediction(top=ranked[0], windows=windows, duration_seconds=seconds, level=level)


@pytest.mark.parametrize(
    ("top", "said"),
    [
        ({"dog": 0.95, "cat": 0.05}, "Almost certainly a dog"),
        ({"dog": 0.7, "cat": 0.3}, "Probably a dog"),
        ({"rain": 0.45, "wind": 0.4}, "Not sure: could be rain or wind"),
        ({"dog": 0.5, "cat": 0.1}, "Maybe a dog"),
    ],
)
def test_headline_says_how_sure(top, said):
    assert verdict.headline(prediction(top), []) == said


def test_headline_names_the_sounds_of_a_long_recording_longest_first():
    spans = [
        timeline.Span(start_seconds=0.0, end_seconds=5.0, label="dog", probability=0.9),
        timeline.Span(start_seconds=5.0, end_seconds=20.0, label="rain", probability=0.9),
        timeline.Span(start_seconds=20.0, end_seconds=50.0, label=None, probability=0.2),
        timeline.Span(start_seconds=50.0, end_seconds=90.0, label="cat", probability=0.45),
    ]
    assert verdict.headline(prediction({"rain": 0.4, "dog": 0.2}), spans) == "I heard rain and a dog"


@pytest.mark.parametrize(
    ("kind", "changes"),
    [("quiet", {"peak": 0.002}), ("clipped", {"peak": 1.0, "clipped": 0.02}), ("short", {"seconds": 0.3})],
)
def test_a_bad_level_is_noted(kind, changes):
    assert verdict.notes(prediction({"dog": 0.9}, **changes)) == [kind]


def test_no_note_without_reason_and_none_of_my_sounds_with():
    assert verdict.notes(prediction({"dog": 0.9})) == []
    assert verdict.notes(prediction({"dog": 0.1, "cat": 0.09})) == ["none"]


def test_certainty_is_told_from_measured_figures_only():
    sure = prediction({"dog": 0.91, "cat": 0.09})
    assert verdict.certainty(sure, {}) == "The network gives it 91 %."
    bins = [{"from": 0.9, "to": 1.0, "clips": 120, "said": 0.95, "right": 0.96}]
    assert "Of 120 test recordings" in verdict.certainty(sure, {"calibration": bins})
    assert "96 %" in verdict.certainty(sure, {"calibration": bins})
    few = [bins[0] | {"clips": 3}]
    assert verdict.certainty(sure, {"calibration": few}) == "The network gives it 91 %."


@pytest.mark.parametrize(("probability", "said"), [(0.0, "< 1 %"), (0.914, "91 %"), (0.999, "> 99 %")])
def test_percent_never_claims_all_or_nothing(probability, said):
    assert verdict.percent(probability) == said


def test_windows_that_agree_become_one_span():
    dog, rain = {"dog": 0.9, "rain": 0.1}, {"rain": 0.9, "dog": 0.1}
    waveform = tone(seconds=15.0)
    found = timeline.spans(prediction(dog, dog, dog, rain, rain, seconds=15.0), waveform, 16_000)
    # From 7.5 to 10 a dog's window and a rain's overlap and are even: what was heard first goes on.
    assert [(span.label, span.start_seconds, span.end_seconds) for span in found] == [
        ("dog", 0.0, 10.0),
        ("rain", 10.0, 15.0),
    ]


def test_silence_in_a_long_recording_has_no_label():
    waveform = np.concatenate([tone(seconds=5.0), np.zeros(80_000, np.float32)])
    found = timeline.spans(prediction({"dog": 0.9}, {"dog": 0.9}, {"dog": 0.9}, seconds=10.0), waveform, 16_000)
    assert [(span.label, span.quiet) for span in found] == [("dog", False), (None, True)]
    assert found[1].start_seconds == 5.0


def test_one_window_has_no_timeline():
    assert timeline.spans(prediction({"dog": 0.9}), tone(), 16_000) == []


@pytest.fixture
def ear(tiny_classifier):
    published = []
    found = Ear(tiny_classifier, lambda wav: published.append(wav) or "file.wav")
    found.published = published
    return found


def test_a_file_is_answered(ear, tiny_classifier, tmp_path):
    path = tmp_path / "yard.wav"
    path.write_bytes(audio.encode_wav(tone(seconds=5.0), 16_000))
    [shown] = ear.files([str(path)])
    assert shown.heard.name == "yard.wav"
    assert shown.heard.prediction == tiny_classifier.classify(str(path))
    assert verdict.headline(shown.heard.prediction, []) in shown.card
    for ranked in shown.heard.prediction.top[:5]:
        assert verdict.percent(ranked.probability).replace("<", "&lt;") in shown.card
    assert len(re.findall("<tr>", shown.card)) == 5
    np.testing.assert_array_equal(tiny_classifier.decode(ear.published[0]), shown.heard.waveform)


def test_a_long_file_shows_progress_and_a_timeline(ear, tmp_path):
    path = tmp_path / "long.wav"
    path.write_bytes(audio.encode_wav(tone(seconds=60.0), 16_000))
    *steps, last = ear.files([str(path)])
    assert steps
    assert all("<progress" in step.card and step.heard is None for step in steps)
    assert 'class="heard"' in last.card
    assert ".csv" in last.links


def test_several_files_make_a_table_and_a_bad_one_does_not_stop_it(ear, tmp_path):
    good, bad = tmp_path / "<b>good.wav", tmp_path / "bad.wav"
    good.write_bytes(audio.encode_wav(tone(seconds=1.0), 16_000))
    bad.write_text("these are words")
    *_, last = ear.files([str(good), str(bad)])
    assert "1 of 2" in last.card
    assert "&lt;b&gt;good.wav" in last.card
    assert "<b>" not in last.card
    assert "not a recording" in last.card
    assert str(tmp_path) not in last.card


def test_a_row_opens_its_whole_answer_and_goes_back(ear, tmp_path):
    paths = [tmp_path / "high.wav", tmp_path / "low.wav", tmp_path / "words.wav"]
    paths[0].write_bytes(audio.encode_wav(tone(3_000.0, seconds=1.0), 16_000))
    paths[1].write_bytes(audio.encode_wav(tone(200.0, seconds=2.0), 16_000))
    paths[2].write_text("these are words")
    *_, table = ear.files(list(map(str, paths)))
    low = ear.opened(table.rows, 1)
    [alone] = ear.files([str(paths[1])])
    assert low.heard.prediction == alone.heard.prediction
    assert "low.wav · 2.0 s" in low.card and "table" in low.card
    assert ear.opened(low.rows, several.ALL).card == table.card
    assert "not a recording" in ear.opened(low.rows, 2).card
    paths[1].unlink()
    assert strings.GONE in ear.opened(low.rows, 1).card
    assert strings.GONE in ear.opened((), 0).card


def test_errors_are_sentences(ear, tmp_path, monkeypatch, caplog):
    silent, tonal = tmp_path / "silent.wav", tmp_path / "tone.wav"
    silent.write_bytes(audio.encode_wav(np.zeros(16_000, np.float32), 16_000))
    tonal.write_bytes(audio.encode_wav(tone(seconds=1.0), 16_000))
    [shown] = ear.files([str(silent)])
    assert 'role="alert"' in shown.card
    assert "silent" in shown.card
    *_, table = ear.files([str(tonal), str(silent)])
    monkeypatch.setattr(ear.classifier, "decode", lambda *_: 1 / 0)
    for shown in (*ear.files([str(tonal)]), ear.opened(table.rows, 0), ear.named("rain")):
        assert strings.FAILED in shown.card
        assert "ZeroDivision" not in shown.card
    assert [record.exc_info[0] for record in caplog.records] == 3 * [ZeroDivisionError]


def test_the_shipped_weights_say_how_often_they_are_right(shipped):
    shown = Ear(shipped, lambda wav: "file.wav").named("siren")
    assert "siren" in re.findall("<h2>(.*)</h2>", shown.card)[0]
    assert re.search(r"Of \d+ test recordings that it was about this sure of, it got .+ right", shown.card)


def test_an_example_is_answered_as_any_recording(ear):
    shown = ear.named("rain")
    assert shown.heard.example == "rain"
    assert 'data-sound="rain"' in shown.card
    assert "copy-link" in shown.links
    assert "no example called" in ear.named("<script>").card
    assert "<script>" not in ear.named("<script>").card


def test_downloads_hold_the_prediction(tiny_classifier):
    waveform = tone(seconds=12.0)
    heard = Heard(name="=evil.wav", waveform=waveform, prediction=tiny_classifier.classify(waveform))
    spans = timeline.spans(heard.prediction, waveform, 16_000)
    data, table = (b64decode(found) for found in re.findall(r"base64,([^\"]+)", downloads.links(heard, spans)))
    assert json.loads(data) == {"recording": "=evil.wav", **heard.prediction.to_dict()}
    rows = list(csv.DictReader(io.StringIO(table.decode())))
    assert [float(row["end_seconds"]) for row in rows] == [round(span.end_seconds, 2) for span in spans]


def test_a_name_cannot_become_a_formula():
    text = downloads.table_text(("recording",), [("=SUM(A1)",), ("a.wav",)])
    assert text.splitlines()[1:] == ["'=SUM(A1)", "a.wav"]


def test_the_recorders_files_have_a_name_for_people():
    assert shown_name("/tmp/x/microphone-1.wav") == strings.OWN_RECORDING
    assert shown_name("/tmp/x/yard.wav") == "yard.wav"


def test_frequency_axis_lies_on_the_mel_scale(tiny_classifier):
    axis = answer._hz_axis(tiny_classifier.mel)
    places = {name: float(place) for place, name in re.findall(r"bottom:([\d.]+)%\">([^<]+)<", axis)}
    assert places["8 kHz"] == 100.0
    band_hz = tiny_classifier.model.front_end.band_hz().numpy()
    # Bands are evenly spaced on the same scale: 1 kHz stands as high as the share of bands below it.
    assert places["1 kHz"] == pytest.approx(100 * (band_hz < 1_000).mean(), abs=4)


def test_rows_sort_by_what_they_show():
    rows = (
        several.Row(name="b.wav", path="b", prediction=prediction({"dog": 0.9})),
        several.Row(name="a.wav", path="a", error="Broken."),
    )
    html = several.table(rows)
    assert 'data-value="0.900000"' in html
    assert html.count("aria-sort") == len(strings.TABLE_HEADINGS)


def test_saved_picture(tiny_classifier):
    waveform = tone(seconds=5.0)
    file = plots.answer(
        "Not sure: could be rain or wind",
        "$a_b$.wav",
        tiny_classifier.classify(waveform),
        internals.spectrogram(tiny_classifier, waveform),
        tiny_classifier.mel,
    )
    from PIL import Image

    image = Image.open(io.BytesIO(file))
    assert image.size == (1200, 900)
    assert len(image.convert("RGB").getcolors(1 << 24)) > 100
