import json

import numpy as np
import pytest

from audioclf.examples import by_name
from audioclf.ui import lesson_words
from audioclf.ui.inside_answers import InsideAnswers, answers_of
from audioclf.ui.lesson_answers import CUT_STAGE, LessonAnswers
from audioclf.what_if import Change, what_if

from .networks import KINDS, random_classifier


@pytest.fixture
def lesson(tiny_classifier) -> LessonAnswers:
    return LessonAnswers(InsideAnswers(tiny_classifier))


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
def test_every_question_is_json_and_its_answer_is_one_of_its_options(lesson, step):
    question = lesson.question(step)
    json.dumps(question)
    assert question["right"] in [option["id"] for option in question["options"]]
    assert "{" not in question["lead"] + question["ask"] + question["after"]


def test_the_right_picture_is_the_sounds_own_whatever_the_sound(lesson):
    for sound in ("siren", "rain", "wind", "crow"):
        question = lesson.question(1, sound)
        names = {one["letter"]: one["name"] for one in question["pictures"]}
        assert len(set(names.values())) == 3
        assert names[question["right"]] == by_name(sound).title


def test_the_right_picture_is_not_always_the_same_letter(lesson):
    assert len({lesson.question(1, sound)["right"] for sound in ("siren", "rain", "wind", "crow", "rooster")}) > 1


def test_an_unknown_sound_in_a_link_is_the_steps_own(lesson):
    assert lesson.question(2, "no such thing")["sound"] == lesson_words.STEPS[1].sound


def test_what_is_right_about_shortcuts_and_noise_is_what_the_network_does():
    classifier = random_classifier(KINDS["18"], clip_seconds=5.0)
    lesson = LessonAnswers(InsideAnswers(classifier))
    clip = by_name("rain").waveform()
    first = classifier.probabilities([clip])[0]
    cut = what_if(classifier, clip, Change(without_shortcuts=(CUT_STAGE,)))
    right = lesson.question(4, "rain")["right"]
    assert (right == "other") == (first.argmax() != cut.argmax())
    after = {db: what_if(classifier, clip, Change(noise_db=db)).argmax() for db in lesson_words.NOISES}
    wrong = [str(db) for db, best in after.items() if best != first.argmax()]
    assert lesson.question(5, "rain")["right"] == (wrong[0] if wrong else "never")


def test_a_plain_network_has_no_shortcuts_to_ask_about():
    lesson = LessonAnswers(InsideAnswers(random_classifier(KINDS["plain"], clip_seconds=5.0)))
    question = lesson.question(4)
    assert question["lead"] == lesson_words.NO_SHORTCUTS
    assert question["options"] == []


def test_both_screens_share_what_they_remember(tiny_classifier):
    assert answers_of(tiny_classifier) is answers_of(tiny_classifier)


def test_noise_to_be_heard_never_clips(lesson):
    import base64

    audio = lesson.noisy("example:rain", 10.0)["audio"]
    samples = np.frombuffer(base64.b64decode(audio.split(",")[1])[44:], "<i2")
    assert 30_000 < np.abs(samples).max() <= 32_767
