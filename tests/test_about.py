"""The About screen's markup: what was measured, in words, and nothing else."""

import dataclasses
from html.parser import HTMLParser

import pytest

from audioclf.labels import LABELS
from audioclf.snippets import ADDRESS, SNIPPETS
from audioclf.ui import about

VOID = {"input", "meta", "br"}


class Text(HTMLParser):
    """What a reader sees, and whether every element that was opened is closed."""

    def __init__(self, markup: str):
        super().__init__()
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(markup)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def read(loaded) -> str:
    return " ".join(" ".join(Text(about.markup(loaded)).words).split())


def with_provenance(loaded, **provenance):
    return dataclasses.replace(loaded, provenance=provenance)


def test_names_every_sound_and_every_snippet(tiny_checkpoint):
    text = read(tiny_checkpoint)
    assert all(label.title in text for label in LABELS)
    assert all(" ".join(code.split()) in text for code in SNIPPETS.values())


def test_says_not_measured_rather_than_inventing(tiny_checkpoint):
    # Every sound, and the three figures that only a test fold can give.
    assert about.markup(tiny_checkpoint).count(f">{about.WORDS['not_measured']}<") == len(LABELS) + 3
    assert "taken for" not in read(tiny_checkpoint)


def test_tells_what_was_measured(tiny_checkpoint):
    text = read(
        with_provenance(
            tiny_checkpoint,
            recipe="small",
            epochs=60,
            train_folds=[1, 2, 3, 5],
            figures={"fold": 4, "clips": 400, "accuracy": 0.8475, "top3": 0.945, "calibration_error": 0.031},
            per_class={"dog": {"clips": 8, "accuracy": 0.625, "mistaken_for": {"crow": 2, "cat": 1}}},
            cross_validation={"folds": [0.75, 0.8, 0.811, 0.8475, 0.79]},
        )
    )
    for told in ("84.8 %", "94.5 %", "3.1 %", "400 recordings of ESC-50's fold 4", "“small”, 60 epochs"):
        assert told in text
    assert "got 75.0 to 84.8 % right, 80.0 % on average" in text
    assert "Dog 5 of 8 taken for crow 2 ×, cat" in text
    assert "1,600 of the 2,000" in text


@pytest.mark.parametrize(
    ("provenance", "warning"), [({"train_folds": [4]}, "trained_on"), ({"kept_epoch": "best"}, "chosen")]
)
def test_warns_of_figures_that_flatter(tiny_checkpoint, provenance, warning):
    measured = {"figures": {"fold": 4, "clips": 400, "accuracy": 0.9}}
    assert about.WORDS[warning] in read(with_provenance(tiny_checkpoint, **measured, **provenance))
    assert about.WORDS[warning] not in read(with_provenance(tiny_checkpoint, **measured))


def test_labels_of_ones_own_claim_nothing_of_esc_50(tiny_checkpoint):
    own = tuple(f"<own> {number}" for number in range(50))
    text = read(dataclasses.replace(tiny_checkpoint, labels=own))
    assert "<own> 7" in text
    assert "ESC-50" not in text
    assert "2,000" not in text


def test_snippets_hold_the_address_that_the_page_replaces():
    assert all(ADDRESS in code for code in SNIPPETS.values())
