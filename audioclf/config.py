"""Every number that shapes an answer, as frozen dataclasses. Knows no tensors and no files.

`config.json` beside the weights is these four, so that inference takes no front-end arguments and
can't disagree with training. An unknown key is an error: a misspelt setting must not pass for a default.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal, TypeVar


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value


C = TypeVar("C", bound="_Config")


class _Config:
    @classmethod
    def from_dict(cls: type[C], values: dict[str, Any]) -> C:
        """Rebuild from JSON. Missing keys take their defaults.

        Raises:
            ValueError: A key is unknown.
        """
        fields = [field.name for field in dataclasses.fields(cls)]  # pyright: ignore[reportArgumentType]
        unknown = sorted(set(values) - set(fields))
        if unknown:
            raise ValueError(
                f"{cls.__name__} has no setting {', '.join(map(repr, unknown))}; it has {', '.join(fields)}."
            )
        return cls(**{name: _tuples(value) for name, value in values.items()})

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)  # pyright: ignore[reportArgumentType]


@dataclass(frozen=True, kw_only=True)
class MelConfig(_Config):
    """From waveform to log_mel. Names are torchaudio's.

    Attributes:
        sample_rate: Hz, of the waveform that the front-end is given; the decoder resamples to it.
        clip_seconds: Length of the model's input.
        n_fft: Points of the Fourier transform.
        win_length: Samples under the (Hann) window.
        hop_length: Samples between frames.
        n_mels: Bands of the mel filter bank.
        f_min: Lower edge of the lowest band, Hz.
        f_max: Upper edge of the highest band, Hz. ESC-50 here ends at 8 kHz: looking above it would
            teach the network silence where a microphone hears sound.
        compression: "log1p" is log(1 + S), the paper's; "log" is log(S + eps); "db" is 10 log10(S) with
            everything more than `top_db` below the clip's loudest cell raised to that floor, which
            makes the picture independent of the recording level.
        eps: Of "log".
        top_db: Of "db".
        normalisation: "clip" gives every clip zero mean and unit variance, the paper's; "band" is a
            BatchNorm for each mel band, learnt in training.
    """

    sample_rate: int = 16_000
    clip_seconds: float = 5.0
    n_fft: int = 1024
    win_length: int = 1024
    hop_length: int = 320
    n_mels: int = 128
    f_min: float = 20.0
    f_max: float = 8_000.0
    compression: Literal["log1p", "log", "db"] = "db"
    eps: float = 1e-6
    top_db: float = 80.0
    normalisation: Literal["clip", "band"] = "clip"

    def __post_init__(self) -> None:
        if not 0 <= self.f_min < self.f_max <= self.sample_rate / 2:
            raise ValueError(
                f"The mel bands must lie between 0 Hz and half the sample rate: got {self.f_min} to "
                f"{self.f_max} Hz at {self.sample_rate} Hz."
            )

    @property
    def clip_samples(self) -> int:
        """Samples in a clip."""
        return round(self.clip_seconds * self.sample_rate)

    @property
    def frames(self) -> int:
        """Frames in a clip's log_mel: the transform is centred, so there is one more than whole hops."""
        return self.clip_samples // self.hop_length + 1


@dataclass(frozen=True, kw_only=True)
class ModelConfig(_Config):
    """The residual network.

    Attributes:
        depth: 18 or 34: layers with weights, He et al.'s counting.
        width: Channels of the first stage; each later stage doubles them.
        stem_kernel: Side of the initial convolution, cells.
        strides: (mel, frame) stride of the initial convolution and of the four stages.
        shortcuts: False gives the plain network of the same layers, for comparison.
        pooling: How the last feature map becomes one vector.
        dropout: Share of that vector dropped in training.
        n_classes: Length of the logits.
    """

    depth: Literal[18, 34] = 18
    width: int = 64
    stem_kernel: int = 7
    strides: tuple[tuple[int, int], ...] = ((2, 2), (1, 1), (2, 2), (2, 2), (2, 2))
    shortcuts: bool = True
    pooling: Literal["mean", "mean+max"] = "mean"
    dropout: float = 0.0
    n_classes: int = 50


@dataclass(frozen=True, kw_only=True)
class AugmentConfig(_Config):
    """What is done to a training batch, on its device. Everything off by default.

    Attributes:
        roll: Shift the waveform around by a random time.
        gain_db: Random gain, at most this much up or down.
        flip_polarity: Turn half of the waveforms upside down.
        noise_snr_db: Add white noise this far below the waveform's own level, or more; None for none.
        speed: Slowest and fastest playback speed; (1, 1) for none.
        mixes: Ways of mixing two clips, of which each batch takes one at random: "waveform" adds them
            (gain-aware mixup), "time" lets one follow the other, "frequency" takes the low band of
            one and the high band of the other, "log_mel" adds their log_mels (the paper's mixup).
        mix_alpha: Of the Beta(alpha, alpha) that draws the mixing ratio.
        mix_share: Share of the batches that are mixed.
        mix_off_share: Last share of the epochs that go unmixed.
        time_mask: Largest share of the frames that is masked.
        frequency_mask: Largest share of the mel bands that is masked.
    """

    roll: bool = False
    gain_db: float = 0.0
    flip_polarity: bool = False
    noise_snr_db: float | None = None
    speed: tuple[float, float] = (1.0, 1.0)
    mixes: tuple[Literal["waveform", "time", "frequency", "log_mel"], ...] = ()
    mix_alpha: float = 1.0
    mix_share: float = 1.0
    mix_off_share: float = 0.0
    time_mask: float = 0.0
    frequency_mask: float = 0.0


@dataclass(frozen=True, kw_only=True)
class TrainConfig(_Config):
    """How the weights are fitted.

    Attributes:
        epochs: Passes over the training folds.
        batch_size: Clips a step.
        optimizer: "adam" (the paper's) or "adamw".
        learning_rate: Highest rate.
        weight_decay: Decoupled for "adamw".
        schedule: "cosine" is a linear warm-up, then one half cosine to zero; "warm_restarts" is
            SGDR, periods of `restart_epochs`, each `restart_factor` times longer (the paper's).
        warmup_share: Share of the steps that the warm-up takes.
        restart_epochs: First period of "warm_restarts", epochs.
        restart_factor: Growth of the periods.
        gradient_clip: Largest gradient norm; None for no limit.
        label_smoothing: Share of every target spread evenly over all classes.
        ema_decay: Of the exponential moving average of the weights, which is what is evaluated and
            kept; None keeps the raw weights.
        keep: Which epoch's weights are exported. "best" picks the epoch that scores highest on the
            evaluated fold, as the paper does: only honest where that fold is not the one reported.
        evaluate_every: Epochs between evaluations.
    """

    epochs: int = 100
    batch_size: int = 32
    optimizer: Literal["adam", "adamw"] = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    schedule: Literal["cosine", "warm_restarts"] = "cosine"
    warmup_share: float = 0.05
    restart_epochs: int = 10
    restart_factor: int = 2
    gradient_clip: float | None = None
    label_smoothing: float = 0.0
    ema_decay: float | None = None
    keep: Literal["last", "best"] = "last"
    evaluate_every: int = 1
