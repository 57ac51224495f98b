"""Fit and evaluate. Knows data sets and networks, not pages.

The whole data set lies on the device; augmentation, front-end and network run there in batches, so a
step copies nothing and waits for nothing. Every epoch seeds the generators from (seed, epoch), and the
learning rate is a function of the step: a run that was cut off goes on to the weights it would have had.
"""

import copy
import itertools
import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from tqdm import tqdm

from . import metrics
from .augment import augmented_log_mel
from .dataset import Dataset
from .model import SoundModel
from .optimisation import learning_rate, make_optimizer, update_average
from .recipes import Recipe

STATE_NAME = "state.pt"
EVALUATION_BATCH = 100

SAVE_SECONDS = 20.0
"""Least time between two states on disk. On a GPU an epoch takes less time than writing one down."""


def best_device() -> torch.device:
    """The first CUDA device where there is one, the CPU otherwise."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def supports_bfloat16(device: torch.device) -> bool:
    """Whether convolutions in bfloat16 run on the device's own instructions."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def device_clips(data: Dataset, device: torch.device) -> tuple[Tensor, Tensor]:
    """The data set's waveforms (16-bit) and class indices on the device."""
    return data.waveforms.to(device), data.class_indices.to(device)


def to_float(waveforms: Tensor) -> Float[Tensor, "batch samples"]:
    """16-bit samples to [-1, 1]."""
    return waveforms.float() / 32768.0


@torch.inference_mode()
def predict(model: nn.Module, waveforms: Tensor) -> Float[np.ndarray, "clips classes"]:
    """Logits for every clip, in full precision.

    Args:
        model: Anything from waveforms to logits.
        waveforms: 16-bit samples, on the model's device.
    """
    model.eval()
    logits = [model(to_float(batch)) for batch in waveforms.split(EVALUATION_BATCH)]
    return torch.cat(logits).double().cpu().numpy()


@dataclass(kw_only=True)
class Run:
    """A training run, finished or not.

    Attributes:
        model: The weights to keep: the last epoch's, or the best one's where the recipe says so.
        history: One dict for each evaluated epoch.
        last: Figures on the evaluated clips after the last epoch.
        best: Likewise after the epoch that scored highest on them, chosen by looking at them.
        train_accuracy: On the training clips as they are, after the last epoch; 0 before it.
        seconds: Time spent training, over all pieces of the run.
        epochs: Epochs done.
    """

    model: SoundModel
    history: list[dict[str, float]] = field(default_factory=list)
    last: dict[str, float] = field(default_factory=dict)
    best: dict[str, float] = field(default_factory=dict)
    train_accuracy: float = 0.0
    seconds: float = 0.0
    epochs: int = 0


class Trainer:
    """One run of one recipe.

    Args:
        recipe: What to do.
        train: Clips to learn from.
        evaluation: Clips to measure on, never learnt from; None measures nothing.
        folder: Where the run keeps its state, curves and history; None keeps nothing.
        seed: Of the initial weights and everything random.
        device: Where it all happens.
        bfloat16: Compute convolutions in bfloat16; None asks the device.
        teachers: Networks whose mean answer makes up the recipe's `taught_share` of each target.
    """

    def __init__(
        self,
        recipe: Recipe,
        train: Dataset,
        evaluation: Dataset | None = None,
        *,
        folder: Path | None = None,
        seed: int = 0,
        device: torch.device | None = None,
        bfloat16: bool | None = None,
        teachers: Sequence[SoundModel] = (),
    ):
        self.recipe, self.seed, self.folder = recipe, seed, folder
        self.device = device or best_device()
        self.bfloat16 = supports_bfloat16(self.device) if bfloat16 is None else bfloat16
        torch.manual_seed(seed)
        self.model = SoundModel(recipe.mel, recipe.model).to(self.device)
        self.average = copy.deepcopy(self.model) if recipe.train.ema_decay else self.model
        self.optimizer = make_optimizer(recipe.train, self.model)
        self.waveforms, self.class_indices = device_clips(train, self.device)
        self.evaluation = device_clips(evaluation, self.device) if evaluation is not None else None
        self.classes = recipe.model.n_classes
        # A last batch of a few clips would make BatchNorm's statistics poor: every step takes a full one.
        self.batch_size = min(recipe.train.batch_size, len(train))
        self.steps_per_epoch = len(train) // self.batch_size
        self.run = Run(model=self.average)
        self.teachers = [teacher.to(self.device).eval() for teacher in teachers]
        self._best_state: dict[str, Tensor] | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / STATE_NAME).is_file():
                self._resume(folder / STATE_NAME)

    def fit(self, progress: bool = True, stop_after: int | None = None, tensorboard: bool = False) -> Run:
        """Train to the recipe's last epoch.

        Args:
            progress: Show a bar with loss, accuracy and time left.
            stop_after: Leave off after this epoch, as if cut; a later run goes on.
            tensorboard: Write curves and sample spectrograms beside the state.
        """
        train = self.recipe.train
        writer = self._writer() if tensorboard and self.folder else None
        steps = self.steps_per_epoch
        last_epoch, saved = stop_after or train.epochs, time.perf_counter()
        bar = tqdm(
            total=train.epochs * steps,
            initial=self.run.epochs * steps,
            desc=f"{self.recipe.name}, {self.device.type}",
            unit="step",
            disable=not progress,
            smoothing=0.05,
        )
        for epoch in range(self.run.epochs, last_epoch):
            start = time.perf_counter()
            loss, accuracy = self._epoch(epoch, bar)
            self.run.epochs = epoch + 1
            row = {"epoch": epoch + 1, "loss": loss, "train_accuracy": accuracy}
            row["learning_rate"] = self.optimizer.param_groups[0]["lr"]
            if self.evaluation and ((epoch + 1) % train.evaluate_every == 0 or epoch + 1 == train.epochs):
                row |= self._evaluate(epoch + 1)
                self.run.history.append(row)
            self.run.seconds += time.perf_counter() - start
            bar.set_postfix(
                loss=f"{loss:.3f}", train=f"{accuracy:.1%}", test=f"{self.run.last.get('accuracy', math.nan):.1%}"
            )
            if writer:
                for name, value in row.items():
                    writer.add_scalar(name, value, epoch + 1)
            if self.folder and (epoch + 1 == last_epoch or time.perf_counter() - saved >= SAVE_SECONDS):
                self._save(self.folder)
                saved = time.perf_counter()
        bar.close()
        if writer:
            writer.close()
        if self.run.epochs >= train.epochs:
            logits = predict(self.average, self.waveforms)
            self.run.train_accuracy = float((logits.argmax(axis=1) == self.class_indices.cpu().numpy()).mean())
        if train.keep == "best" and self._best_state is not None:
            self.average.load_state_dict(self._best_state)
        return self.run

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """An epoch's augmented (log_mel, soft target) batches, in the order that (seed, epoch) sets."""
        train = self.recipe.train
        torch.manual_seed(self.seed * 1_000_003 + epoch)
        order = torch.randperm(len(self.waveforms), device=self.device)
        mixing = epoch < train.epochs * (1 - self.recipe.augment.mix_off_share)
        for step in range(self.steps_per_epoch):
            chosen = order[step * self.batch_size : (step + 1) * self.batch_size]
            targets = nn.functional.one_hot(self.class_indices[chosen], self.classes).float()
            log_mel, targets = augmented_log_mel(
                to_float(self.waveforms[chosen]), targets, self.model.front_end, self.recipe.augment, mixing
            )
            yield log_mel, self._taught(log_mel, targets)

    @torch.no_grad()
    def _taught(self, log_mel: Tensor, targets: Tensor) -> Tensor:
        """The targets, with what the teachers answer to the same augmented batch as a part of them."""
        if not self.teachers:
            return targets
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            answers = [teacher.network(log_mel).float().softmax(dim=1) for teacher in self.teachers]
        return torch.lerp(targets, torch.stack(answers).mean(dim=0), self.recipe.taught_share)

    def step(self, log_mel: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """One step of the optimizer; the loss and how many clips were answered with their main class."""
        train = self.recipe.train
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            logits = self.model.network(log_mel).float()
        loss = nn.functional.cross_entropy(logits, targets, label_smoothing=train.label_smoothing)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if train.gradient_clip:
            nn.utils.clip_grad_norm_(self.model.parameters(), train.gradient_clip)
        self.optimizer.step()
        return loss.detach(), (logits.argmax(1) == targets.argmax(1)).sum()

    def speed(self, steps: int = 20) -> dict[str, float]:
        """Measure training speed on this device, in clips a second; changes the weights.

        Args:
            steps: Steps to time, after three to warm up.

        Returns:
            "clips_per_second" of the whole step, augmentation and front-end included, and
            "network_clips_per_second" of the network's forward and backward pass and the optimizer alone.
        """

        def timed(work: Iterator[Any]) -> float:
            for _ in range(3):
                next(work)
            self._wait()
            start = time.perf_counter()
            for _ in range(steps):
                next(work)
            self._wait()
            return steps * self.batch_size / (time.perf_counter() - start)

        self.model.train()
        fixed = next(self.batches(0))
        endless = (batch for epoch in itertools.count() for batch in self.batches(epoch))
        return {
            "clips_per_second": timed(self.step(*batch) for batch in endless),
            "network_clips_per_second": timed(self.step(*fixed) for _ in itertools.count()),
        }

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def _epoch(self, epoch: int, bar: tqdm) -> tuple[float, float]:
        train = self.recipe.train
        self.model.train()
        losses = torch.zeros((), device=self.device)
        right = torch.zeros((), device=self.device)
        for index, (log_mel, targets) in enumerate(self.batches(epoch)):
            step = epoch * self.steps_per_epoch + index
            for group in self.optimizer.param_groups:
                group["lr"] = learning_rate(train, step, self.steps_per_epoch)
            loss, hits = self.step(log_mel, targets)
            losses += loss
            right += hits
            if train.ema_decay:
                # Early on the average must not hang on to the initial weights.
                update_average(self.average, self.model, min(train.ema_decay, (1 + step) / (10 + step)))
            bar.update()
        count = self.steps_per_epoch * self.batch_size
        return losses.item() / self.steps_per_epoch, right.item() / count

    def _evaluate(self, epoch: int) -> dict[str, float]:
        assert self.evaluation is not None
        waveforms, class_indices = self.evaluation
        probabilities = metrics.softmax(predict(self.average, waveforms))
        self.run.last = {"epoch": epoch} | metrics.summary(probabilities, class_indices.cpu().numpy())
        if self.run.last["accuracy"] > self.run.best.get("accuracy", -1.0):
            self.run.best = self.run.last
            if self.recipe.train.keep == "best":
                self._best_state = copy.deepcopy(self.average.state_dict())
        return {"test_accuracy": self.run.last["accuracy"]}

    def _writer(self):
        from torch.utils.tensorboard import SummaryWriter

        assert self.folder is not None
        writer = SummaryWriter(str(self.folder), purge_step=self.run.epochs + 1)
        if self.run.epochs == 0:
            log_mel, _ = next(self.batches(0))
            low, high = log_mel.amin((-2, -1), keepdim=True), log_mel.amax((-2, -1), keepdim=True)
            pictures = ((log_mel - low) / (high - low).clamp_min(1e-6)).flip(1)[:8, None]
            writer.add_images("augmented log_mel", pictures.float().cpu(), 0)
        return writer

    def _save(self, folder: Path) -> None:
        state: dict[str, Any] = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "best": self._best_state,
            "optimizer": self.optimizer.state_dict(),
            "run": {k: getattr(self.run, k) for k in ("history", "last", "best", "seconds", "epochs")},
        }
        # Renamed at the end, so that a run cut off while saving still has its former state.
        torch.save(state, folder / "state.new")
        (folder / "state.new").replace(folder / STATE_NAME)
        (folder / "history.json").write_text(json.dumps(self.run.history, indent=1) + "\n")

    def _resume(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self._best_state = state["best"]
        for name, value in state["run"].items():
            setattr(self.run, name, value)
