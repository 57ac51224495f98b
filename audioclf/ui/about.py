"""The About screen: what it knows and how well, its limits, the API, the licences. Knows no network code.

The page comes whole from the server; searching and copying happen in the browser (assets/about.js).
"""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from string import Template

import gradio as gr

from ..checkpoint import Checkpoint
from ..labels import ESC50_LABELS
from ..reference import Sound, Whole, groups, sounds, whole
from ..snippets import ADDRESS, SNIPPETS
from .shared import Shared

CLIPS_IN_A_FOLD = 400
"""Of ESC-50, which has five."""

LAYOUT = Path(__file__).parent / "assets" / "about.html"

WORDS = {
    "lead_title": "What this is",
    "lead": "A small neural network that names everyday sounds. It turns a recording into a picture, {mels} pitches "
    "high and {seconds:g} seconds wide, and looks for shapes in it. It was trained from scratch on {learnt} and on "
    "nothing else. What you record here is not used for training.",
    "learnt_esc50": "{clips:,} of the 2,000 labelled recordings of ESC-50",
    "learnt_own": "somebody's own recordings",
    "figure_accuracy": "right at the first guess",
    "figure_top3": "right among the first three",
    "figure_calibration": "mean gap between its percentages and how often they are right",
    "figure_parameters": "learnt numbers ({architecture})",
    "not_measured": "not measured",
    "percent": "{value:.0f} %",
    "percent_fine": "{value:.1f} %",
    "millions": "{value:.1f} million",
    "honest": "Measured on {clips} recordings of ESC-50's fold {fold} that it never heard in training. {recipe}",
    "all_folds": "Five trainings of this recipe, each tested on another fifth of ESC-50, got {low:.1f} to {high:.1f} % "
    "right, {mean:.1f} % on average.",
    "chosen": "The training epoch was chosen by its accuracy there, so these figures are somewhat too high.",
    "trained_on": "It was trained on the recordings it was measured with, so these figures say nothing about new ones.",
    "unmeasured": "These weights were not measured, so there is nothing to promise. {recipe}",
    "recipe": "Recipe “{recipe}”, {epochs} epochs.",
    "nav_title": "On this screen",
    "sounds_nav": "Sounds",
    "sounds_title": "The {count} sounds it knows",
    "sounds_note": "Beside each: how many of its test recordings were named right, and what the others were taken "
    "for. With so few of each, one more or less means little.",
    "sounds_note_unmeasured": "How well it knows each of them was not measured.",
    "search": "Find a sound",
    "search_hint": "dog, water, bells …",
    "order": "hardest first",
    "found": "{shown} of {count} sounds",
    "found_none": "It knows no sound called “{query}”. Play it one, and it still answers with one of the {count}.",
    "right": "{right} of {clips}",
    "right_spoken": "{right} of {clips} test recordings named right",
    "taken_for": "taken for {others}",
    "times": "{title} {count} ×",
    "everything": "Hardest first",
    "few_esc50": "a data set of only 2,000 clips, 40 of each sound",
    "few_own": "few clips",
    "limits_title": "Limits",
    "limits": (
        "It learnt from {few}, mostly of one sound each, clear and near. A noisy room, a far-away sound or a small "
        "loudspeaker makes it worse than the figures say.",
        "It hears up to {khz:g} kHz ({sample_rate} samples a second) and {seconds:g} seconds at a time.",
        "It gives one answer at a time. Where two sounds come together, one of them wins.",
        "It knows these {count} sounds and nothing else. Speech, music or a sound it never met is still called one of "
        "them, sometimes with a high percentage.",
        "It is no alarm and no witness. Nothing that matters should hang on its answer.",
    ),
    "api_title": "Use it from a program",
    "api": "The same answers over HTTP, as JSON. sound.wav stands for your recording, in any usual format. Every "
    'parameter is in <a href="/docs" target="_blank">the documentation</a>.',
    "copy": "Copy",
    "copied": "Copied",
    "copy_failed": "Select it and copy it by hand",
    "copy_spoken": "Copy: {name}",
    "licences_title": "Licences",
    "code_licence": "The code: MIT. Do with it what you like, and keep its notice.",
    "own_licence": "The weights: ask those whose recordings they were trained on.",
    "esc50_licences": (
        "The weights: they come from ESC-50, whose recordings are for non-commercial use, so the weights are too "
        '(<a href="https://creativecommons.org/licenses/by-nc/3.0/">CC BY-NC 3.0</a>).',
        'The recordings: <a href="https://github.com/karolpiczak/ESC-50">ESC-50</a>, K. J. Piczak, “ESC: Dataset for '
        "Environmental Sound Classification”, ACM Multimedia 2015.",
    ),
    "examples_licence": "The example sounds on this page are computed, none is a recording: MIT as well.",
}
"""Every sentence of this screen, ready for translation; "api" and "esc50_licences" are HTML."""


def build(shared: Shared) -> None:
    """Lay the screen out.

    Args:
        shared: What all screens have.
    """
    gr.HTML(
        markup(shared.classifier.checkpoint),
        elem_id="about",
        apply_default_css=False,
        js_on_load="window.audioclf.about(element, props)",
        words={key: WORDS[key] for key in ("found", "found_none", "everything", "copied", "copy_failed")},
        address=ADDRESS,
    )


def markup(loaded: Checkpoint) -> str:
    """The whole screen.

    Args:
        loaded: The weights that it is about.
    """
    listed, figures, mel = sounds(loaded), whole(loaded), loaded.mel
    measured = any(sound.accuracy is not None for sound in listed)
    data = "esc50" if loaded.labels == ESC50_LABELS else "own"
    licences = [WORDS["own_licence"]] if data == "own" else WORDS["esc50_licences"]
    facts = {
        "learnt": WORDS[f"learnt_{data}"].format(clips=CLIPS_IN_A_FOLD * len(figures.train_folds) or 2_000),
        "few": WORDS[f"few_{data}"],
        "mels": mel.n_mels,
        "count": len(listed),
        "khz": mel.f_max / 1000,
        "sample_rate": f"{mel.sample_rate:,}",
        "seconds": mel.clip_seconds,
    }
    sentences = ("lead", "sounds_title", "nav_title", "sounds_nav", "search", "search_hint", "order")
    titles = ("lead_title", "limits_title", "api_title", "licences_title")
    return Template(LAYOUT.read_text()).substitute(
        {key: escape(WORDS[key].format(**facts)) for key in (*sentences, *titles)},
        figures=_figures(figures),
        honesty=escape(_honesty(figures)),
        sounds_note=escape(WORDS["sounds_note" if measured else "sounds_note_unmeasured"]),
        order_hidden="" if measured else "hidden",
        groups="".join(_group(name, members) for name, members in groups(listed)),
        limits=_list(escape(line.format(**facts)) for line in WORDS["limits"]),
        api=WORDS["api"],
        snippets="".join(_snippet(name, code) for name, code in SNIPPETS.items()),
        licences=_list([WORDS["code_licence"], *licences, WORDS["examples_licence"]]),
    )


def _figures(figures: Whole) -> str:
    def percent(share: float | None, words: str = "percent") -> str:
        return WORDS["not_measured"] if share is None else WORDS[words].format(value=100 * share)

    told = [
        (percent(figures.accuracy, "percent_fine"), WORDS["figure_accuracy"]),
        (percent(figures.top3, "percent_fine"), WORDS["figure_top3"]),
        (percent(figures.calibration_error, "percent_fine"), WORDS["figure_calibration"]),
        (
            WORDS["millions"].format(value=figures.parameters / 1e6),
            WORDS["figure_parameters"].format(architecture=figures.architecture),
        ),
    ]
    none = WORDS["not_measured"]
    return "".join(
        f'<div><dt>{escape(name)}</dt><dd class="{"none" if value == none else ""}">{escape(value)}</dd></div>'
        for value, name in told
    )


def _honesty(figures: Whole) -> str:
    recipe = ""
    if figures.recipe and figures.epochs:
        recipe = WORDS["recipe"].format(recipe=figures.recipe, epochs=figures.epochs)
    if figures.accuracy is None:
        return WORDS["unmeasured"].format(recipe=recipe)
    if figures.trained_on_fold:
        return WORDS["trained_on"]
    said = [WORDS["honest"].format(clips=figures.clips, fold=figures.fold, recipe=recipe)]
    if figures.folds:
        low, high, mean = min(figures.folds), max(figures.folds), sum(figures.folds) / len(figures.folds)
        said.append(WORDS["all_folds"].format(low=100 * low, high=100 * high, mean=100 * mean))
    if figures.chosen_on_fold:
        said.append(WORDS["chosen"])
    return " ".join(said)


def _group(name: str, members: list[Sound]) -> str:
    items = "".join(_sound(sound) for sound in members)
    return f'<div class="about-group" data-group="{escape(name)}"><h3>{escape(name)}</h3><ul>{items}</ul></div>'


def _sound(sound: Sound) -> str:
    label = sound.label
    words = escape(f"{label.title} {label.name} {label.phrase}".lower().replace("_", " "))
    told = f'<span class="about-measured">{escape(WORDS["not_measured"])}</span>'
    if sound.accuracy is not None:
        counts = {"right": sound.right, "clips": sound.clips}
        shown = WORDS["right" if sound.clips else "percent"].format(**counts, value=100 * sound.accuracy)
        told = (
            f'<span class="about-measured">{escape(shown)}</span>'
            f'<span class="about-bar" aria-hidden="true"><i style="width:{100 * sound.accuracy:.0f}%"></i></span>'
        )
    if sound.mistaken_for:
        others = ", ".join(
            WORDS["times"].format(title=other.title.lower(), count=count) if count > 1 else other.title.lower()
            for other, count in sound.mistaken_for
        )
        told += f'<span class="about-others">{escape(WORDS["taken_for"].format(others=others))}</span>'
    accuracy = "" if sound.accuracy is None else f' data-accuracy="{sound.accuracy:.4f}"'
    return f'<li data-words="{words}"{accuracy}><span class="about-title">{escape(label.title)}</span>{told}</li>'


def _snippet(name: str, code: str) -> str:
    spoken = escape(WORDS["copy_spoken"].format(name=name))
    return (
        f'<div class="about-snippet"><div><h3>{escape(name)}</h3>'
        f'<button type="button" data-about="copy" aria-label="{spoken}">{escape(WORDS["copy"])}</button></div>'
        f'<pre tabindex="0" role="region" aria-label="{escape(name)}"><code>{escape(code.rstrip())}</code></pre></div>'
    )


def _list(lines: Iterable[str]) -> str:
    return "".join(f"<li>{line}</li>" for line in lines)
