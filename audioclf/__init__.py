"""audioclf: what is that sound, and how does a neural network know?

    from audioclf import Classifier

    classifier = Classifier.from_pretrained("weights/esc50")
    prediction = classifier.classify("kitchen.m4a")
    print(prediction.label, prediction.probability)

The heavy modules load when their names are first used, so that `import audioclf` alone costs nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .classifier import Classifier
    from .prediction import Prediction

__version__ = "0.1.0"
__all__ = ["Classifier", "Prediction", "__version__"]


def __getattr__(name: str):
    if name in ("Classifier", "Prediction"):
        from . import classifier

        return getattr(classifier, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
