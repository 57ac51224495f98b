import numpy as np
import pytest
from sklearn import metrics as reference

from audioclf import metrics


@pytest.fixture
def answers():
    class_indices = np.random.randint(0, 6, 300)
    probabilities = np.random.dirichlet(np.ones(6), 300)
    probabilities[np.arange(300), class_indices] += 0.3
    return probabilities / probabilities.sum(1, keepdims=True), class_indices


def test_figures_agree_with_scikit_learn(answers):
    probabilities, class_indices = answers
    said = probabilities.argmax(1)
    figures = metrics.summary(probabilities, class_indices)
    precision, recall, f1, _ = reference.precision_recall_fscore_support(
        class_indices, said, average="macro", zero_division=0
    )
    assert figures["accuracy"] == pytest.approx(reference.accuracy_score(class_indices, said))
    assert figures["top3"] == pytest.approx(reference.top_k_accuracy_score(class_indices, probabilities, k=3))
    assert (figures["precision"], figures["recall"], figures["f1"]) == pytest.approx((precision, recall, f1))
    assert (metrics.confusion_matrix(*answers) == reference.confusion_matrix(class_indices, said)).all()


def test_a_class_never_answered_counts_as_zero_precision():
    probabilities = np.eye(3)[[0, 0, 0, 2]]
    figures = metrics.summary(probabilities, np.array([0, 0, 1, 2]))
    assert figures["precision"] == pytest.approx((2 / 3 + 0 + 1) / 3)


def test_calibration_error_is_the_gap():
    probabilities = np.tile([0.7, 0.3], (1000, 1))
    right_every_other = np.arange(1000) % 2
    assert metrics.calibration_error(probabilities, right_every_other) == pytest.approx(0.2)
    well = (np.arange(1000) % 10 >= 7).astype(int)
    assert metrics.calibration_error(probabilities, well) == pytest.approx(0.0, abs=1e-9)
