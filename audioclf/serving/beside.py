"""REST beside the page, in one process, and the same by name for `gradio_client`. The only module here that
knows Gradio."""

from pathlib import Path
from typing import Any

import gradio as gr
from starlette.routing import Route

from ..classifier import Classifier
from ..errors import RecordingError
from . import api
from .service import QuestionError, Service, UnknownIdError


def beside(page: gr.Blocks, classifier: Classifier) -> dict[str, Any]:
    """Give a page the API's endpoints, by path and by name.

        page.launch(**beside(page, classifier))

    The API's paths go to it whole, with its own errors and documentation; Gradio's come after them. Not with
    server-side rendering (`ssr_mode`): there a Node server stands in front, which knows Gradio's paths only.

    Args:
        page: Not launched yet.
        classifier: What answers.

    Returns:
        What `Blocks.launch` must be given.
    """
    rest = api.create_app(classifier)
    with page:
        _by_name(rest.state.service)
    return {"app_kwargs": {"routes": [Route(path, endpoint=rest) for path in api.PATHS]}}


def _by_name(service: Service) -> None:
    """`Client(url).predict(handle_file("dog.wav"), api_name="/predict")`, and the others."""

    def predict(file: str | None, top: int = 5) -> dict[str, Any]:
        if not file:
            raise gr.Error("Send a recording: handle_file('sound.wav').", print_exception=False)
        try:
            return service.predict(Path(file).read_bytes(), max(1, top))
        except RecordingError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def visualize(id: str, layer: str = "stage4", channels: list[int] | None = None) -> dict[str, Any]:
        try:
            return {"id": id} | service.visualize(id, layer, channels or None).to_dict()
        except (UnknownIdError, QuestionError) as error:
            raise gr.Error(str(error), print_exception=False) from error

    def model_info() -> dict[str, Any]:
        return service.info

    # Components that nobody sees: they check what comes in, a file's path above all.
    file, top = gr.File(visible=False, type="filepath"), gr.Number(5, visible=False, precision=0)
    id, layer, channels = gr.Textbox(visible=False), gr.Textbox("stage4", visible=False), gr.JSON(visible=False)
    answer = gr.JSON(visible=False)
    for function, inputs in ((predict, [file, top]), (visualize, [id, layer, channels]), (model_info, [])):
        # An empty list: None would also run them as the page opens, and greet everybody with two errors.
        gr.on([], function, inputs, answer, api_name=function.__name__, concurrency_limit=4)
