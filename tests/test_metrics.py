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


def test_temperature_is_found_again():
    logits = np.random.randn(4000, 5) * 2
    class_indices = np.array([np.random.choice(5, p=row) for row in metrics.softmax(logits)])
    assert metrics.fit_temperature(logits * 2.5, class_indices) == pytest.approx(2.5, rel=0.08)
    assert metrics.fit_temperature(logits * 0.5, class_indices) == pytest.approx(0.5, rel=0.08)


def test_per_class_says_what_it_was_mistaken_for():
    probabilities = np.eye(3)[[0, 0, 2, 1, 1, 0]]
    told = metrics.per_class(probabilities, np.array([0, 0, 0, 1, 2, 2]), ("dog", "cat", "hen"))
    assert told["dog"] == {"clips": 3, "accuracy": pytest.approx(2 / 3), "mistaken_for": {"hen": 1}}
    assert told["hen"] == {"clips": 2, "accuracy": 0.0, "mistaken_for": {"dog": 1, "cat": 1}}
