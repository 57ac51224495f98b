"""Figures from probabilities and class indices, in numpy. Knows no network and no files."""

import numpy as np
from jaxtyping import Float, Int

Probabilities = Float[np.ndarray, "clips classes"]
ClassIndices = Int[np.ndarray, " clips"]


def confusion_matrix(probabilities: Probabilities, class_indices: ClassIndices) -> Int[np.ndarray, "true said"]:
    """How often each class (row) was answered with each class (column)."""
    classes = probabilities.shape[1]
    matrix = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(matrix, (class_indices, probabilities.argmax(axis=1)), 1)
    return matrix


def summary(probabilities: Probabilities, class_indices: ClassIndices) -> dict[str, float]:
    """Accuracy, top-3 accuracy, and precision, recall and F1 averaged over the classes, each in [0, 1].

    A class that is never answered has precision 0, as in scikit-learn with `zero_division=0`.
    """
    matrix = confusion_matrix(probabilities, class_indices)
    right = matrix.diagonal()
    precision = right / np.maximum(matrix.sum(axis=0), 1)
    recall = right / np.maximum(matrix.sum(axis=1), 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    present = matrix.sum(axis=1) + matrix.sum(axis=0) > 0
    third = np.argsort(-probabilities, axis=1)[:, :3]
    return {
        "accuracy": float(right.sum() / matrix.sum()),
        "top3": float((third == class_indices[:, None]).any(axis=1).mean()),
        "precision": float(precision[present].mean()),
        "recall": float(recall[present].mean()),
        "f1": float(f1[present].mean()),
    }


def calibration_error(probabilities: Probabilities, class_indices: ClassIndices, bins: int = 15) -> float:
    """Expected calibration error: how far the largest probability is from the share of right answers.

    Source: Guo et al., 2017, eq. 3, https://arxiv.org/abs/1706.04599
    """
    largest = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == class_indices
    bin_index = np.minimum((largest * bins).astype(int), bins - 1)
    error = 0.0
    for index in range(bins):
        inside = bin_index == index
        if inside.any():
            error += float(inside.mean() * abs(largest[inside].mean() - right[inside].mean()))
    return error
