"""What goes over the wire, with examples, so that /docs and /openapi.json tell everything. Knows no network."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..resnet import ResNet

Layer = Literal["stem", "stage1", "stage2", "stage3", "stage4"]
assert Layer.__args__ == ResNet.STAGES

Probability = Field(ge=0, le=1, description="Calibrated; over all labels they add up to 1.")


class Problem(BaseModel):
    """What is wrong and what to do about it, in one sentence."""

    detail: str


class Ranked(BaseModel):
    """A label and its probability."""

    label: str
    probability: float = Probability


class Window(BaseModel):
    """What was heard in one clip-long slice of the recording."""

    start_seconds: float
    end_seconds: float
    label: str
    probability: float = Probability
    top: list[Ranked]


class Answer(BaseModel):
    """What the command line's `classify --json` says of a recording, and an id."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "q1Zf3xJwYb0Rk2Lc",
                "label": "rooster",
                "probability": 0.93,
                "top": [{"label": "rooster", "probability": 0.93}, {"label": "hen", "probability": 0.04}],
                "duration_seconds": 5.0,
                "windows": [
                    {
                        "start_seconds": 0.0,
                        "end_seconds": 5.0,
                        "label": "rooster",
                        "probability": 0.93,
                        "top": [{"label": "rooster", "probability": 0.93}, {"label": "hen", "probability": 0.04}],
                    }
                ],
            }
        }
    )

    id: str = Field(description="Names this prediction to /visualize, for some minutes.")
    label: str = Field(description="The likeliest label.")
    probability: float = Probability
    top: list[Ranked] = Field(description="Likeliest first.")
    duration_seconds: float
    windows: list[Window] = Field(description="The recording's slices in order; one where it is no longer than a clip.")


class Stage(BaseModel):
    """One stage of the network."""

    layer: Layer
    shape: list[int] = Field(
        min_length=3, max_length=3, description="Channels, mel cells, frames, of one clip's activations."
    )


class ModelInfo(BaseModel):
    """What answers."""

    version: str
    architecture: str = Field(examples=["ResNet-18, width 32"])
    parameters: int
    stages: list[Stage]
    labels: list[str] = Field(description="In the order of the network's outputs.")
    mel: dict[str, Any] = Field(description="The front-end: from waveform to the network's input.")
    model: dict[str, Any] = Field(description="The network's settings.")
    temperature: float = Field(description="What logits are divided by, so that probabilities are frequencies.")
    provenance: dict[str, Any] = Field(description="Recipe, folds, measured accuracy.")


class Activations(BaseModel):
    """What one stage of the network made of one window of a recording."""

    id: str
    layer: Layer
    window: int
    start_seconds: float = Field(description="Where that window starts in the recording.")
    shape: list[int] = Field(min_length=3, max_length=3, description="Channels, mel cells, frames, of the whole stage.")
    channels: list[int] = Field(description="Which channels follow; the most active first where none were asked for.")
    activations: list[list[list[float]]] = Field(
        description="For each of them, mel cells from the lowest up, each over time. Never negative."
    )


class Health(BaseModel):
    """It is up, and has its weights."""

    status: Literal["ok"] = "ok"
    version: str
