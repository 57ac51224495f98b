"""What part of the network listens to, as sound: a clip filtered by a mask over its log_mel.

clip ─ STFT ─ × mask, spread from mel bands to bins ─ inverse STFT ─▶ filtered clip
"""

import numpy as np
import torch
from jaxtyping import Float, Float32

from .classifier import Classifier
from .internals import Box
from .receptive_field import Axis, receptive_fields

LARGEST_GAIN = 30.0
"""A faint remainder is made at most this much louder to be heard: about 30 dB."""


def _between_cells(axis: Axis, cells: int, length: int) -> Float[np.ndarray, "length cells"]:
    """Weights that read a row of cells at every log_mel cell: a straight line from one cell to the next."""
    at = np.clip((np.arange(length) - axis.offset) / axis.stride, 0, cells - 1)
    return np.clip(1 - np.abs(at[:, None] - np.arange(cells)), 0, None)


def laid_over(
    classifier: Classifier, stage: str, cells: Float[np.ndarray, "rows columns"]
) -> Float[np.ndarray, "mels frames"]:
    """A stage's map stretched over the log_mel, each cell in the middle of what it sees.

    Args:
        classifier: The loaded network.
        stage: "stem", "stage1" … "stage4".
        cells: One channel's map, a mean over channels, or a class map.
    """
    field, config = receptive_fields(classifier.model.network)[stage], classifier.mel
    rows = _between_cells(field.mel, cells.shape[0], config.n_mels)
    columns = _between_cells(field.frame, cells.shape[1], config.frames)
    return rows @ cells @ columns.T


@torch.inference_mode()
def filtered(
    classifier: Classifier, clip: Float32[np.ndarray, " samples"], mask: Float[np.ndarray, "mels frames"]
) -> Float32[np.ndarray, " samples"]:
    """The clip with each mel band at each frame as loud as the mask says.

    Args:
        classifier: For its front-end.
        clip: At most a clip long.
        mask: 1 keeps, 0 silences.
    """
    config, front_end = classifier.mel, classifier.model.front_end
    to_bins = front_end.filter_bank.cpu().double().numpy()
    covered = to_bins.sum(axis=1) > 0
    # A bin that no band covers follows the nearest one that is covered.
    nearest = np.abs(np.arange(len(covered))[:, None] - np.flatnonzero(covered)).argmin(axis=1)
    to_bins = to_bins[np.flatnonzero(covered)[nearest]]
    gains = (to_bins / to_bins.sum(axis=1, keepdims=True)) @ mask
    shape = (config.n_fft, config.hop_length, config.win_length, front_end.window)
    stft = torch.stft(classifier.pad([clip]), *shape, center=True, pad_mode="constant", return_complex=True)
    stft = stft * torch.from_numpy(gains).to(stft.device, torch.float32)
    waveform = torch.istft(stft, *shape, center=True, length=config.clip_samples)
    return waveform[0, : len(clip)].cpu().numpy()


def heard_by(
    classifier: Classifier,
    clip: Float32[np.ndarray, " samples"],
    stage: str,
    channel: Float32[np.ndarray, "rows columns"],
) -> Float32[np.ndarray, " samples"]:
    """The clip, as loud everywhere as a channel is active there; silence where it is dead.

    Args:
        classifier: The loaded network.
        clip: What the activations are from.
        stage: The channel's stage.
        channel: Its map, `activations(…)[stage][number]`.
    """
    peak = float(channel.max())
    if peak <= 0:
        return np.zeros_like(clip)
    return filtered(classifier, clip, laid_over(classifier, stage, channel / peak))


def patch(classifier: Classifier, clip: Float32[np.ndarray, " samples"], box: Box) -> Float32[np.ndarray, " seen"]:
    """Only what lies in a box: its frequencies, for its seconds."""
    mask = np.zeros((classifier.mel.n_mels, classifier.mel.frames))
    mask[slice(*box.mels), slice(*box.frames)] = 1.0
    first, last = (round(seconds * classifier.sample_rate) for seconds in box.seconds)
    return filtered(classifier, clip, mask)[first:last]


def made_audible(
    waveform: Float32[np.ndarray, " samples"], like: Float32[np.ndarray, " samples2"]
) -> Float32[np.ndarray, " samples"]:
    """The waveform with the peak of another, unless it is too faint for that."""
    peak = float(np.abs(waveform).max(initial=0.0))
    goal = float(np.abs(like).max(initial=0.0))
    return waveform * np.float32(min(LARGEST_GAIN, goal / peak)) if peak > 0 else waveform
