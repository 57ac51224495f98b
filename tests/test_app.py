"""How the page is started."""

import pytest

import app
from audioclf.ui.page import SCREENS, build_page, launch_settings


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


@pytest.mark.parametrize("word", ["://fonts.", "cdn", "googleapis", "unpkg"])
def test_assets_name_no_other_host(word):
    settings = launch_settings()
    text = settings["head"] + "".join(path.read_text() for path in settings["css_paths"])
    assert word not in text
