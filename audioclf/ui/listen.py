"""The first screen: give a recording, read what it is."""

import html
from pathlib import Path

import gradio as gr

from ..errors import RecordingError
from ..labels import describe
from .shared import Heard, Shared


def build(shared: Shared) -> None:
    """Lay out the screen."""
    upload = gr.UploadButton("Choose a sound file", elem_id="upload")
    answer = gr.HTML(elem_id="answer")

    def listen(path: str) -> tuple[str, Heard | None]:
        try:
            waveform = shared.classifier.decode(path)
            prediction = shared.classifier.classify(waveform)
        except RecordingError as error:
            return f'<p role="alert">{html.escape(str(error))}</p>', None
        heard = Heard(name=Path(path).name, waveform=waveform, prediction=prediction)
        return f"<h2>{describe(prediction.label).title}</h2>", heard

    upload.upload(listen, upload, [answer, shared.heard], api_name="listen")
