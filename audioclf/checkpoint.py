"""Weights and every config as one folder: model.safetensors and config.json. Knows no training.

Weights are stored in half precision and computed with in single. Nothing is ever unpickled.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from .config import MelConfig, ModelConfig
from .errors import CheckpointError
from .model import SoundModel

WEIGHTS_NAME = "model.safetensors"
CONFIG_NAME = "config.json"
FORMAT = 1
"""Raised when a config of this version could not be read by an older one."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Everything needed to classify, and where it comes from.

    Attributes:
        model: In evaluation mode, on the CPU.
        mel: The front-end's config.
        network: The network's config.
        labels: In the order of the logits.
        temperature: What logits are divided by before the softmax, so that probabilities are frequencies.
        provenance: Recipe, folds, measured figures, commit: told to people, not used in computing.
    """

    model: SoundModel
    mel: MelConfig
    network: ModelConfig
    labels: tuple[str, ...]
    temperature: float = 1.0
    provenance: dict[str, Any] = field(default_factory=dict)


def save(checkpoint: Checkpoint, folder: str | Path) -> None:
    """Write a checkpoint's two files, making the folder where it is missing."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: tensor.half().contiguous() if tensor.is_floating_point() else tensor.contiguous()
        for name, tensor in checkpoint.model.state_dict().items()
    }
    save_file(state, folder / WEIGHTS_NAME)
    config = {
        "format": FORMAT,
        "mel": checkpoint.mel.to_dict(),
        "model": checkpoint.network.to_dict(),
        "temperature": checkpoint.temperature,
        "labels": list(checkpoint.labels),
        "provenance": checkpoint.provenance,
    }
    (folder / CONFIG_NAME).write_text(json.dumps(config, indent=2) + "\n")


def load(folder: str | Path) -> Checkpoint:
    """Read a checkpoint, strictly.

    Raises:
        CheckpointError: A file is missing or broken, a key unknown, or the weights don't fit the config.
    """
    folder = Path(folder)
    for name in (CONFIG_NAME, WEIGHTS_NAME):
        if not (folder / name).is_file():
            raise CheckpointError(f"{folder} holds no {name}: it is not a checkpoint of audioclf.")
    try:
        config = json.loads((folder / CONFIG_NAME).read_text())
        known = {"format", "mel", "model", "temperature", "labels", "provenance"}
        if not isinstance(config, dict) or set(config) - known:
            raise ValueError(f"its keys are not {', '.join(sorted(known))}.")
        if config.get("format") != FORMAT:
            raise ValueError(f"its format is {config.get('format')}, this program reads {FORMAT}.")
        mel = MelConfig.from_dict(config["mel"])
        network = ModelConfig.from_dict(config["model"])
        labels = tuple(config["labels"])
        temperature = float(config.get("temperature", 1.0))
        model = SoundModel(mel, network)
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder / CONFIG_NAME} can't be used: {error}") from error
    if len(labels) != network.n_classes or len(set(labels)) != len(labels) or not temperature > 0:
        raise CheckpointError(
            f"{folder / CONFIG_NAME} can't be used: {network.n_classes} different labels and a temperature "
            f"above zero are needed; it has {len(set(labels))} and {temperature}."
        )
    try:
        state = load_file(folder / WEIGHTS_NAME)
    except SafetensorError as error:
        raise CheckpointError(f"{folder / WEIGHTS_NAME} is broken: {error}") from error
    _check_fit(model, state, folder)
    model.load_state_dict(state)
    return Checkpoint(
        model=model.eval(),
        mel=mel,
        network=network,
        labels=labels,
        temperature=temperature,
        provenance=config.get("provenance", {}),
    )


def _check_fit(model: SoundModel, state: dict[str, torch.Tensor], folder: Path) -> None:
    expected = model.state_dict()
    wrong = [
        f"{name} is {tuple(state[name].shape)}, not {tuple(tensor.shape)}"
        for name, tensor in expected.items()
        if name in state and state[name].shape != tensor.shape
    ]
    wrong += [f"{name} is missing" for name in expected if name not in state]
    wrong += [f"{name} is not in the network" for name in state if name not in expected]
    wrong += [f"{name} is not finite" for name, tensor in state.items() if not tensor.isfinite().all()]
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise CheckpointError(f"The weights in {folder} don't fit their config.json: {'; '.join(wrong[:3])}{more}.")
