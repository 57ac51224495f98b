"""Every sentence that a script says has its place in Python, and none is left there that nobody says."""

import inspect
import re

import pytest

from audioclf.ui import inside_words, lesson_words, live, strings
from audioclf.ui.page import ASSETS

SCREENS = {
    "inside": inside_words.SCREEN,
    "lesson": lesson_words.SCREEN,
    "live": live.WORDS,
    "recorder": strings.RECORDER,
}


@pytest.mark.parametrize("screen", SCREENS)
def test_the_words_of_a_screen_are_those_it_says(screen):
    files = [path for path in ASSETS.glob(f"{screen}*") if path.suffix in (".js", ".html")]
    text = "".join(path.read_text() for path in files)
    said = set(re.findall(r"\bwords\.(\w+)|\$(\w+)", text))
    said = {script or layout for script, layout in said}
    assert said <= SCREENS[screen].keys(), "the script would say “undefined”"
    # Some are chosen by the name of a state, some are said by the server.
    named = text + inspect.getsource(live).partition("def build")[2]
    assert {name for name in SCREENS[screen].keys() - said if f'"{name}"' not in named} == set()


@pytest.mark.parametrize("path", ASSETS.glob("*.js"), ids=lambda path: path.stem)
def test_no_sentence_stands_in_a_script(path):
    code = re.sub(r"//[^\n]*", "", path.read_text())
    assert not re.findall(r'"[A-Z][a-z]+ [a-z][^"]*"', code)
