"""Every sentence of the Inside screen, ready for translation. Knows no layout and computes nothing."""

import math

from ..config import MelConfig, ModelConfig
from ..labels import describe
from ..prediction import Window
from .answer import clock

STAGE_TITLES = {
    "stem": "First layer",
    "stage1": "Stage 1",
    "stage2": "Stage 2",
    "stage3": "Stage 3",
    "stage4": "Stage 4",
}


def number(value: float | int) -> str:
    """With a thin space between thousands, as 16 000."""
    return f"{value:,.0f}".replace(",", "\u202f")


def hertz(hz: float) -> str:
    """To the two digits that an ear could tell."""
    if hz < 100:
        return f"{hz:.0f}"
    digits = 10 ** (len(str(int(hz))) - 2)
    return number(round(hz / digits) * digits)


def moment(window: Window) -> str:
    """A window of a longer recording, in a list of them."""
    first = window.top[0]
    where = f"{clock(window.start_seconds)} – {clock(window.end_seconds)}"
    return f"{where}  {describe(first.label).title}, {percent(first.probability)}"


def percent(probability: float) -> str:
    """As people say it; never 0 % or 100 % of what is neither."""
    if 0 < probability < 0.01:
        return "under 1\u202f%"
    if 0.99 < probability < 1:
        return "over 99\u202f%"
    return f"{probability:.0%}".replace("%", "\u202f%")


def front_end(mel: MelConfig) -> dict[str, tuple[str, str, str]]:
    """Title, one sentence and what more there is to say, for each step from the waveform to the network."""
    window_ms = 1000 * mel.win_length / mel.sample_rate
    hop_ms = 1000 * mel.hop_length / mel.sample_rate
    bins = mel.n_fft // 2 + 1
    logarithm = {
        "db": f"Ten times the power is 10 decibels more. What is over {mel.top_db:.0f} dB below the loudest cell "
        "counts as silence.",
        "log": "Each time the power is multiplied by the same number, the value grows by the same step.",
        "log1p": "The value is log(1 + power), so that silence stays at zero.",
    }[mel.compression]
    normalised = {
        "clip": "The average of the whole picture is taken off, and the rest divided by its spread. A quiet "
        "recording and a loud one of the same thing now look alike.",
        "band": "Each band is shifted and scaled by numbers learnt from the training sounds, so that every band "
        "uses the same range.",
    }[mel.normalisation]
    return {
        "waveform": (
            "Waveform",
            f"Air pressure, measured {number(mel.sample_rate)} times a second.",
            "Up is the air pushing on the microphone, down is the air pulling. Loud sounds are tall. High notes "
            "wiggle faster than low ones, too fast to see at this size.",
        ),
        "spectrogram": (
            "Spectrum over time",
            f"Which frequencies sound, piece by piece: {number(bins)} of them.",
            f"The waveform is cut into overlapping pieces of {window_ms:.0f} thousandths of a second, one every "
            f"{hop_ms:.0f}. A Fourier transform splits each piece into its frequencies, as a prism splits light "
            "into colours. This is the STFT, the short-time Fourier transform.",
        ),
        "mel_power": (
            "Mel bands",
            f"{number(bins)} frequencies are gathered into {mel.n_mels} bands.",
            "The bands are narrow for low notes and wide for high ones, much as our ears tell low notes apart "
            "better than high ones. The list of which frequency goes into which band is the mel filter bank.",
        ),
        "log_power": (
            "Logarithm",
            "Now faint sounds show beside loud ones.",
            "A shout carries millions of times the power of a whisper, and yet we hear both. A logarithm turns "
            f"“times as much” into “so much more”. {logarithm}",
        ),
        "log_mel": (
            "Normalised",
            "Brought to a common range. This is what the network sees.",
            f"{normalised} This picture, the log-mel spectrogram, is all that the network is ever given.",
        ),
    }


def network(model: ModelConfig, temperature: float) -> dict[str, tuple[str, str, str]]:
    """The same for each stop from the first layer to the answer."""
    side, classes = model.stem_kernel, model.n_classes
    around = (
        "around each of its blocks a shortcut carries the numbers past unchanged or nearly so"
        if model.shortcuts
        else "this network was built without shortcuts around its blocks"
    )
    pooled = "its average" if model.pooling == "mean" else "its average, and a second one, its largest value"
    softmax = "Each logit becomes a power of e, and all are divided by their sum, so that they add up to 100\u202f%."
    if temperature != 1:
        softmax += (
            f" Before that, all are divided by {temperature:.2f}: a number fitted on other recordings, so that "
            "“70\u202f%” comes true about 70 times in 100."
        )
    return {
        "stem": (
            STAGE_TITLES["stem"],
            f"{model.width} small patterns slide over the picture. Each leaves a map of where it fits.",
            f"A pattern is {side} × {side} numbers, its kernel, and the kernels were learnt, not designed. "
            "Each map that a kernel leaves is called a channel.",
        ),
        "stage1": (
            STAGE_TITLES["stage1"],
            "Patterns of patterns: every cell mixes what all channels before it found nearby.",
            f"Two layers make one residual block, and {around}.",
        ),
        "stage2": (
            STAGE_TITLES["stage2"],
            "Coarser maps, and twice as many. Each cell has seen more of the sound.",
            "What a channel here answers to was not decided by anybody. Open one and listen to what it lets through.",
        ),
        "stage3": (
            STAGE_TITLES["stage3"],
            "Coarser still. The shapes you could see in the spectrogram fade.",
            "The maps answer less to where energy is and more to what sort of thing is there.",
        ),
        "stage4": (
            STAGE_TITLES["stage4"],
            "Few cells, many channels: hardly where any more, mostly what.",
            "These are the last maps. The answer is computed from them and from nothing else.",
        ),
        "pooling": (
            "Pooling",
            f"Each map becomes one number: {pooled}.",
            "When a sound came, and most of its pitch, is forgotten here. Whether it came at all is kept.",
        ),
        "linear": (
            "Linear layer",
            f"Each of the {classes} classes weighs those numbers and adds them up.",
            "The weights were learnt. A large positive weight says “this channel speaks for my class”, a negative "
            "one “this speaks against it”. The sum is called the logit of the class.",
        ),
        "softmax": ("Answer", "Logits become probabilities.", softmax),
    }


def stage_summary(stage: str, channels: int, dead: int, seconds: float, hz: tuple[float, float], whole: bool) -> str:
    """What a cell of a stage can see, and how many channels there are to look at.

    Args:
        stage: Its name.
        channels: How many it has.
        dead: How many are zero everywhere for this sound.
        seconds: How long a stretch one cell in the middle sees.
        hz: Which frequencies it sees.
        whole: Whether those are all there are.
    """
    silent = {0: "Every one fires somewhere in this sound", 1: "1 never fires for this sound"}
    pitch = "the whole pitch range" if whole else f"{hertz(hz[0])}–{hertz(hz[1])}\u202fHz"
    return (
        f"{channels} channels, strongest first. {silent.get(dead, f'{dead} never fire for this sound')}. "
        f"A cell in the middle can see {seconds:.2f} s and {pitch}."
    )


def channel_summary(channel: int, rank: int, channels: int, firing: float) -> str:
    """How a channel compares.

    Args:
        channel: Its number.
        rank: Its place among the strongest, from 1.
        channels: How many there are.
        firing: The share of its cells that are not zero.
    """
    if firing == 0:
        return "This channel never fires for this sound: its map is zero everywhere."
    return f"Number {rank} of {channels} by strength. It fires in {percent(firing)} of its cells."


def box(seconds: tuple[float, float], hz: tuple[float, float]) -> str:
    """A patch of sound."""
    return f"{seconds[0]:.2f}–{seconds[1]:.2f} s, {hertz(hz[0])}–{hertz(hz[1])}\u202fHz"


def why(label: str, total: float, bias: float, logit: float) -> str:
    """The sum that a class map is."""
    # The parts as shown add up to the logit as shown.
    logit, bias = round(logit, 2) + 0.0, round(bias, 2) + 0.0
    total = logit - bias if abs(logit - bias - total) < 0.02 else total
    return (
        f"Orange cells speak for “{describe(label).title}”, purple cells against. Added up they give {total:+.2f}; "
        f"with the class’s own constant, {bias:+.2f}, that is exactly its logit, {logit:+.2f}."
    ).replace("-", "−")


def between(first: str, second: str, gap: float) -> str:
    """What tips the scales from one label to another.

    Args:
        first: A label.
        second: Another.
        gap: By how much the logit of the first is higher, after the temperature.
    """
    if first == second:
        return "Choose two different classes to see what decides between them."
    more, less = (first, second) if gap >= 0 else (second, first)
    times = math.exp(min(abs(gap), 20.0))
    many = f"{times:.1f}" if times < 10 else "over a million" if times > 1e6 else hertz(times)
    return (
        f"Orange cells speak for “{describe(first).title}” rather than “{describe(second).title}”, purple cells the "
        f"other way round. All in all the network takes “{describe(more).title}” to be {many} times as likely as "
        f"“{describe(less).title}”."
    )


def changed(before: list[tuple[str, float]], after: list[tuple[str, float]]) -> str:
    """What a change did to the answer, in words.

    Args:
        before: Every label with its probability, likeliest first.
        after: The same after the change.
    """
    label, was = before[0]
    now = dict(after)[label]
    title = describe(label).title
    if before == after:
        return f"Nothing is changed. The answer is {title}, {percent(was)}."
    if after[0][0] != label:
        other, probability = after[0]
        return (
            f"Now it says {describe(other).title}, {percent(probability)}. "
            f"{title} went from {percent(was)} to {percent(now)}."
        )
    if abs(now - was) < 0.01:
        return f"Still {title}, and about as sure: {percent(now)}."
    return f"Still {title}, but {'less' if now < was else 'more'} sure: {percent(was)} became {percent(now)}."


BLOCK_PARTS = {
    "residual": "What the block's own layers make",
    "shortcut": "What comes around them",
    "output": "Their sum, negatives set to zero",
}
"""The inside of a residual block, in the order it is computed."""

NO_READABLE_KERNEL = (
    "Its kernel can't be read as a picture: it is one for each of the {channels} channels before it. "
    "Only the first layer looks at the spectrogram itself."
)
KERNEL = "Its kernel: the pattern it looks for. Orange asks for sound there, purple for quiet."
GONE = "This recording is no longer kept. Give it again on the first screen, or choose an example."

SCREEN = {
    "sound": "Sound",
    "moment": "Moment",
    "play_sound": "Play the sound",
    "beside": "Beside it",
    "nothing": "nothing",
    "colours": "Colours",
    "colour_scale": "Colour scale: from nothing to strongest",
    "save_numbers": "Save all numbers (.npz)",
    "save_picture": "Save this picture:",
    "own": "Your recording",
    "part": "seconds {start} to {end}",
    "failed": "That did not work. Choose the sound again, or reload the page.",
    "road": "The road from sound to answer",
    "front_end": "From sound to picture: nothing is learnt here",
    "network": "The network: everything here was learnt from examples",
    "open_stop": "The stop that is open",
    "open_channel": "The channel that is open",
    "picture_of": "{what} of {name}",
    "note_spectrogram": "Brightness is amplitude, on a scale without logarithm: most of it looks dark, and that is "
    "honest.",
    "note_mel_power": "Brightness is amplitude, still without logarithm.",
    "note_pooling": "One column for each number.",
    "note_linear": "One column for each class, in the order of the list of classes: up speaks for it, down against.",
    "open_blocks": "Open the residual blocks",
    "blocks_note": "Average over all channels of how large the numbers are, whatever their sign; one colour scale for "
    "each block.",
    "channels": "Channels, {name}",
    "one_scale": "One colour scale for all.",
    "average": "The average of all channels",
    "average_of": "Average of all channels, {name}",
    "tile": "channel {number}",
    "tile_silent": "channel {number} · silent",
    "show_rest": "Show the other {rest}",
    "channel": "Channel {number}",
    "fires": "Where channel {number} fires in {name}. Arrow keys choose a cell.",
    "tap": "Tap the picture: the box is what that cell can see.",
    "play_box": "the box",
    "play_channel": "what it listens to",
    "exciting": "Which sounds excite it most?",
    "measuring": "Measuring all example sounds…",
    "excited_by": "Of the example sounds, these excite it most:",
    "excited_by_none": "None of the example sounds excites it.",
    "mute": "Mute this channel",
    "why": "Why this answer",
    "why_lead": "The last maps are averaged and weighed, so each of their cells adds its own part to a class, or takes "
    "it away. Nothing here is estimated: the cells add up.",
    "first_class": "First class",
    "second_class": "Second class",
    "speaks": "Where {name} speaks for and against {title}",
    "between": "What decides between the two",
    "break_it": "Break it",
    "break_lead": "Take something away and see whether the answer holds. Drag along the picture to hide a stretch of "
    "time, up or down to hide a band of pitch.",
    "before": "before",
    "thin_line": "The thin line is where each bar was before.",
    "hidden_picture": "The spectrogram, with what is hidden in grey",
    "hide_time": "Hide a stretch of time",
    "hide_pitch": "Hide a band of pitch",
    "slider_from": "{title}, from",
    "slider_to": "{title}, to",
    "seconds": "{from} to {to} s",
    "hertz": "{from} to {to} Hz",
    "noise": "Add noise",
    "noise_slider": "Noise, decibels over the sound",
    "noise_none": "none",
    "noise_same": "as loud as the sound",
    "noise_below": "{db} dB below the sound",
    "noise_above": "{db} dB above the sound",
    "cut": "Cut the shortcuts of",
    "muted": "Muted:",
    "muted_none": "Muted channels: none yet. Open a channel above to mute it, or",
    "unmute": "Unmute channel {number} of {stage}",
    "more": "and {count} more",
    "mute_strongest": "mute the ten strongest of the open stage",
    "reset": "Everything back on",
}
"""What the layout and the script say; {words} in braces are filled in there."""
