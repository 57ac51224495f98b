"""The snippets in docs/api.md do what they say."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from audioclf.audio import encode_wav
from audioclf.serving import api, desk, upload

from .conftest import ROOT, tone

TEXT = (ROOT / "docs" / "api.md").read_text()
SNIPPETS = re.findall(r"```(bash|python|javascript)\n(.*?)```", TEXT, re.DOTALL)
RUN = {
    "bash": ["bash", "-euo", "pipefail", "-c"],
    "python": [sys.executable, "-c"],
    "javascript": ["node", "--input-type=module", "-e"],
}


@pytest.mark.parametrize(("language", "snippet"), SNIPPETS, ids=[f"{i}-{s[0]}" for i, s in enumerate(SNIPPETS)])
def test_snippet(language, snippet, served, tmp_path):
    if not shutil.which(RUN[language][0]):
        pytest.skip(f"no {RUN[language][0]} on this machine")
    (tmp_path / "sound.wav").write_bytes(encode_wav(tone(seconds=1.0), 16_000))
    assert "127.0.0.1:7860" in snippet
    done = subprocess.run(
        [*RUN[language], snippet.replace("http://127.0.0.1:7860", served[0])],
        cwd=tmp_path,
        env=os.environ | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip(), "it says nothing"


def test_each_language_is_shown():
    assert {language for language, _ in SNIPPETS} == set(RUN)


def test_the_numbers_are_the_codes():
    assert f"up to {upload.MAX_BYTES // 10**6} MB" in TEXT
    assert f"Up to {desk.PLACES} requests and {desk.PLACES_BYTES // 10**6} MB are taken in; {desk.WORKERS} are" in TEXT
    for path in ("/predict", "/visualize", "/model/info", "/healthz", "/metrics"):
        assert path in api.PATHS
        assert f"{path}" in TEXT
    assert set(re.findall(r"^\| (\d{3}) \|", TEXT, re.MULTILINE)) == {str(status) for status in api.PROBLEMS}
