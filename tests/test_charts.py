import io

import numpy as np

from audioclf import charts


def drawn(figure) -> int:
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return len(file.getvalue())


def test_worst_pairs_are_the_most_frequent_mistakes():
    matrix = np.array([[9, 1, 0], [0, 4, 6], [2, 0, 8]])
    assert charts.worst_pairs(matrix, ["a", "b", "c"], 2) == [("b", "c", 6), ("c", "a", 2)]
    assert len(charts.worst_pairs(matrix, ["a", "b", "c"])) == 3


def test_figures_show_what_they_are_given():
    figure = charts.confusion(np.eye(3, dtype=int), ["dog", "cat", "hen"])
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["Dog", "Cat", "Hen"]
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), np.eye(3))
    history = [{"epoch": e, "loss": 1 / e, "test_accuracy": 0.1 * e, "train_accuracy": 0.2} for e in (1, 2, 3)]
    figure = charts.curves({"small": history})
    np.testing.assert_allclose(figure.axes[1].lines[0].get_ydata(), [10, 20, 30])
    rows = [{"said": 0.5, "right": 0.6, "clips": 3}, {"said": 0.9, "right": 0.8, "clips": 5}]
    assert drawn(charts.calibration(rows)) > 1000
