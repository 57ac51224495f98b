"""The Lesson screen: five steps, each a guess first and the network's own answer after it."""

from pathlib import Path

import gradio as gr

from . import lesson_words
from .inside import endpoints
from .inside_answers import answers_of
from .lesson_answers import LessonAnswers
from .shared import Shared, layout

SKELETON = Path(__file__).parent / "assets" / "lesson.html"


def build(shared: Shared) -> None:
    """Lay out the screen."""
    answers = LessonAnswers(answers_of(shared.classifier))
    gr.HTML(
        value="",
        html_template=layout(SKELETON, lesson_words.SCREEN),
        js_on_load="audioclf.lesson(element, server, props)",
        server_functions=endpoints(answers, LessonAnswers.SCREEN),
        apply_default_css=False,
        elem_id="lesson",
        container=False,
        words=lesson_words.SCREEN,
    )
