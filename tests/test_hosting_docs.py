"""docs/hosting.md names commands, settings and figures that exist."""

import inspect
import re
import shlex

import pytest

import train
from audioclf.serving import modal_app

from .conftest import ROOT
from .test_modal import function, info, settings

TEXT = (ROOT / "docs" / "hosting.md").read_text()
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines() if line.strip()
]


def commands(start: str) -> list[list[str]]:
    found = [shlex.split(line)[len(shlex.split(start)) :] for line in COMMANDS if line.startswith(start)]
    assert found, f"no command starts with {start}"
    return found


def test_train_py_takes_the_commands():
    for arguments in commands("python train.py"):
        train.parser().parse_args(arguments)


def test_modal_finds_the_entry_points():
    for module, *_ in commands("modal deploy -m"):
        assert module == modal_app.__name__
    for target, *options in commands("modal run -m"):
        module, name = target.split("::")
        assert module == modal_app.__name__
        parameters = inspect.signature(function(getattr(modal_app, name)).info.raw_f).parameters
        assert {option.removeprefix("--") for option in options if option.startswith("--")} <= set(parameters)


def test_make_knows_the_target():
    makefile = (ROOT / "Makefile").read_text()
    for target, *_ in commands("make"):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("name", ["Page", "Rest", "Gpu", "train_fold"])
def test_the_table_tells_what_is_configured(name):
    row = next(line for line in TEXT.splitlines() if line.startswith(f"| `{name}`"))
    _, _, hardware, containers, stays, *_ = (cell.strip() for cell in row.split("|"))
    thing = getattr(modal_app, name)
    told, scaling = info(thing), settings(thing)["autoscaler_settings"]
    assert f"{told.cpu:g} cores, {told.memory_mib // 1024} GB" in hardware
    assert all(gpu in hardware for gpu, _ in told.gpus)
    assert containers == f"{scaling.min_containers} to {scaling.max_containers}"
    if told.single_use_containers:
        assert stays == "not at all"
    else:
        assert stays == f"{scaling.scaledown_window // 60} minutes"
