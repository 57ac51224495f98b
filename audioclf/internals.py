"""What the network did on the way, as numpy arrays. Knows no page and draws nothing.

from audioclf import Classifier, internals

classifier = Classifier.from_pretrained()
activations = internals.activations(classifier, "kitchen.m4a")      # {"stem": (32, 64, 251), …}
why = internals.class_map(classifier, activations["stage4"], "dog")  # why.cells.sum() + why.bias == why.logit
box = internals.seen_by(classifier, "stage2", row=4, column=30)      # box.seconds, box.hz
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64

from .classifier import Classifier, Recording
from .receptive_field import receptive_fields
from .resnet import ResidualBlock, ResNet

FeatureMaps = Float32[np.ndarray, "channels mels frames"]


def clip_at(
    classifier: Classifier, recording: Recording, start_seconds: float = 0.0
) -> Float32[np.ndarray, " clip_samples"]:
    """The clip-long slice of a recording that starts there; shorter where the recording ends."""
    waveform = classifier.decode(recording)
    start = round(start_seconds * classifier.sample_rate)
    return waveform[start : start + classifier.mel.clip_samples]


@torch.inference_mode()
def front_end_steps(
    classifier: Classifier, recording: Recording, start_seconds: float = 0.0
) -> dict[str, Float32[np.ndarray, "..."]]:
    """Every step from the waveform to the network's input, for one clip of a recording.

    Returns:
        "waveform" (samples,), in [-1, 1], silence after a short recording;
        "spectrogram" (bins, frames), power, from 0 Hz to half the sample rate;
        "mel_power" (mels, frames), power in each mel band, lowest first;
        "log_power" (mels, frames), its logarithm, dB where the config's compression is "db";
        "log_mel" (mels, frames), normalised: what the network is given.
    """
    front_end = classifier.model.front_end
    waveforms = classifier.pad([clip_at(classifier, recording, start_seconds)])
    spectrogram = front_end.spectrogram(waveforms)
    mel_power = front_end.mel_power(waveforms)
    steps = {
        "waveform": waveforms,
        "spectrogram": spectrogram,
        "mel_power": mel_power,
        "log_power": front_end.compress(mel_power),
        "log_mel": front_end(waveforms),
    }
    return {name: step[0].cpu().numpy() for name, step in steps.items()}


@torch.inference_mode()
def spectrogram(
    classifier: Classifier, recording: Recording, max_frames: int = 1_200
) -> Float32[np.ndarray, "mels frames"]:
    """The mel spectrogram of a whole recording, for a picture.

    Args:
        classifier: Its front-end is used, up to the logarithm.
        recording: Anything that `Classifier.classify` takes.
        max_frames: Where there are more, neighbours are joined, the loudest staying visible.

    Returns:
        dB below the loudest cell, 0 down to -80; lowest band first.
    """
    front_end, mel = classifier.model.front_end, classifier.mel
    waveform = torch.from_numpy(classifier.decode(recording)).to(classifier.device)
    hop, frames = mel.hop_length, len(waveform) // mel.hop_length + 1
    joined = -(-frames // max_frames)
    # In pieces, so that ten minutes take no more memory than one; each sees what its edge frames reach over.
    margin, piece = -(-mel.n_fft // (2 * hop)), joined * max(1, 3_000 // joined)
    pieces = []
    for first in range(0, frames, piece):
        left = min(first, margin)
        samples = waveform[(first - left) * hop : (first + piece + margin) * hop]
        pieces.append(front_end.mel_power(samples[None])[0, :, left : left + piece])
    power = torch.cat(pieces, dim=1)[None]
    if joined > 1:
        power = torch.nn.functional.max_pool1d(power, joined, ceil_mode=True)
    decibels = 10 * power[0].clamp_min(1e-12).log10()
    return (decibels - decibels.max()).clamp_min(-80.0).float().cpu().numpy()


@torch.inference_mode()
def activations(
    classifier: Classifier, recording: Recording, start_seconds: float = 0.0
) -> dict[str, Float32[np.ndarray, "_ _ _"]]:
    """Every stage's activations for one clip of a recording.

    Args:
        classifier: The loaded network.
        recording: Anything that `Classifier.classify` takes.
        start_seconds: Where the clip starts in it; see `Prediction.windows`.

    Returns:
        "stem", "stage1" … "stage4", in that order, each (channels, mels, frames), not negative: every
        stage ends in a ReLU. A stage's cell lies `stride` cells of the log_mel from its neighbour.
    """
    clip = clip_at(classifier, recording, start_seconds)
    log_mel = classifier.model.front_end(classifier.pad([clip]))
    stages = classifier.model.network.forward_intermediates(log_mel)
    return {name: activation[0].cpu().numpy() for name, activation in stages.items()}


def strongest_first(stage: FeatureMaps) -> Int64[np.ndarray, " channels"]:
    """The numbers of a stage's channels, by their mean activation, largest first."""
    return np.argsort(-stage.mean(axis=(1, 2)), kind="stable")


def silent_channels(stage: FeatureMaps) -> Int64[np.ndarray, " silent"]:
    """The numbers of the channels that are zero everywhere, for this clip."""
    return np.flatnonzero(~stage.any(axis=(1, 2)))


@dataclass(frozen=True, kw_only=True)
class Block:
    """The inside of one residual block: output = ReLU(residual + shortcut).

    Attributes:
        name: "stage2.0" is the first block of stage 2.
        residual: What its two convolutions make, before the shortcut is added; (channels, mels, frames).
        shortcut: What comes around them, same shape; None in a plain network.
        output: What the block hands on, same shape.
    """

    name: str
    residual: FeatureMaps
    shortcut: FeatureMaps | None
    output: FeatureMaps


@torch.inference_mode()
def blocks(classifier: Classifier, activations: dict[str, FeatureMaps], stage: str) -> list[Block]:
    """What happens inside each residual block of a stage.

    Args:
        classifier: The loaded network.
        activations: From `activations`.
        stage: "stage1" … "stage4".
    """
    before = ResNet.STAGES[ResNet.STAGES.index(stage) - 1]
    x = torch.from_numpy(activations[before])[None].to(classifier.device)
    found = []
    for index, block in enumerate(classifier.model.network.get_submodule(stage).children()):
        assert isinstance(block, ResidualBlock)
        residual = block.residual(x)
        shortcut = None if block.shortcut is None else block.shortcut(x)
        x = torch.relu(residual if shortcut is None else residual + shortcut)
        found.append(
            Block(
                name=f"{stage}.{index}",
                residual=residual[0].cpu().numpy(),
                shortcut=None if shortcut is None else shortcut[0].cpu().numpy(),
                output=x[0].cpu().numpy(),
            )
        )
    return found


def stem_kernel(classifier: Classifier, channel: int) -> Float32[np.ndarray, "mels frames"]:
    """The weights with which a channel of the stem looks at the log_mel: the one layer whose kernels can be
    read as pictures, because it has one input channel."""
    weight = classifier.model.network.get_submodule("stem.0").get_parameter("weight")
    return weight[channel, 0].detach().cpu().numpy()


@dataclass(frozen=True, kw_only=True)
class Head:
    """What follows the last stage.

    Attributes:
        features: The pooled vector, (features,).
        logits: One for each label, before the softmax.
        probabilities: After it.
    """

    features: Float32[np.ndarray, " features"]
    logits: Float32[np.ndarray, " classes"]
    probabilities: Float64[np.ndarray, " classes"]


@torch.inference_mode()
def head(classifier: Classifier, last_stage: FeatureMaps) -> Head:
    """Pool the last stage's activations, weigh them into logits, and those into probabilities.

    Args:
        classifier: The loaded network.
        last_stage: `activations(…)["stage4"]`.
    """
    network, maps = classifier.model.network, torch.from_numpy(last_stage)[None].to(classifier.device)
    logits = network.forward_head(maps)
    return Head(
        features=network.forward_head(maps, pre_logits=True)[0].cpu().numpy(),
        logits=logits[0].cpu().numpy(),
        probabilities=classifier.calibrated(logits)[0],
    )


@dataclass(frozen=True, kw_only=True)
class ClassMap:
    """Where a label's logit comes from.

    Attributes:
        label: The label.
        cells: What each cell of the last stage adds to the logit, or takes from it.
        bias: What the linear layer adds whatever the sound: cells.sum() + bias is the logit.
        logit: As the network has it.
    """

    label: str
    cells: Float64[np.ndarray, "mels frames"]
    bias: float
    logit: float


def class_map(classifier: Classifier, last_stage: FeatureMaps, label: str) -> ClassMap:
    """Which cells speak for a label. Exact, because pooling and the linear layer are sums.

    The part of "mean+max" pooling that takes the maximum is credited to the cell that holds it, in equal
    shares where several do.

    Args:
        classifier: The loaded network.
        last_stage: `activations(…)["stage4"]`.
        label: One of `classifier.labels`.

    Source: class activation mapping, Zhou et al., 2015, https://arxiv.org/abs/1512.04150
    """
    network, index = classifier.model.network, classifier.labels.index(label)
    channels, mels, frames = last_stage.shape
    weight = network.linear.weight[index].detach().cpu().double().numpy()
    maps = last_stage.astype(np.float64)
    cells = np.tensordot(weight[:channels], maps, axes=1) / (mels * frames)
    if network.config.pooling == "mean+max":
        highest = maps.max(axis=(1, 2), keepdims=True)
        holds = maps == highest
        shares = holds / holds.sum(axis=(1, 2), keepdims=True) * highest
        cells = cells + np.tensordot(weight[channels:], shares, axes=1)
    return ClassMap(
        label=label,
        cells=cells,
        bias=float(network.linear.bias[index].detach()),
        logit=float(head(classifier, last_stage).logits[index]),
    )


@dataclass(frozen=True, kw_only=True)
class Box:
    """A patch of the log_mel, and of the clip it was made from.

    Attributes:
        mels: Its first mel band, and the one after its last.
        frames: Its first frame, and the one after its last.
        seconds: The part of the clip that its frames are computed from, each of which looks half a
            window back and ahead.
        hz: The frequencies that its bands are computed from.
    """

    mels: tuple[int, int]
    frames: tuple[int, int]
    seconds: tuple[float, float]
    hz: tuple[float, float]


def seen_by(classifier: Classifier, stage: str, row: int, column: int) -> Box:
    """The receptive field of one cell: nothing of the log_mel outside it can change the cell.

    Args:
        classifier: The loaded network.
        stage: "stem", "stage1" … "stage4".
        row: Of the stage's feature map, lowest frequencies first.
        column: Of the stage's feature map, from the start of the clip.
    """
    config = classifier.mel
    field = receptive_fields(classifier.model.network)[stage]
    mels, frames = field.mel.seen(row, config.n_mels), field.frame.seen(column, config.frames)
    edges_hz = classifier.model.front_end.band_edges_hz().tolist()
    half_window = config.win_length / 2
    return Box(
        mels=mels,
        frames=frames,
        seconds=(
            max(0.0, (frames[0] * config.hop_length - half_window) / config.sample_rate),
            min(config.clip_seconds, ((frames[1] - 1) * config.hop_length + half_window) / config.sample_rate),
        ),
        hz=(edges_hz[mels[0]], edges_hz[mels[1] + 1]),
    )


@torch.inference_mode()
def mean_activations(classifier: Classifier, recordings: list[Float32[np.ndarray, " _"]]) -> dict[str, np.ndarray]:
    """How strongly each recording's first clip excites each channel: which sounds a channel listens for.

    Returns:
        By stage, (recordings, channels): the mean over the channel's feature map.
    """
    rows = [activations(classifier, recording) for recording in recordings]
    return {stage: np.stack([row[stage].mean(axis=(1, 2)) for row in rows]) for stage in ResNet.STAGES}
