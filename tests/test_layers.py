"""Imports point down only."""

import ast

import pytest

from .conftest import ROOT

LAYERS = [
    {
        "errors",
        "config",
        "labels",
        "metrics",
        "snippets",
        "ffmpeg",
        "audio",
        "synthesis",
        "prediction",
        "optimisation",
        "memory",
    },
    {"examples", "mel", "resnet", "recipes"},
    {"model", "augment"},
    {"checkpoint", "dataset", "card"},
    {"hub", "classifier", "reference", "training"},
    {"internals", "listening", "receptive_field", "what_if", "playback", "baselines"},
    {"experiments", "tables"},
    {"plots", "charts", "pictures", "figures", "takeaway"},
    {"serving", "__main__"},
    {"ui"},
    {"modal_app"},
]
"""From the ground up: a module imports only from rows above its own here, or from its own row."""


def level(module: str) -> int:
    found = [index for index, names in enumerate(LAYERS) if module in names]
    assert found, f"audioclf.{module} has no layer yet: give it one in {__name__}"
    return found[0]


def room(path) -> str:
    """The row's name for a module: its own, or its folder's. The Modal app lies in serving/ and serves the page too."""
    return "modal_app" if path.stem == "modal_app" else path.relative_to(ROOT / "audioclf").parts[0].removesuffix(".py")


def imported(path) -> set[str]:
    """Names of the audioclf modules that a file imports, wherever in it."""
    inside = path.relative_to(ROOT / "audioclf").parts
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("audioclf.")}
        elif isinstance(node, ast.ImportFrom):
            if node.level == len(inside):
                names |= {node.module.split(".")[0]} if node.module else {alias.name for alias in node.names}
            elif node.level == 0 and (node.module or "").startswith("audioclf."):
                names.add(node.module.split(".")[1])
            elif node.level == 0 and node.module == "audioclf":
                names |= {alias.name for alias in node.names}
    return names - {"__version__", "Classifier", "Prediction"}


MODULES = sorted(path for path in (ROOT / "audioclf").rglob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT / "audioclf")))
def test_imports_point_down(path):
    for name in imported(path):
        assert level(name) <= level(room(path)), f"{path.name} imports {name}, which lies above it"


def test_only_the_page_knows_gradio_and_only_pictures_know_matplotlib():
    for path in MODULES:
        own = room(path)
        text = path.read_text()
        assert own in ("ui", "serving", "modal_app") or "import gradio" not in text
        assert own in ("plots", "charts", "pictures", "figures") or "matplotlib" not in text or own == "__main__"
