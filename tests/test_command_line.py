import json
import subprocess
import sys

import numpy as np
import pytest

from audioclf import __main__ as command_line
from audioclf import audio, checkpoint

from .conftest import ROOT


@pytest.fixture
def weights(tiny_checkpoint, tmp_path):
    checkpoint.save(tiny_checkpoint, tmp_path / "weights")
    return str(tmp_path / "weights")


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "noise.wav"
    path.write_bytes(audio.encode_wav((0.1 * np.random.randn(12 * 16_000)).astype(np.float32), 16_000))
    return str(path)


def test_json_is_a_list_with_one_object_for_each_file(weights, recording, tmp_path, capsys):
    text = tmp_path / "notes.mp3"
    text.write_text("not a sound")
    missing = str(tmp_path / "nowhere.wav")
    code = command_line.main(["classify", str(text), recording, missing, "--json", "--top", "3", "--weights", weights])
    rows = json.loads(capsys.readouterr().out)
    assert code == 1
    assert [row["recording"] for row in rows] == [str(text), recording, missing]
    assert set(rows[0]) == set(rows[2]) == {"recording", "error"}
    assert set(rows[1]) == {"recording", "label", "probability", "top", "duration_seconds", "windows"}
    assert len(rows[1]["top"]) == 3
    assert set(rows[1]["top"][0]) == {"label", "probability"}
    assert rows[1]["duration_seconds"] == 12.0
    assert [window["start_seconds"] for window in rows[1]["windows"]] == [0.0, 2.5, 5.0, 7.0]


def test_text_is_for_people(weights, recording, capsys):
    assert command_line.main(["classify", recording, "--weights", weights]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{recording}  (12.0 s)"
    assert len(lines) == 1 + 5 + 4


def test_long_recordings_are_refused_in_words(weights, recording, capsys):
    assert command_line.main(["classify", recording, "--weights", weights, "--max-minutes", "0.1"]) == 1
    assert "Traceback" not in capsys.readouterr().out


def test_missing_weights_are_one_line(recording, tmp_path, capsys):
    assert command_line.main(["classify", recording, "--weights", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("audioclf: ")


def test_info_says_what_the_weights_are(weights, capsys):
    assert command_line.main(["info", "--weights", weights]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["mel"]["n_mels"] == 32
    assert len(told["labels"]) == 50


def test_it_loads_neither_gradio_nor_matplotlib(weights, recording):
    program = (
        "import sys; from audioclf.__main__ import main; "
        f"assert main(['classify', {recording!r}, '--weights', {weights!r}]) == 0; "
        "assert not {'gradio', 'matplotlib', 'fastapi', 'sklearn'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize(
    "arguments", [["-m", "audioclf", "--help"], ["train.py", "--help"], ["train.py", "fit", "--help"]]
)
def test_help_helps(arguments):
    run = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "usage:" in run.stdout
