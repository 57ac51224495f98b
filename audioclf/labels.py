"""The 50 classes of ESC-50: their order, their groups and how they are said in English. Knows no tensors."""

from typing import NamedTuple


class Label(NamedTuple):
    """One class as people read it.

    Attributes:
        name: ESC-50's own category string, the key everywhere else.
        title: As a heading or beside a bar.
        phrase: As it stands in a sentence: "Almost certainly {phrase}".
        group: One of ESC-50's five groups of ten.
    """

    name: str
    title: str
    phrase: str
    group: str


_GROUPS = {
    "Animals": {
        "dog": "a dog",
        "rooster": "a rooster",
        "pig": "a pig",
        "cow": "a cow",
        "frog": "a frog",
        "cat": "a cat",
        "hen": "a hen",
        "insects": "flying insects",
        "sheep": "a sheep",
        "crow": "a crow",
    },
    "Nature and water": {
        "rain": "rain",
        "sea_waves": "sea waves",
        "crackling_fire": "a crackling fire",
        "crickets": "crickets",
        "chirping_birds": "chirping birds",
        "water_drops": "water drops",
        "wind": "wind",
        "pouring_water": "pouring water",
        "toilet_flush": "a toilet flush",
        "thunderstorm": "a thunderstorm",
    },
    "People": {
        "crying_baby": "a crying baby",
        "sneezing": "sneezing",
        "clapping": "clapping",
        "breathing": "breathing",
        "coughing": "coughing",
        "footsteps": "footsteps",
        "laughing": "laughing",
        "brushing_teeth": "somebody brushing teeth",
        "snoring": "snoring",
        "drinking_sipping": "somebody drinking or sipping",
    },
    "Indoors": {
        "door_wood_knock": "a knock on a wooden door",
        "mouse_click": "a mouse click",
        "keyboard_typing": "typing on a keyboard",
        "door_wood_creaks": "a creaking wooden door",
        "can_opening": "a can being opened",
        "washing_machine": "a washing machine",
        "vacuum_cleaner": "a vacuum cleaner",
        "clock_alarm": "an alarm clock",
        "clock_tick": "a ticking clock",
        "glass_breaking": "breaking glass",
    },
    "Outdoors and city": {
        "helicopter": "a helicopter",
        "chainsaw": "a chainsaw",
        "siren": "a siren",
        "car_horn": "a car horn",
        "engine": "an engine",
        "train": "a train",
        "church_bells": "church bells",
        "airplane": "an airplane",
        "fireworks": "fireworks",
        "hand_saw": "a hand saw",
    },
}

_TITLES = {
    "door_wood_knock": "Door knock",
    "door_wood_creaks": "Creaking door",
    "drinking_sipping": "Drinking, sipping",
    "clock_alarm": "Alarm clock",
    "clock_tick": "Clock tick",
    "pouring_water": "Pouring water",
}


def _title(name: str) -> str:
    return _TITLES.get(name, name.replace("_", " ").capitalize())


LABELS: tuple[Label, ...] = tuple(
    Label(name, _title(name), phrase, group) for group, members in _GROUPS.items() for name, phrase in members.items()
)
"""All classes; the position is ESC-50's own `target` number. Source: https://github.com/karolpiczak/ESC-50"""

ESC50_LABELS: tuple[str, ...] = tuple(label.name for label in LABELS)

_BY_NAME = {label.name: label for label in LABELS}


def describe(name: str) -> Label:
    """The words for a label; a label that ESC-50 doesn't know (own data) is said as it is spelt.

    Args:
        name: A label as the checkpoint holds it.
    """
    return _BY_NAME.get(name) or Label(name, _title(name), name.replace("_", " "), "Sounds")
