"""REST: the classifier for a program instead of a person. Knows HTTP, and neither decodes nor computes.

    POST /predict ─▶ upload ─▶ desk ─▶ Service ─▶ answer
    GET /visualize?id=… ──────▶ desk ─▶ Service ─▶ activations

Alone: `uvicorn audioclf.serving.api:create_app --factory`. Beside the page: `serving.beside`.
"""

import os
import secrets
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from .. import __version__
from ..classifier import Classifier
from ..errors import NotSoundError, UnusableRecordingError
from ..memory import give_back_regularly
from . import swagger, upload
from .desk import Desk
from .mosaic import mosaic
from .observing import Observer
from .schemas import Activations, Answer, Health, Layer, ModelInfo, Problem
from .service import FEW_CHANNELS, MOST_CHANNELS, QuestionError, Service, UnknownIdError

PATHS = ("/predict", "/visualize", "/model/info", "/healthz", "/metrics", "/openapi.json", *swagger.PATHS)

STATUS = {NotSoundError: 415, UnusableRecordingError: 422, UnknownIdError: 404, QuestionError: 422}
"""What each refusal is over HTTP; its words are the same everywhere."""

DESCRIPTION = """What is that sound, and how does a neural network know?

Every error is JSON with a `detail`: one sentence that says what is wrong and what to do about it."""


def problem(words: str) -> dict[str, Any]:
    return {"model": Problem, "description": words}


PROBLEMS: dict[int, dict[str, Any]] = {
    400: problem("The form is broken, or did not arrive whole."),
    401: problem("The bearer token is missing or wrong."),
    404: problem("The id is unknown, or too old."),
    408: problem("The recording took too long to arrive."),
    413: problem("The recording is too large."),
    415: problem("It is not a recording: text, a picture, a broken file."),
    422: {
        "description": (
            "The recording is sound but can't be used (silent, too short, too long), there is no file, or no such "
            "channel or window: `detail` is a sentence. Or a parameter is out of bounds: `detail` is FastAPI's list "
            "of what is wrong with which."
        ),
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/Problem"},
                        {"$ref": "#/components/schemas/HTTPValidationError"},
                    ]
                }
            }
        },
    },
    503: problem("Too many at once. The header Retry-After says in how many seconds to try again.")
    | {"headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}},
}


def create_app(classifier: Classifier | None = None, *, desk: Desk | None = None, token: str | None = None) -> FastAPI:
    """The REST API. Its `state.service` is what it serves.

    Args:
        classifier: Default: the weights that AUDIOCLF_WEIGHTS names, or that come with this repository. From
            now on its callers share passes through the network.
        desk: Bounds on how many come in.
        token: Who asks must bring it (`Authorization: Bearer …`); default: AUDIOCLF_TOKEN; empty for none.
    """
    service = Service(classifier or Classifier.from_pretrained())
    desk = desk or Desk()
    give_back_regularly()
    token = os.environ.get("AUDIOCLF_TOKEN", "") if token is None else token

    app = FastAPI(title="audioclf", version=__version__, description=DESCRIPTION, docs_url=None, redoc_url=None)
    app.state.service = service
    app.add_middleware(Observer, metrics=service.metrics, paths=frozenset(PATHS))
    for error, status in STATUS.items():
        app.add_exception_handler(error, _refuse(status))

    def guarded(*statuses: int, **success: Any) -> dict[str, Any]:
        """What a route that asks for the token, where there is one, may answer."""
        responses: dict[int, Any] = {status: PROBLEMS[status] for status in statuses + (401,) * bool(token)}
        responses |= {200: success} if success else {}
        return {"responses": responses, "dependencies": [Depends(_guard(token))] if token else []}

    @app.post(
        "/predict",
        tags=["Sounds"],
        summary="What is that sound?",
        response_model=Answer,
        openapi_extra={"requestBody": upload.REQUEST_BODY},
        **guarded(400, 408, 413, 415, 422, 503),
    )
    async def predict(
        request: Request, top: Annotated[int, Query(ge=1, le=1000, description="Labels to name.")] = 5
    ) -> dict[str, Any]:
        """Send a recording, get labels with their probabilities."""
        async with desk.place() as place:
            recording = await upload.recording(request, place)
            return await desk.work(lambda: service.predict(recording, top))

    @app.get(
        "/visualize",
        tags=["Sounds"],
        summary="What did a layer make of it?",
        response_model=Activations,
        **guarded(404, 422, 503, description="As asked for: JSON, or a picture.", content={"image/png": {}}),
    )
    async def visualize(
        id: Annotated[str, Query(max_length=64, description="From an answer of /predict.")],
        layer: Layer = "stage4",
        format: Annotated[Literal["json", "png"], Query(description="png: a mosaic of the channels.")] = "json",
        channels: Annotated[
            list[int] | None,
            Query(
                max_length=MOST_CHANNELS,
                description=f"channels=3&channels=7 for these; default: the {FEW_CHANNELS} most active.",
            ),
        ] = None,
        window: Annotated[
            int | None, Query(ge=0, description="Which of the prediction's windows; default: the most telling one.")
        ] = None,
    ) -> Response:
        """What one layer of the network made of a recent recording: its channels' activations."""

        def show() -> Response:
            shown = service.visualize(id, layer, channels, window)
            if format == "png":
                return Response(mosaic(shown.activations), media_type="image/png")
            told = Activations.model_construct(id=id, **shown.to_dict())
            return Response(told.model_dump_json(), media_type="application/json")

        async with desk.place():
            return await desk.work(show)

    @app.get(
        "/model/info", tags=["The model"], summary="What answers, and how well?", response_model=ModelInfo, **guarded()
    )
    def model_info() -> dict[str, Any]:
        """What answers: the network, its front-end, its labels, and how well it does."""
        return service.info

    @app.get("/healthz", tags=["Operation"], summary="Is it up?", response_model=Health)
    async def healthz() -> Health:
        """It is up, and has its weights."""
        return Health(version=__version__)

    @app.get(
        "/metrics",
        tags=["Operation"],
        summary="How busy is it?",
        response_class=Response,
        **guarded(description="Prometheus text.", content={"text/plain": {"schema": {"type": "string"}}}),
    )
    def metrics() -> Response:
        """Requests, their durations, answers and shared passes, for Prometheus."""
        return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    swagger.add_docs(app)
    return app


def _guard(token: str):
    async def check(brought: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]):
        if brought is None or not secrets.compare_digest(brought.credentials.encode(), token.encode()):
            raise HTTPException(401, "The bearer token is missing or wrong.", headers={"WWW-Authenticate": "Bearer"})

    return check


def _refuse(status: int):
    async def respond(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status)

    return respond
