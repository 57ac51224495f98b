"""A folder of recordings into a CSV, cut off and gone on with."""

import csv

import pytest
import soundfile

from audioclf.serving import folder

from .conftest import tone


@pytest.fixture
def recordings(tmp_path):
    """Three recordings, one of them in a folder and with a comma in its name, a text, and two hidden files."""
    root = tmp_path / "recordings"
    (root / "deep").mkdir(parents=True)
    (root / ".hidden").mkdir()
    for name, hz in (("a.wav", 300), ("b.wav", 600), ("deep/c, d.wav", 900), (".hidden/e.wav", 900), (".f.wav", 900)):
        soundfile.write(root / name, tone(hz), 16_000)
    (root / "notes.txt").write_text("no sound")
    return root


@pytest.fixture
def answers(tiny_classifier):
    """Answers one file after the other, the last one first, and remembers which were asked for."""

    def answer(files):
        for name, recording in reversed(list(files)):
            answer.asked.append(name)
            yield name, folder.row(tiny_classifier, recording)

    answer.asked = []
    return answer


def rows(table):
    with table.open(newline="", encoding="utf-8") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


NAMES = ["a.wav", "b.wav", "deep/c, d.wav", "notes.txt"]


def test_every_file_gets_a_row(recordings, answers, tmp_path, tiny_classifier):
    tally = folder.classify_folder(recordings, tmp_path / "answers.csv", answers)
    found = rows(tmp_path / "answers.csv")
    assert sorted(found) == NAMES
    assert (tally.before, tally.answered, tally.failed) == (0, 4, 1)
    expected = tiny_classifier.classify(recordings / "a.wav")
    assert found["a.wav"]["label"] == expected.label
    assert float(found["a.wav"]["probability"]) == pytest.approx(expected.probability, abs=1e-4)
    assert [found["a.wav"]["second"], found["a.wav"]["third"]] == [ranked.label for ranked in expected.top[1:3]]
    assert found["a.wav"]["error"] == ""
    assert found["notes.txt"]["error"].endswith(".")
    assert found["notes.txt"]["label"] == ""


def test_a_run_that_was_cut_off_goes_on(recordings, answers, tmp_path):
    table = tmp_path / "answers.csv"

    def cut_off(files):
        for count, answer in enumerate(answers(files)):
            if count == 2:
                raise KeyboardInterrupt
            yield answer

    with pytest.raises(KeyboardInterrupt):
        folder.classify_folder(recordings, table, cut_off)
    assert len(rows(table)) == 2

    answers.asked.clear()
    tally = folder.classify_folder(recordings, table, answers)
    assert sorted(answers.asked) == ["a.wav", "b.wav"], "those that were answered are not asked for again"
    assert (tally.before, tally.answered) == (2, 2)
    assert sorted(rows(table)) == NAMES

    answers.asked.clear()
    folder.classify_folder(recordings, table, answers)
    assert answers.asked == []


def test_half_a_row_is_done_again(recordings, answers, tmp_path):
    table = tmp_path / "answers.csv"
    folder.classify_folder(recordings, table, answers)
    whole = table.read_bytes()
    for cut in (3, 30, len(whole.splitlines(keepends=True)[-1]) - 1):
        table.write_bytes(whole[:-cut])
        answers.asked.clear()
        folder.classify_folder(recordings, table, answers)
        assert len(answers.asked) == 1
        assert sorted(rows(table)) == NAMES


def test_the_table_may_lie_among_the_recordings(recordings, answers):
    for _ in range(2):
        folder.classify_folder(recordings, recordings / "answers.csv", answers)
    assert sorted(rows(recordings / "answers.csv")) == NAMES


def test_another_table_is_not_overwritten(recordings, answers, tmp_path):
    table = tmp_path / "shopping.csv"
    table.write_text("what,price\nmilk,1\n")
    with pytest.raises(ValueError, match="another kind of table"):
        folder.classify_folder(recordings, table, answers)
    assert table.read_text() == "what,price\nmilk,1\n"
