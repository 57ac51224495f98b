"""The Inside screen: the road from waveform to answer, each stop to be opened, listened to and broken.

The browser draws; every action asks one function here, by name, and gets JSON. The mathematics is in
`internals`, `what_if` and `playback`.
"""

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import gradio as gr

from . import inside_words
from .inside_answers import InsideAnswers, answers_of
from .shared import Heard, Shared, layout

SKELETON = Path(__file__).parent / "assets" / "inside.html"


def endpoints(answers: Any, names: tuple[str, ...]) -> list[Callable[[Any], Any]]:
    """The answers' methods as functions that a component can offer to its script."""

    def endpoint(name: str) -> Callable[[Any], Any]:
        method = getattr(answers, name)

        @wraps(method)
        def call(request: Any) -> Any:
            return method(**request)

        del call.__wrapped__
        return call

    return [endpoint(name) for name in names]


def build(shared: Shared) -> None:
    """Lay out the screen."""
    answers = answers_of(shared.classifier)
    screen = gr.HTML(
        value="",
        html_template=layout(SKELETON, inside_words.SCREEN),
        js_on_load="audioclf.inside.start(element, server, watch, props, () => trigger('opened'))",
        server_functions=endpoints(answers, InsideAnswers.SCREEN),
        apply_default_css=False,
        elem_id="inside",
        container=False,
        words=inside_words.SCREEN,
    )

    def opened(heard: Heard | None) -> str:
        return json.dumps({"key": answers.key_of(heard), "own": heard is not None and not heard.example})

    # Fired by the script when the screen comes into view, however that came about: nothing earlier.
    screen.opened(opened, shared.heard, screen, show_progress="hidden", api_visibility="private", queue=False)
