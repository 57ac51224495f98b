"""The errors a person may read. Each message is a whole sentence: what is wrong, and what to do about it."""


class RecordingError(ValueError):
    """A recording that cannot be classified. `str(error)` is fit to be shown to the person who gave it."""


class NotSoundError(RecordingError):
    """The bytes hold no sound that can be decoded: text, an image, a video without sound, a broken file."""


class UnusableRecordingError(RecordingError):
    """It is sound, but no answer can be had from it: silent, too short, too long, not finite."""


class CheckpointError(ValueError):
    """Weights, config and labels that do not fit together, or a folder that is no checkpoint."""


class HubError(CheckpointError):
    """A checkpoint that can't be fetched from the Hub, or pushed there."""
