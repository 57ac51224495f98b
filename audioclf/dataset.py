"""Labelled recordings, read once into memory. Knows files, not networks.

Two layouts:

    ESC-50                                a folder of folders
    root/meta/esc50.csv                   root/dog/anything.wav
    root/audio/1-100032-A-0.wav           root/rain/anything.mp3
"""

import csv
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Int, Int16
from torch import Tensor
from tqdm import tqdm

from . import audio
from .config import MelConfig
from .errors import RecordingError

FOLDS = (1, 2, 3, 4, 5)


class DatasetError(ValueError):
    """A data set that cannot be used; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Clips of one length with their class and fold.

    Attributes:
        waveforms: 16-bit samples, as the files hold them: half the memory of float32.
        class_indices: Position of each clip's label in `labels`.
        folds: Each clip's fold, 1 to 5.
        sources: What each clip was cut from: clips of one source must share a fold.
        recordings: File names.
        labels: All labels, in the order of the class indices.
    """

    waveforms: Int16[Tensor, "clips samples"]
    class_indices: Int[Tensor, " clips"]
    folds: Int[Tensor, " clips"]
    sources: tuple[str, ...]
    recordings: tuple[str, ...]
    labels: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.recordings)

    def in_folds(self, folds: Sequence[int]) -> "Dataset":
        """Only the clips of these folds.

        Raises:
            DatasetError: There are none, or a source file stands in these folds and in others too.
        """
        inside: Bool[Tensor, " clips"] = torch.isin(self.folds, torch.tensor(list(folds)))
        if not inside.any():
            raise DatasetError(f"There are no clips in fold {', '.join(map(str, folds))}.")
        chosen = inside.tolist()
        shared = {s for s, c in zip(self.sources, chosen, strict=True) if c} & {
            s for s, c in zip(self.sources, chosen, strict=True) if not c
        }
        if shared:
            raise DatasetError(f"Source {min(shared)} has clips in several folds; results would be too good.")
        return dataclasses.replace(
            self,
            waveforms=self.waveforms[inside],
            class_indices=self.class_indices[inside],
            folds=self.folds[inside],
            sources=tuple(s for s, c in zip(self.sources, chosen, strict=True) if c),
            recordings=tuple(r for r, c in zip(self.recordings, chosen, strict=True) if c),
        )


def _read_clip(path: Path, mel: MelConfig) -> np.ndarray:
    try:
        waveform = audio.decode(path, mel.sample_rate)
    except RecordingError as error:
        raise DatasetError(f"{path}: {error}") from error
    clip = np.zeros(mel.clip_samples, dtype=np.float32)
    clip[: len(waveform)] = waveform[: mel.clip_samples]
    return np.clip(np.round(clip * 32768), -32768, 32767).astype(np.int16)


def _esc50_rows(root: Path) -> list[tuple[Path, str, int, str]]:
    with (root / "meta" / "esc50.csv").open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["filename"])
    # Four of ESC-50's source files stand in two folds, each time with another label (a cockerel among hens,
    # an alarm on a ticking clock). Those can't help an answer, so a source is a file and its label.
    return [
        (root / "audio" / row["filename"], row["category"], int(row["fold"]), f"{row['src_file']} {row['category']}")
        for row in rows
    ]


def _folder_rows(root: Path) -> list[tuple[Path, str, int, str]]:
    rows = []
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")):
        files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
        # Dealt out like cards, so that every fold has its share of every label.
        rows += [
            (path, folder.name, FOLDS[index % len(FOLDS)], str(path.relative_to(root)))
            for index, path in enumerate(files)
        ]
    return rows


def load(root: str | Path, mel: MelConfig, folds: Sequence[int] = FOLDS, progress: bool = True) -> Dataset:
    """Read a data set, in either layout, through the one decoder.

    Args:
        root: The data set's folder.
        mel: Says at what rate and length the clips are wanted: longer ones are cut, shorter padded.
        folds: Only these are read.
        progress: Show a bar.

    Raises:
        DatasetError: The folder is missing or empty, or a file in it can't be decoded.
    """
    root = Path(root)
    if (root / "meta" / "esc50.csv").is_file():
        from .labels import ESC50_LABELS

        rows, labels = _esc50_rows(root), ESC50_LABELS
    elif root.is_dir():
        rows = _folder_rows(root)
        labels = tuple(sorted({label for _, label, _, _ in rows}))
    else:
        raise DatasetError(f"There is no folder {root}. `python train.py download` says how to get ESC-50.")
    rows = [row for row in rows if row[2] in folds]
    if not rows:
        raise DatasetError(f"No recordings in {root}: expected meta/esc50.csv, or one folder for each label.")
    number = {label: index for index, label in enumerate(labels)}
    clips = [_read_clip(path, mel) for path, *_ in tqdm(rows, "Reading clips", disable=not progress, leave=False)]
    return Dataset(
        waveforms=torch.from_numpy(np.stack(clips)),
        class_indices=torch.tensor([number[label] for _, label, _, _ in rows]),
        folds=torch.tensor([fold for _, _, fold, _ in rows]),
        sources=tuple(source for *_, source in rows),
        recordings=tuple(path.name for path, *_ in rows),
        labels=labels,
    )
