import csv

import numpy as np
import pytest
import torch

from audioclf import audio, dataset
from audioclf.config import MelConfig
from audioclf.labels import ESC50_LABELS

from .conftest import ROOT, tone

MEL = MelConfig()


def write(path, waveform, sample_rate=16_000):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(audio.encode_wav(waveform, sample_rate))


@pytest.fixture
def esc50(tmp_path):
    """Ten clips in ESC-50's own layout, two a fold."""
    rows = []
    for index in range(10):
        label = ("dog", "rain")[index % 2]
        name = f"{index // 2 + 1}-{index}-A-{ESC50_LABELS.index(label)}.wav"
        write(tmp_path / "audio" / name, tone(200.0 + 100 * index, 5.0))
        rows.append({"filename": name, "fold": index // 2 + 1, "category": label, "src_file": str(index)})
    (tmp_path / "meta").mkdir()
    with (tmp_path / "meta" / "esc50.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


def test_esc50_by_its_own_folds(esc50):
    data = dataset.load(esc50, MEL, progress=False)
    assert len(data) == 10
    assert data.labels == ESC50_LABELS
    assert data.waveforms.shape == (10, 80_000)
    assert data.folds.tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    for recording, class_index in zip(data.recordings, data.class_indices.tolist(), strict=True):
        assert recording.endswith(f"-{class_index}.wav")
    inner = data.in_folds([2, 5])
    assert inner.folds.tolist() == [2, 2, 5, 5]
    assert torch.equal(inner.waveforms[2], data.waveforms[8])


def test_samples_are_the_files(esc50):
    data = dataset.load(esc50, MEL, folds=[1], progress=False)
    np.testing.assert_array_equal(data.waveforms[0].numpy(), np.rint(tone(200.0, 5.0) * 32768).astype(np.int16))


def test_a_source_in_two_folds_is_refused(esc50):
    table = esc50 / "meta" / "esc50.csv"
    table.write_text(table.read_text().replace("dog,8", "dog,0"))
    data = dataset.load(esc50, MEL, progress=False)
    with pytest.raises(dataset.DatasetError, match="Source 0 dog has clips in several folds"):
        data.in_folds([1])


def test_any_folders_of_recordings(tmp_path):
    for label, seconds in (("kettle", 2.0), ("door", 7.0)):
        for index in range(5):
            write(tmp_path / label / f"{index}.wav", tone(400.0, seconds, 44_100), 44_100)
    data = dataset.load(tmp_path, MEL, progress=False)
    assert data.labels == ("door", "kettle")
    assert sorted(data.folds.tolist()) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert (data.waveforms[-1, 33_000:] == 0).all()
    assert (data.waveforms[-1, :30_000] != 0).any()


def test_what_is_wrong_is_said(tmp_path, esc50):
    with pytest.raises(dataset.DatasetError, match="no folder"):
        dataset.load(tmp_path / "nowhere", MEL)
    (tmp_path / "empty").mkdir()
    with pytest.raises(dataset.DatasetError, match="one folder for each label"):
        dataset.load(tmp_path / "empty", MEL)
    (esc50 / "audio" / "1-0-A-0.wav").write_text("no sound")
    with pytest.raises(dataset.DatasetError, match=r"1-0-A-0\.wav: "):
        dataset.load(esc50, MEL, progress=False)


@pytest.mark.slow
def test_no_source_crosses_the_real_folds():
    data = dataset.load(ROOT / "data" / "ESC-50", MEL, progress=False)
    assert len(data) == 2000
    for fold in dataset.FOLDS:
        inside = data.in_folds([fold])
        assert len(inside) == 400
        assert torch.equal(inside.class_indices.bincount(), torch.full((50,), 8))
