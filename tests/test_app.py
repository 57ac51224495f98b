"""How the page is started."""

import re
from pathlib import Path

import pytest
from gradio.route_utils import delete_files_created_by_app

import app
from audioclf import audio
from audioclf.ui import strings
from audioclf.ui.page import KEPT_SECONDS, SCREENS, SWEEP_SECONDS, build_page, launch_settings

from .conftest import tone


def test_arguments():
    args = app.arguments(["--host", "0.0.0.0", "--port", "8000", "--share"])
    assert (args.host, args.port, args.share) == ("0.0.0.0", 8000, True)
    # Left to Gradio, which reads GRADIO_SERVER_NAME and GRADIO_SERVER_PORT.
    assert (app.arguments([]).host, app.arguments([]).port) == (None, None)


def test_missing_weights_are_said_in_words(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("AUDIOCLF_WEIGHTS", str(tmp_path))
    assert app.main([]) == 1
    said = capsys.readouterr().err
    assert str(tmp_path) in said
    assert "Traceback" not in said


def test_page_keeps_and_reports_nothing(tiny_classifier):
    page = build_page(tiny_classifier)
    assert page.analytics_enabled is False
    assert page.delete_cache is not None
    settings = launch_settings()
    assert (settings["run_history"], settings["ssr_mode"], settings["max_file_size"]) == (False, False, "20mb")


def test_every_screen_has_a_tab(tiny_classifier):
    config = build_page(tiny_classifier).get_config_file()
    tabs = [part["props"]["id"] for part in config["components"] if part["type"] == "tabitem"]
    assert tabs == [name for name in SCREENS if name in tabs]
    assert "listen" in tabs


def test_what_is_kept_is_what_the_page_says(tiny_classifier, tmp_path):
    page = build_page(tiny_classifier)
    # A file may have to wait for the sweep after it has come of age; Gradio keeps a left page's state an hour.
    assert KEPT_SECONDS + SWEEP_SECONDS <= 3600
    assert "within the hour" in strings.PRIVACY
    recording = tmp_path / "yard.wav"
    recording.write_bytes(audio.encode_wav(tone(seconds=1.0), 16_000))
    [listen] = [block.fn for block in page.fns.values() if block.api_name == "listen"]
    [shown] = listen([str(recording)])
    path = Path(re.findall(r'src="gradio_api/file=([^"]+)"', shown[0])[0])
    assert path.exists()
    delete_files_created_by_app(page, age=None)
    assert not path.exists()


@pytest.mark.parametrize("word", ["://fonts.", "cdn", "googleapis", "unpkg"])
def test_assets_name_no_other_host(word):
    settings = launch_settings()
    text = settings["head"] + "".join(path.read_text() for path in settings["css_paths"])
    assert word not in text
