"""The comparison without a network: a random forest on MFCC statistics. Knows data sets, not pages."""

import numpy as np
import torch
import torchaudio
from jaxtyping import Float
from torch import Tensor

from .config import MelConfig
from .dataset import Dataset
from .training import to_float

MFCC_COEFFICIENTS = 20
TREES = 500


def mfcc_features(waveforms: Tensor, mel: MelConfig) -> Float[np.ndarray, "clips features"]:
    """Mean and standard deviation over time of each MFCC and of its first difference.

    Args:
        waveforms: 16-bit samples.
        mel: Its transform and its bands are used; its compression and normalisation are not.

    Source:
        Piczak, 2015, §3, https://doi.org/10.1145/2733373.2806390, with more coefficients.
    """
    mfcc = torchaudio.transforms.MFCC(
        mel.sample_rate,
        MFCC_COEFFICIENTS,
        melkwargs={
            "n_fft": mel.n_fft,
            "win_length": mel.win_length,
            "hop_length": mel.hop_length,
            "n_mels": mel.n_mels,
            "f_min": mel.f_min,
            "f_max": mel.f_max,
        },
    )
    rows = []
    for batch in waveforms.split(100):
        coefficients = mfcc(to_float(batch))
        steps = coefficients.diff(dim=-1)
        rows.append(torch.cat([part for x in (coefficients, steps) for part in (x.mean(-1), x.std(-1))], dim=1))
    return torch.cat(rows).numpy()


def random_forest(
    train: Dataset, evaluation: Dataset, mel: MelConfig, seed: int = 0, trees: int = TREES
) -> Float[np.ndarray, "clips classes"]:
    """Probabilities for the evaluation clips from a forest grown on the training clips."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(trees, random_state=seed, n_jobs=-1)
    forest.fit(mfcc_features(train.waveforms, mel), train.class_indices.numpy())
    found = forest.predict_proba(mfcc_features(evaluation.waveforms, mel))
    probabilities = np.zeros((len(evaluation), len(train.labels)))
    probabilities[:, forest.classes_] = found
    return probabilities
