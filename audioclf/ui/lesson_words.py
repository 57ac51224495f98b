"""Every sentence of the Lesson screen, ready for translation. Knows no layout and computes nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the lesson.

    Attributes:
        title: Its heading.
        lead: What to know before guessing.
        ask: The question; {sound} is the sound's title.
        after: What to take away, told with the answer.
        sound: The example it begins with.
    """

    title: str
    lead: str
    ask: str
    after: str
    sound: str


STEPS = (
    Step(
        title="A picture of sound",
        lead="A spectrogram draws sound. Left to right is time. Bottom to top is pitch, from low to high. "
        "Bright is loud.",
        ask="One of these three is “{sound}”. Which one? Think of how it goes before you look.",
        after="A gliding note draws a slanting line, a steady note a level one. A click or a knock draws an upright "
        "line, because for a moment it holds all pitches at once. A hiss fills the picture like fog. The network is "
        "given this picture, and nothing else.",
        sound="siren",
    ),
    Step(
        title="What the first layer sees",
        lead="The network’s first layer slides {channels} small patterns over the spectrogram and notes where each "
        "one fits. These pictures show how strongly it answers, averaged over all its patterns.",
        ask="One of these three was made from “{sound}”. Which one?",
        after="After one layer you can still recognise the sound. The patterns are small: each covers {seconds} "
        "seconds. Each answers to some small detail, such as an edge or a line, whatever the sound is. Nobody drew "
        "these patterns. They were learnt from examples, by being corrected again and again.",
        sound="church_bells",
    ),
    Step(
        title="Deeper is more abstract",
        lead="These pictures are from the last stage, {layers} layers further on. Only {rows} × {columns} cells "
        "are left of the picture, but there are {channels_last} channels of them. Here is their average.",
        ask="One of these three was made from “{sound}”. Which one?",
        after="If you could only guess, that is the point. Where and how high the sound was has mostly gone. What is "
        "left is spread over the {channels_last} channels, and from nothing else the network makes its answer: the one "
        "under each picture.",
        sound="keyboard_typing",
    ),
    Step(
        title="Why shortcuts",
        lead="Around each block of layers runs a shortcut, which carries the numbers past it. So a block only learns "
        "what to add. Very deep networks are hard to train without them. Now we cut the shortcuts of {stage}, and "
        "change nothing else.",
        ask="What will the network say to “{sound}”?",
        after="The blocks learnt to add something to what comes round them. Cut that, and the next layer gets numbers "
        "unlike any it met in training. A network trained without shortcuts from the start would have learnt "
        "something else; this one relies on them.",
        sound="rain",
    ),
    Step(
        title="When it is wrong",
        lead="We add noise to “{sound}”, a plain hiss: first 20 decibels quieter than the sound, then 10, then as loud "
        "as the sound, then 10 decibels louder. Would you still recognise it?",
        ask="At which step does the network first say something else?",
        after="The network knows {classes} words and always chooses among them. It has no way to say “I have never "
        "heard this”. Its percentages can be fair only for recordings like those it learnt from. So a high "
        "number is a reason to look, not a proof.",
        sound="rooster",
    ),
)

SAME = "The same answer, about as sure or surer"
LESS = "The same answer, but less sure"
OTHER = "Another answer"
NOISES = {-20.0: "20 dB quieter", -10.0: "10 dB quieter", 0.0: "as loud", 10.0: "10 dB louder"}
NEVER = "At none of these"
NO_SHORTCUTS = "This network was built without shortcuts, so there is nothing to cut."
CUT_ONE = "{title} cut"
CUT_ALL = "All of them cut"
UNTOUCHED = "Nothing changed"

SCREEN = {
    "steps": "Steps of the lesson",
    "sound": "Sound",
    "link": "Copy a link to this step",
    "copied": "Copied.",
    "large": "Fill the screen",
    "print": "Print the work sheet",
    "failed": "That did not work. Reload the page.",
    "reveal": "Show what is so",
    "right": "Yes: {right}.",
    "wrong": "You said: {guess}. It is: {right}.",
    "next": "Next: {title}",
    "play": "play the sound",
    "network_says": "The network says: {said}.",
    "picture": "Picture {letter}",
    "spectrogram_of": "Spectrogram of {name}",
    "done": "What was done",
    "its_answer": "Its answer",
    "how_sure": "How sure",
    "listen": "Listen",
    "pattern": "Pattern {channel}",
    "pattern_fits": "Where pattern {channel} fits",
    "patterns": "The strongest patterns for this sound, and where they fit. Orange asks for sound there, purple for "
    "quiet.",
    "sheet_title": "How does a network hear?",
    "sheet_who": "Name ______________________   Class ____________   Date ____________",
    "sheet_picture": "0 to 5 seconds, low notes at the bottom",
    "sheet_because": "Because",
    "sheet_is": "{letter} is {name}.",
    "sheet_teacher": "For the teacher",
}
"""What the layout, the script and the work sheet say; {words} in braces are filled in there."""
