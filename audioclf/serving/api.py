"""REST: the classifier for a program instead of a person. Knows HTTP, and neither decodes nor computes.

    POST /predict ─▶ upload ─▶ desk ─▶ Classifier ─▶ answer
                                           │
    GET /visualize?id=… ◀── internals ◀── store

Alone: `uvicorn audioclf.serving.api:create_app --factory`. Beside the page: `launch_arguments`.
"""

import os
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.routing import Route

from .. import __version__, internals
from ..classifier import Classifier, Prediction
from ..errors import NotSoundError, UnusableRecordingError
from . import swagger, upload
from .batching import share_passes
from .desk import Desk
from .mosaic import mosaic
from .observing import Metrics, Observer
from .schemas import Activations, Answer, Health, Layer, ModelInfo, Problem, Stage
from .store import Store

PATHS = ("/predict", "/visualize", "/model/info", "/healthz", "/metrics", "/openapi.json", *swagger.PATHS)

KEPT_BYTES = 64_000_000
KEPT_SECONDS = 600.0
"""How much of recent recordings stays in memory for /visualize, and how long."""

MOST_CHANNELS = 64
FEW_CHANNELS = 16
"""Channels in an answer of /visualize: at most, and where none are asked for."""


@dataclass(frozen=True)
class Kept:
    """A recent recording as it was sent, smaller than what is made of it, and where its windows start."""

    recording: bytes
    starts_seconds: tuple[float, ...]
    window: int
    """The one that speaks loudest for the answer."""


def problem(words: str) -> dict[str, Any]:
    return {"model": Problem, "description": words}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: problem("The form is broken, or did not arrive whole."),
    408: problem("The recording took too long to arrive."),
    413: problem("The recording is too large."),
    415: problem("It is not a recording: text, a picture, a broken file."),
    503: problem("Too many at once. The header Retry-After says in how many seconds to try again.")
    | {"headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}},
}
UNUSABLE = {
    "description": (
        "The recording is sound but can't be used (silent, too short, too long), or there is no file: `detail` is "
        "a sentence. Or a parameter is out of bounds: `detail` is FastAPI's list of what is wrong with which."
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
}

DESCRIPTION = """What is that sound, and how does a neural network know?

Every error is JSON with a `detail`: one sentence that says what is wrong and what to do about it."""


def create_app(classifier: Classifier | None = None, *, desk: Desk | None = None, token: str | None = None) -> FastAPI:
    """The REST API.

    Args:
        classifier: Default: the weights that AUDIOCLF_WEIGHTS names, or that come with this repository. From
            now on its callers share passes through the network.
        desk: Bounds on how many come in.
        token: Who asks must bring it (`Authorization: Bearer …`); default: AUDIOCLF_TOKEN; empty for none.
    """
    classifier = classifier or Classifier.from_pretrained()
    desk = desk or Desk()
    metrics = Metrics()
    share_passes(classifier, metrics.passes.observe)
    kept: Store[Kept] = Store(KEPT_BYTES, KEPT_SECONDS)
    token = os.environ.get("AUDIOCLF_TOKEN", "") if token is None else token
    guard: dict[str, Any] = {}
    if token:
        guard = {
            "dependencies": [Depends(_guard(token))],
            "responses": {401: problem("The bearer token is missing or wrong.")},
        }

    app = FastAPI(title="audioclf", version=__version__, description=DESCRIPTION, docs_url=None, redoc_url=None)
    app.add_middleware(Observer, metrics=metrics, paths=frozenset(PATHS))
    app.add_exception_handler(NotSoundError, _refuse(415))
    app.add_exception_handler(UnusableRecordingError, _refuse(422))

    def answers(*statuses: int) -> dict[str, Any]:
        known = PROBLEMS | {422: UNUSABLE, 404: problem("The id is unknown, or too old.")}
        responses = {status: known[status] for status in statuses} | guard.get("responses", {})
        return {"responses": responses, "dependencies": guard.get("dependencies", [])}

    @app.post(
        "/predict",
        response_model=Answer,
        openapi_extra={"requestBody": upload.REQUEST_BODY},
        **answers(400, 408, 413, 415, 422, 503),
    )
    async def predict(
        request: Request, top: Annotated[int, Query(ge=1, le=1000, description="Labels to name.")] = 5
    ) -> dict[str, Any]:
        """What is that sound? Send a recording, get labels with their probabilities."""
        async with desk.place() as place:
            recording = await upload.recording(request, place)
            prediction = await desk.work(lambda: classifier.classify(recording))
        metrics.labels.labels(prediction.label).inc()
        name = kept.put(_keep(recording, prediction), len(recording))
        return {"id": name} | prediction.to_dict(top)

    @app.get(
        "/visualize",
        response_model=Activations,
        **answers(404, 422, 503)
        | {
            "responses": answers(404, 422, 503)["responses"]
            | {200: {"description": "As asked for: JSON, or a picture.", "content": {"image/png": {}}}}
        },
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
        found = kept.get(id)
        if found is None:
            minutes = round(KEPT_SECONDS / 60)
            raise HTTPException(
                404, f"This id is unknown or too old: ids live for {minutes} minutes at most. Send the recording again."
            )
        window = found.window if window is None else window
        if window >= len(found.starts_seconds):
            raise HTTPException(422, f"This prediction has {len(found.starts_seconds)} windows, counted from 0.")
        start = found.starts_seconds[window]
        async with desk.place():
            stage = await desk.work(lambda: internals.activations(classifier, found.recording, start)[layer])
            wanted = internals.strongest_first(stage)[:FEW_CHANNELS].tolist() if channels is None else channels
            if not all(0 <= channel < len(stage) for channel in wanted):
                raise HTTPException(422, f"{layer} has {len(stage)} channels, counted from 0.")
            chosen = stage[wanted]
            if format == "png":
                return Response(await desk.work(lambda: mosaic(chosen)), media_type="image/png")
            # Rounded to a thousandth: a third of the bytes, and nothing that an eye could tell.
            told = Activations.model_construct(
                id=id,
                layer=layer,
                window=window,
                start_seconds=start,
                shape=list(stage.shape),
                channels=wanted,
                activations=np.round(chosen.astype(np.float64), 3).tolist(),
            )
            return Response(await desk.work(told.model_dump_json), media_type="application/json")

    @app.get("/model/info", response_model=ModelInfo, **answers())
    def model_info() -> ModelInfo:
        """What answers: the network, its front-end, its labels, and how well it does."""
        return info()

    @cache
    def info() -> ModelInfo:
        return describe(classifier)

    @app.get("/healthz", response_model=Health)
    async def healthz() -> Health:
        """It is up, and has its weights."""
        return Health(version=__version__)

    @app.get(
        "/metrics",
        response_class=Response,
        **answers()
        | {
            "responses": answers()["responses"]
            | {200: {"description": "Prometheus text.", "content": {"text/plain": {"schema": {"type": "string"}}}}}
        },
    )
    def read_metrics() -> Response:
        """Requests, their durations, answers and shared passes, for Prometheus."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    swagger.add_docs(app)
    return app


def launch_arguments(rest: FastAPI) -> dict[str, Any]:
    """What `Blocks.launch` must be given to serve the REST API beside its page, in one process.

        page.launch(**launch_arguments(create_app(classifier)))

    The API's paths go to it whole, with its own errors and documentation; Gradio's come after them. Not with
    server-side rendering (`ssr_mode`): there a Node server stands in front, which knows Gradio's paths only.
    """
    return {"app_kwargs": {"routes": [Route(path, endpoint=rest) for path in PATHS]}}


def describe(classifier: Classifier) -> ModelInfo:
    """Everything that can be told of the loaded weights."""
    loaded = classifier.checkpoint
    silence = np.zeros(loaded.mel.clip_samples, np.float32)
    return ModelInfo(
        version=__version__,
        architecture=f"ResNet-{loaded.network.depth}, width {loaded.network.width}",
        parameters=sum(parameter.numel() for parameter in loaded.model.parameters()),
        stages=[
            Stage(layer=name, shape=list(stage.shape))  # pyright: ignore[reportArgumentType]
            for name, stage in internals.activations(classifier, silence).items()
        ],
        labels=list(loaded.labels),
        mel=loaded.mel.to_dict(),
        model=loaded.network.to_dict(),
        temperature=loaded.temperature,
        provenance=loaded.provenance,
    )


def _keep(recording: bytes, prediction: Prediction) -> Kept:
    support = [
        next(ranked.probability for ranked in window.top if ranked.label == prediction.label)
        for window in prediction.windows
    ]
    return Kept(recording, tuple(window.start_seconds for window in prediction.windows), int(np.argmax(support)))


def _guard(token: str):
    async def check(brought: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]):
        if brought is None or not secrets.compare_digest(brought.credentials.encode(), token.encode()):
            raise HTTPException(401, "The bearer token is missing or wrong.", headers={"WWW-Authenticate": "Bearer"})

    return check


def _refuse(status: int):
    async def respond(_: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status)

    return respond
