"""The crowd of benchmarks/visitors.py, small and short: everybody is told about their own sound."""

from dataclasses import replace

import pytest

from benchmarks import visitors


@pytest.fixture(scope="module")
def crowd(served):
    return visitors.visitors(served[1], 3)


def test_who_classifies_is_told_about_their_own_sound(served, crowd):
    done = visitors.classify(f"{served[0]}/", crowd, seconds=0.1)
    assert done.complaints == []
    assert len(done.latencies_seconds) >= len(crowd)


def test_who_listens_live_is_told_about_their_own_sound(served, crowd):
    done = visitors.listen(f"{served[0]}/", crowd, seconds=6, pace_seconds=0.1)
    assert done.complaints == []
    assert len(done.latencies_seconds) == 6 * len(crowd)


def test_somebody_elses_answer_would_be_noticed(served, crowd):
    # A random network may say much the same of two sounds: this visitor expects the unlikeliest label.
    prediction, live = (replace(p, top=p.top[::-1]) for p in (crowd[0].prediction, crowd[0].live))
    mixed_up = [replace(crowd[0], prediction=prediction, live=live)]
    assert visitors.classify(f"{served[0]}/", mixed_up, seconds=0.1).complaints
    assert visitors.listen(f"{served[0]}/", mixed_up, seconds=5, pace_seconds=0.1).complaints
