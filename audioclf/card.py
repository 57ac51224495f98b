"""The model card: what the weights are, in words for people and in front matter that the Hub reads.

Everything in it comes from the checkpoint. A figure that was not measured is left out, never guessed.
"""

import dataclasses
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from .checkpoint import Checkpoint
from .config import AugmentConfig, TrainConfig
from .labels import ESC50_LABELS

CARD_NAME = "README.md"
ESC50_HUB_ID = "ashraq/esc50"
"""ESC-50's best-known copy on the Hub: what makes the card appear under the data set."""

UNCALIBRATED = "calibration_error_uncalibrated"

FIGURES = {
    "accuracy": ("Accuracy", "accuracy"),
    "top3": ("Top-3 accuracy", "top_3_accuracy"),
    "precision": ("Precision, mean of the labels", "precision"),
    "recall": ("Recall, mean of the labels", "recall"),
    "f1": ("F1, mean of the labels", "f1"),
    "calibration_error": ("Expected calibration error", "expected_calibration_error"),
    UNCALIBRATED: ("The same without the temperature", "expected_calibration_error_uncalibrated"),
}
"""Key in `provenance["figures"]` → how people read it, how the Hub calls it."""

TRAINED = {
    "recipe": "Recipe",
    "train_folds": "Trained on folds",
    "epochs": "Epochs",
    "kept_epoch": "Weights of epoch",
    "seed": "Seed",
    "device": "Device",
    "seconds": "Time",
    "commit": "Commit",
}
"""Key in the provenance → row of the card."""


def text(loaded: Checkpoint, source: str = "weights/esc50") -> str:
    """The whole card as Markdown.

    Args:
        loaded: The weights it describes.
        source: How a reader names these weights: a folder, or a repository on the Hub.
    """
    sections = [_what(loaded), _measured(loaded, source), _trained(loaded), _data(loaded), _limits(loaded)]
    body = "\n\n".join(section for section in [*sections, _use(loaded, source)] if section)
    return f"---\n{front_matter(loaded).to_yaml()}\n---\n\n{body}\n"


def write(loaded: Checkpoint, folder: Path) -> None:
    """Put the card beside the weights in `folder`."""
    (folder / CARD_NAME).write_text(text(loaded), encoding="utf-8")


def front_matter(loaded: Checkpoint) -> ModelCardData:
    """What the Hub reads: task, data set, licence, measured results."""
    figures = loaded.provenance.get("figures", {})
    esc50 = _knows_esc50(loaded)
    fold = f"fold {figures['fold']}" if "fold" in figures else None
    results = [
        EvalResult(
            task_type="audio-classification",
            dataset_type=ESC50_HUB_ID if esc50 else "own",
            dataset_name="ESC-50" if esc50 else "Own recordings",
            dataset_split=fold,
            metric_type=metric,
            metric_name=title,
            metric_value=round(figures[key], 4),
        )
        for key, (title, metric) in _measured_figures(loaded)
    ]
    return ModelCardData(
        library_name="audioclf",
        pipeline_tag="audio-classification",
        license="cc-by-nc-3.0" if esc50 else None,
        datasets=[ESC50_HUB_ID] if esc50 else None,
        metrics=[result.metric_type for result in results] or None,
        tags=["audio", "environmental-sound", "esc-50", "resnet"] if esc50 else ["audio", "resnet"],
        model_name="audioclf",
        eval_results=results or None,
    )


def _measured_figures(loaded: Checkpoint) -> list[tuple[str, tuple[str, str]]]:
    """The entries of `FIGURES` that there is something to say of."""
    told = loaded.provenance.get("figures", {}).keys() - (set() if loaded.temperature != 1.0 else {UNCALIBRATED})
    return [(key, names) for key, names in FIGURES.items() if key in told]


def _knows_esc50(loaded: Checkpoint) -> bool:
    return loaded.labels == ESC50_LABELS


def _what(loaded: Checkpoint) -> str:
    mel, network = loaded.mel, loaded.network
    parameters = sum(parameter.numel() for parameter in loaded.model.parameters())
    sounds = f"{len(loaded.labels)} everyday sounds" if _knows_esc50(loaded) else f"{len(loaded.labels)} sounds"
    kind = "residual" if network.shortcuts else "plain convolutional"
    return f"""\
# audioclf: {sounds}

Says which of {sounds} a recording holds: {", ".join(loaded.labels[:3])} … {loaded.labels[-1]}.
A {kind} network of {network.depth} layers, {parameters / 1e6:.1f} million parameters, trained from random
weights: no outside data, no pretrained network.

It hears {mel.clip_seconds:g} seconds of mono sound at {mel.sample_rate:,} Hz as a picture of {mel.n_mels} mel
bands ({mel.f_min:g} to {mel.f_max:,.0f} Hz) by {mel.frames} frames. Shorter recordings are padded with silence,
longer ones are heard in overlapping windows."""


def _measured(loaded: Checkpoint, source: str) -> str:
    provenance = loaded.provenance
    figures = provenance.get("figures", {})
    fold = figures.get("fold", provenance.get("test_fold"))
    if not figures and fold is None:
        return ""
    where = f"fold {fold}" if fold else "held-out clips"
    lines = ["## Measured"]
    if figures:
        clips = f", {figures['clips']} clips" if "clips" in figures else ""
        rows = [(title, f"{figures[key]:.2%}") for key, (title, _) in _measured_figures(loaded)]
        lines += [f"On {where}{clips}. {_honesty(provenance, fold)}", _table(("", where.capitalize()), rows)]
    else:
        lines.append(f"Not measured yet. {_honesty(provenance, fold)}")
    if fold and _knows_esc50(loaded):
        command = f"python train.py evaluate --weights {source} --data data/ESC-50 --fold {fold}"
        lines.append(f"Measure it yourself:\n\n```sh\n{command}\n```")
    if "cross_validation" in provenance:
        lines.append(_all_folds(provenance))
    if loaded.temperature != 1.0:
        fitted = f", fitted on the run {provenance['temperature_from']}" if "temperature_from" in provenance else ""
        lines.append(
            f"Logits are divided by a temperature of {loaded.temperature:.3f}{fitted}, so that a probability says "
            "how often such an answer is right."
        )
    return "\n\n".join(lines + _hardest(provenance.get("per_class", {})))


def _all_folds(provenance: dict[str, Any]) -> str:
    found = provenance["cross_validation"]
    each = ", ".join(f"{accuracy:.2%}" for accuracy in found["folds"])
    return (
        f"One fold says little about a recipe. Trained five times, each time without another fold, it reaches "
        f"**{found['accuracy']:.2%} ± {100 * found['deviation']:.2f}** (mean and standard deviation; folds 1 to 5: "
        f"{each}):\n\n```sh\npython train.py crossval --recipe {provenance['recipe']}\n```"
    )


def _honesty(provenance: dict[str, Any], fold: int | None) -> str:
    if fold is None or "train_folds" not in provenance:
        return "Nothing is recorded of what the weights were trained on."
    if fold in provenance["train_folds"]:
        return f"**The weights were trained on fold {fold}: figures from there say nothing about new recordings.**"
    never = f"These weights were never trained on fold {fold}"
    if provenance.get("kept_epoch") == "best":
        return f"{never}, but their epoch was chosen by its accuracy there: the figures are somewhat too high."
    return f"{never}, and they are the last epoch's: none was chosen by looking at it."


def _hardest(per_class: dict[str, dict[str, Any]], count: int = 5) -> list[str]:
    measured = {label: row["accuracy"] for label, row in per_class.items() if row["accuracy"] is not None}
    if not measured:
        return []
    order = sorted(measured, key=lambda label: (measured[label], label))
    said = ", ".join(f"{label} ({measured[label]:.0%})" for label in order[:count])
    return [f"The labels that it gets right least often: {said}."]


def _trained(loaded: Checkpoint) -> str:
    provenance = loaded.provenance
    rows = [(title, _said(key, provenance[key])) for key, title in TRAINED.items() if key in provenance]
    for key, title, config in (("train", "Fitting", TrainConfig), ("augment", "Augmentation", AugmentConfig)):
        changed = _changed(config, provenance.get(key, {}))
        if changed:
            rows.append((title, changed))
    if not rows:
        return ""
    section = f"## Trained\n\n{_table(('', ''), rows)}"
    if "recipe" in provenance and "test_fold" in provenance:
        command = f"python train.py fit --recipe {provenance['recipe']} --test-fold {provenance['test_fold']}"
        if "seed" in provenance:
            command += f" --seed {provenance['seed']}"
        section += f"\n\nTrain such weights again:\n\n```sh\n{command}\n```"
    return section


def _said(key: str, value: Any) -> str:
    if key == "train_folds":
        return ", ".join(map(str, value))
    if key == "seconds":
        return f"{value / 60:.0f} minutes" if value < 7200 else f"{value / 3600:.1f} hours"
    return str(value)


def _changed(config: type[AugmentConfig] | type[TrainConfig], values: dict[str, Any]) -> str:
    """The settings that differ from "off", as they are spelt in the recipe."""
    defaults = {field.name: field.default for field in dataclasses.fields(config)}
    shown = []
    for name, value in values.items():
        value = tuple(value) if isinstance(value, list) else value
        if name in defaults and value != defaults[name] and name not in ("keep", "epochs", "evaluate_every"):
            shown.append(f"`{name}`" if value is True else f"`{name}` {_plain(value)}")
    return ", ".join(shown)


def _plain(value: Any) -> str:
    return " / ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _data(loaded: Checkpoint) -> str:
    if not _knows_esc50(loaded):
        return (
            "## Data and licence\n\nTrained on somebody's own recordings: ask them what may be done with the weights."
        )
    heard = (
        "The clips were read at 16 kHz, so there was nothing above 8 kHz to learn from"
        if loaded.mel.sample_rate == 16_000
        else f"Nothing above {loaded.mel.f_max:,.0f} Hz was learnt from"
    )
    return f"""\
## Data and licence

[ESC-50](https://github.com/karolpiczak/ESC-50) (K. J. Piczak, *ESC: Dataset for Environmental Sound
Classification*, 2015): 2,000 clips of five seconds from Freesound, 40 for each label, in five folds.
{heard}; a microphone hears more, and the front-end leaves it out.

ESC-50 is licensed CC BY-NC 3.0, so these weights are too: give credit, and no commercial use. The code is MIT."""


def _limits(loaded: Checkpoint) -> str:
    folds = loaded.provenance.get("train_folds")
    learnt = (
        f"It learnt from {400 * len(folds):,} clips" if folds and _knows_esc50(loaded) else "It learnt from few clips"
    )
    return f"""\
## Limits

- {learnt}, each of one sound, mostly clear and near. Expect more errors than the figures say where a room is
  noisy, the sound far away, or two sound at once.
- It knows {len(loaded.labels)} labels and always answers with one of them, also for speech, music or a sound it
  has never heard. A low probability is a hint, not a guard.
- It is no alarm, no medical device and no witness: nothing that matters may hang on its answer."""


def _use(loaded: Checkpoint, source: str) -> str:
    return f"""\
## Use

```python
from audioclf import Classifier

classifier = Classifier.from_pretrained("{source}")
prediction = classifier.classify("kitchen.m4a")
print(prediction.label, prediction.probability)
```

```sh
python -m audioclf classify --weights {source} kitchen.m4a
AUDIOCLF_WEIGHTS={source} python app.py
```

`model.safetensors` holds the weights in half precision, `config.json` the front-end, the network, the labels and
where they come from. Loading is strict: weights that don't fit their config are refused."""


def _table(head: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join(lines)
