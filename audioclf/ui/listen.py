"""The first screen: give a recording, read what it is. Layout and events; the words are in strings.py."""

import base64
import json
from collections.abc import Iterator
from functools import partial
from html import escape
from typing import Any, no_type_check

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache

from ..examples import EXAMPLES, Example
from ..labels import LABELS
from . import several, strings
from .hearing import Ear, Shown
from .shared import KEPT_SECONDS, Heard, Shared, fresh
from .stages import strip

FIRST_CHIPS = 8
"""Examples that are seen at once; the others open below them."""

WELCOME_SOUNDS = 5
"""Of each group, named before the first answer."""


def build(shared: Shared) -> None:
    """Lay out the screen."""
    with gr.Row(elem_id="listen", equal_height=False):
        with gr.Column(elem_id="give", elem_classes="card", min_width=280):
            gr.HTML(_recorder(shared.classifier.mel.clip_seconds), apply_default_css=False)
            upload = gr.UploadButton(strings.UPLOAD, elem_id="upload", file_count="multiple", size="md")
            gr.HTML(f'<h2 class="small">{strings.EXAMPLES}</h2>', apply_default_css=False)
            with gr.Row(elem_classes="chips"):
                chips = [_chip(example) for example in EXAMPLES[:FIRST_CHIPS]]
            with gr.Accordion(strings.MORE_EXAMPLES, open=False, elem_id="more"), gr.Row(elem_classes="chips"):
                chips += [_chip(example) for example in EXAMPLES[FIRST_CHIPS:]]
            gr.HTML(f'<p class="privacy">{strings.PRIVACY}</p>', apply_default_css=False)
        with gr.Column(elem_id="result", elem_classes="card", min_width=280):
            answer = gr.HTML(_welcome(), elem_id="answer", apply_default_css=False, js_on_load=several.OPEN)
            rows = gr.State((), time_to_live=KEPT_SECONDS)
            with gr.Row(elem_id="actions", visible=False) as actions:
                inside = gr.Button(strings.INSIDE, variant="primary", size="md", elem_id="see-inside")
                picture = gr.Button(strings.SAVE_PICTURE, size="md", elem_id="save-picture")
                links = gr.HTML(elem_id="links", apply_default_css=False)
            stages = gr.HTML(visible=False, elem_id="stages", apply_default_css=False)
            further = gr.Button(strings.INSIDE_MORE, visible=False, size="md", elem_id="go-inside")
            saved = gr.HTML(visible="hidden", elem_id="saved")

    def publish(wav: bytes) -> str:
        path = save_bytes_to_cache(wav, "sound.wav", answer.GRADIO_CACHE)
        # So that delete_cache finds it.
        answer.temp_files.add(path)
        return f"gradio_api/file={path}"

    ear = Ear(shared.classifier, publish)

    def show(shown: Shown) -> tuple[Any, ...]:
        return (
            fresh(shown.card),
            shown.heard,
            shown.rows,
            shown.links,
            gr.Row(visible=shown.heard is not None),
            gr.HTML("", visible=False),
            gr.Button(visible=False),
        )

    @no_type_check  # Wrapped in a check, it would no longer be seen to be a generator.
    def files(paths: list[str] | None) -> Iterator[tuple[Any, ...]]:
        for shown in ear.files(paths or []):
            yield show(shown)

    def named(name: str) -> tuple[Any, ...]:
        return show(ear.named(name))

    def opened(rows: several.Rows, pressed: gr.EventData) -> tuple[Any, ...]:
        return show(ear.opened(rows, int(getattr(pressed, "row", several.ALL))))

    def linked(request: gr.Request) -> Any:
        name = request.query_params.get("sound")
        return named(name) if name else gr.skip()

    def look_inside(heard: Heard | None) -> tuple[Any, Any]:
        if heard is None:
            return gr.skip(), gr.skip()
        more = "inside" in shared.screens
        return gr.HTML(strip(shared.classifier, heard), visible=True), gr.Button(visible=more)

    def save(heard: Heard | None) -> Any:
        if heard is None:
            return gr.skip()
        png = base64.b64encode(ear.picture(heard)).decode()
        name = escape(heard.prediction.label)
        return fresh(f'<a data-save download="{name}.png" href="data:image/png;base64,{png}"></a>')

    outputs = [answer, shared.heard, rows, links, actions, stages, further]
    silent: dict[str, Any] = {"show_progress": "hidden"}
    private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    upload.upload(files, upload, outputs, api_name="listen", **silent)
    for example, chip in zip(EXAMPLES, chips, strict=True):
        chip.click(partial(named, example.name), None, outputs, **private)
    answer.click(opened, rows, outputs, **private)
    shared.page.load(linked, None, outputs, **private)
    inside.click(look_inside, shared.heard, [stages, further], **private)
    further.click(lambda: gr.Tabs(selected="inside"), None, shared.tabs, **private)
    picture.click(save, shared.heard, saved, **private)


def _chip(example: Example) -> gr.Button:
    return gr.Button(f"{example.emoji} {example.title}", size="sm", elem_id=f"sound-{example.name}", min_width=0)


def _recorder(seconds: float) -> str:
    words = escape(json.dumps(strings.RECORDER, ensure_ascii=False))
    return f"""
<div id="recorder" data-seconds="{seconds:g}" data-words="{words}">
  <button type="button" class="record" aria-describedby="record-hint">
    <span class="label">{strings.RECORD.format(seconds=seconds)}</span></button>
  <div class="level" aria-hidden="true"><span></span></div>
  <p class="hint" id="record-hint">{strings.RECORD_HINT}</p>
  <p class="trouble" role="alert"></p>
</div>"""


def _welcome() -> str:
    groups: dict[str, list[str]] = {}
    for label in LABELS:
        groups.setdefault(label.group, []).append(label.title)
    rows = "".join(
        f"<div><dt>{group}</dt><dd>{escape(', '.join(titles[:WELCOME_SOUNDS]))}…</dd></div>"
        for group, titles in groups.items()
    )
    text = strings.WELCOME_TEXT.format(count=len(LABELS))
    return f'<div class="welcome"><h2>{strings.WELCOME}</h2><p>{text}</p><dl>{rows}</dl></div>'
