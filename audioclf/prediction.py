"""The answer: labels and probabilities, of the whole recording and of each of its windows. Knows no tensors."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """A label and its probability."""

    label: str
    probability: float

    def to_dict(self) -> dict[str, Any]:
        return {"label": self.label, "probability": self.probability}


@dataclass(frozen=True, kw_only=True)
class Window:
    """What was heard in one clip-long slice of a recording.

    Attributes:
        start_seconds: Where the slice begins.
        end_seconds: Where it ends; not past the recording's end.
        top: Labels with their probabilities, likeliest first.
    """

    start_seconds: float
    end_seconds: float
    top: tuple[Ranked, ...]

    def to_dict(self, top: int = 5) -> dict[str, Any]:
        return {
            "start_seconds": round(self.start_seconds, 3),
            "end_seconds": round(self.end_seconds, 3),
            **self.top[0].to_dict(),
            "top": [ranked.to_dict() for ranked in self.top[:top]],
        }


@dataclass(frozen=True, kw_only=True)
class Level:
    """How loud a recording is: what tells "too quiet" and "clipped".

    Attributes:
        peak: Largest sample, 0 to 1.
        rms_db: Root mean square, dB below full scale.
        clipped_share: Share of the samples at full scale.
    """

    peak: float
    rms_db: float
    clipped_share: float


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The answer.

    Attributes:
        top: Every label with its probability, likeliest first.
        windows: The slices of the recording, in order; one where the recording is no longer than a clip.
        duration_seconds: Of the recording.
        level: How loud it is.
    """

    top: tuple[Ranked, ...]
    windows: tuple[Window, ...]
    duration_seconds: float
    level: Level

    @property
    def label(self) -> str:
        """The likeliest label."""
        return self.top[0].label

    @property
    def probability(self) -> float:
        """Its probability."""
        return self.top[0].probability

    @property
    def most_telling(self) -> int:
        """Which of the windows finds the whole recording's label likeliest."""
        each = [next(r.probability for r in window.top if r.label == self.label) for window in self.windows]
        return each.index(max(each))

    def to_dict(self, top: int = 5) -> dict[str, Any]:
        """As JSON has it on the command line and over REST.

        Args:
            top: Labels to name for the whole and for each window.
        """
        return {
            **self.top[0].to_dict(),
            "top": [ranked.to_dict() for ranked in self.top[:top]],
            "duration_seconds": round(self.duration_seconds, 3),
            "windows": [window.to_dict(top) for window in self.windows],
        }
