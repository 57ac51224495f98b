"""The code that the About screen offers to copy does what it says."""

import os
import shutil
import subprocess
import sys

import pytest

from audioclf.audio import encode_wav
from audioclf.snippets import ADDRESS, SNIPPETS

from .conftest import tone

RUN = {
    "curl": ["bash", "-euo", "pipefail", "-c"],
    "Python": [sys.executable, "-c"],
    "JavaScript": ["node", "--input-type=module", "-e"],
    "What the network saw": ["bash", "-euo", "pipefail", "-c"],
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_snippet(name, served, tmp_path):
    for program in {RUN[name][0], "curl"}:
        if not shutil.which(program):
            pytest.skip(f"no {program} on this machine")
    (tmp_path / "sound.wav").write_bytes(encode_wav(tone(seconds=1.0), 16_000))
    done = subprocess.run(
        [*RUN[name], SNIPPETS[name].replace(ADDRESS, served[0])],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 5 or '"top"' in done.stdout or '"labels"' in done.stdout, done.stdout
    if "png" in SNIPPETS[name]:
        assert (tmp_path / "stage2.png").read_bytes().startswith(b"\x89PNG")
