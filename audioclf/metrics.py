"""Figures from probabilities and class indices, in numpy. Knows no network and no files."""

import math
from typing import Any

import numpy as np
from jaxtyping import Float, Int

Probabilities = Float[np.ndarray, "clips classes"]
ClassIndices = Int[np.ndarray, " clips"]


def softmax(logits: Float[np.ndarray, "clips classes"], temperature: float = 1.0) -> Probabilities:
    """Probabilities from logits.

    Args:
        logits: The network's.
        temperature: Divides them: above 1 makes the answers less sure, below 1 surer.
    """
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    exponentials = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def fit_temperature(logits: Float[np.ndarray, "clips classes"], class_indices: ClassIndices) -> float:
    """The temperature under which the right answers were likeliest, between 0.1 and 10.

    Source: Guo et al., 2017, §4.2, https://arxiv.org/abs/1706.04599
    """

    def loss(log_temperature: float) -> float:
        probabilities = softmax(logits, math.exp(log_temperature))
        return -float(np.log(probabilities[np.arange(len(logits)), class_indices] + 1e-12).mean())

    # The loss has one minimum over the logarithm: halve the interval around it by golden sections.
    low, high = math.log(0.1), math.log(10.0)
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(60):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return math.exp((low + high) / 2)


def reliability(probabilities: Probabilities, class_indices: ClassIndices, bins: int = 10) -> list[dict[str, float]]:
    """How often answers of each certainty were right: the calibration curve.

    Returns:
        For each tenth of the largest probability in which answers fall: "from", "to", "clips", "said" (the
        mean of the largest probability there) and "right" (the share of right answers).
    """
    largest = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == class_indices
    index = np.minimum((largest * bins).astype(int), bins - 1)
    return [
        {
            "from": bin / bins,
            "to": (bin + 1) / bins,
            "clips": int((index == bin).sum()),
            "said": float(largest[index == bin].mean()),
            "right": float(right[index == bin].mean()),
        }
        for bin in range(bins)
        if (index == bin).any()
    ]


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
    return sum(
        row["clips"] / len(class_indices) * abs(row["said"] - row["right"])
        for row in reliability(probabilities, class_indices, bins)
    )


def per_class(
    probabilities: Probabilities, class_indices: ClassIndices, labels: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    """For each label its "accuracy", its number of "clips", and what it was "mistaken_for", how often."""
    matrix = confusion_matrix(probabilities, class_indices)
    told = {}
    for index, label in enumerate(labels):
        row = matrix[index]
        wrong = [(labels[i], int(row[i])) for i in np.argsort(-row, kind="stable") if i != index and row[i]]
        told[label] = {
            "clips": int(row.sum()),
            "accuracy": float(row[index] / row.sum()) if row.sum() else None,
            "mistaken_for": dict(wrong),
        }
    return told
