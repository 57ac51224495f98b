"""What the screens have in common. Knows no screen.

A screen is a module here with

    def build(shared: Shared) -> None

which lays its components out, inside its own tab, and computes nothing until that tab is opened:
`shared.tab.select(...)`. Its style and script lie in assets/ under its own name (live.css, live.js)
and are found by themselves.
"""

import secrets
from dataclasses import dataclass, field
from html import escape
from itertools import count
from pathlib import Path
from string import Template

import gradio as gr
import numpy as np

from ..classifier import Classifier
from ..prediction import Prediction

KEPT_SECONDS = 1800
"""How long a visitor's files and last answer are kept; see strings.PRIVACY."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Heard:
    """A recording that was classified, with its answer: what every screen talks about.

    Attributes:
        name: The file's own, or what the page calls it; already fit to be shown.
        waveform: float32 samples at the classifier's `sample_rate`.
        prediction: The answer.
        example: Name of the example it is; None for a visitor's own.
        token: What the browser calls a visitor's own; nobody else can guess it.
    """

    name: str
    waveform: np.ndarray
    prediction: Prediction
    example: str | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(12))


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Given to each screen's `build`.

    Attributes:
        page: The whole, for events such as `load`.
        classifier: The one road from a recording to an answer.
        heard: This visitor's last `Heard`, or None; an input of events.
        tabs: To go to another screen: an event that outputs `gr.Tabs(selected="inside")` here.
        tab: The screen's own, for `select`.
        screens: Names of the screens that are on the page.
    """

    page: gr.Blocks
    classifier: Classifier
    heard: gr.State
    tabs: gr.Tabs
    tab: gr.Tab
    screens: tuple[str, ...]


_serial = count(1)


def fresh(html: str) -> str:
    """HTML that takes the place of what `gr.HTML` showed before, so that scripts see new elements.

    Gradio patches the old elements into the new ones where their tags agree, and a patched element keeps the
    listeners, and a script's notes about it, of the answer before. A tag that never agrees is replaced whole.
    """
    tag = f"fresh-{next(_serial)}"
    return f'<{tag} class="fresh">{html}</{tag}>'


def layout(skeleton: Path, words: dict[str, str]) -> str:
    """A screen's HTML with its words in it."""
    return Template(skeleton.read_text()).substitute({name: escape(said) for name, said in words.items()})
