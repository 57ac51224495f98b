"""The page's example sounds, synthesised: no clip of ESC-50 (CC BY-NC) is shipped. It knows no model.

Each sound is built from how its source makes sound, over the background any microphone hears.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from .synthesis import (
    CLIP_SAMPLES,
    CLIP_SECONDS,
    SAMPLE_RATE,
    Number,
    Samples,
    add,
    at_level,
    convolved,
    decay,
    harmonics,
    in_room,
    noise,
    pulse,
    ringing,
    seconds,
    shaped,
    sparks,
    wander,
)

PEAK = 0.7
OUTDOORS = (40, 0), (200, -6), (1_000, -18), (8_000, -34)
INDOORS = (40, 0), (120, -8), (500, -22), (2_000, -32), (8_000, -38)


def silence() -> Samples:
    return np.zeros(CLIP_SAMPLES)


def siren(rng: np.random.Generator) -> Samples:
    # An electronic wail: a capacitor charges and discharges, so the pitch bends as it nears each end.
    rise, fall = 1.9, 2.3
    time = (seconds() + 0.5) % (rise + fall)
    up = (1 - np.exp(-1.6 * time / rise)) / (1 - np.exp(-1.6))
    down = (np.exp(-1.1 * (time - rise) / fall) - np.exp(-1.1)) / (1 - np.exp(-1.1))
    frequency_hz = 620 + 880 * np.where(time < rise, up, down)
    # Filtered a little, for no oscillator turns a corner.
    frequency_hz = np.convolve(np.pad(frequency_hz, 400, mode="edge"), np.ones(801) / 801, mode="valid")
    wail = harmonics(frequency_hz, [1, 0.16, 0.2, 0.1, 0.09, 0.05, 0.04, 0.03])
    wail = shaped(wail, (300, -12), (800, 0), (3_000, 0), (8_000, -10)) * (1 + 0.12 * wander(rng, 3))
    street = in_room(rng, at_level(wail, -12), 0.9, 0.22)
    return street + at_level(noise(rng, *OUTDOORS), -36)


def church_bells(rng: np.random.Generator) -> Samples:
    # Partials of a tuned bell over its prime: hum, prime, tierce, quint, nominal and those above.
    ratios = [0.5, 1.0, 1.2, 1.5, 2.0, 2.5, 2.67, 3.0, 4.0, 5.2, 6.5, 8.0, 9.6, 11.2]
    gains = [0.5, 0.6, 0.8, 0.35, 1.0, 0.5, 0.5, 0.6, 0.45, 0.35, 0.25, 0.2, 0.14, 0.1]
    t60s = [11, 6, 5.5, 3.5, 4, 2.6, 2.4, 2.4, 1.8, 1.3, 1.0, 0.8, 0.6, 0.5]
    clip = silence()
    for prime_hz, first, period in ((392.0, -2.1, 1.62), (493.9, -1.3, 1.47), (311.1, -2.9, 1.81)):
        modes = []
        for ratio, gain, t60 in zip(ratios, gains, t60s, strict=True):
            # A bell is never quite round: each partial is a pair that beats.
            hz = prime_hz * ratio * (1 + rng.normal(0, 0.003))
            modes += [(hz, gain, t60), (hz + rng.uniform(0.4, 1.6), 0.5 * gain, 0.8 * t60)]
        stroke = ringing(rng, *modes, duration=6)
        clapper = noise(rng, (800, -10), (3_000, 0), (8_000, -6), duration=0.2) * decay(0.12, 0.2)
        add(stroke, 0, 0.9 * clapper)
        for at_seconds in np.arange(first, CLIP_SECONDS, period):
            add(clip, at_seconds + rng.normal(0, 0.02), rng.uniform(0.7, 1) * stroke)
    return in_room(rng, at_level(clip, -16), 1.8, 0.5) + at_level(noise(rng, *OUTDOORS), -36)


def clock_tick(rng: np.random.Generator) -> Samples:
    # The escapement knocks twice a beat, some milliseconds apart; the case rings after.
    clip = silence()
    for beat, at_seconds in enumerate(np.arange(0.31, CLIP_SECONDS, 0.5)):
        pitch = 1.0 if beat % 2 else 0.93
        for delay_ms, size in ((0, 0.5), (9, 1.0), (16, 0.35)):
            knock = noise(rng, (300, -14), (1_500, 0), (8_000, -4), duration=0.05) * decay(0.018, 0.05)
            case = [(430, 0.5, 0.06), (1_150, 0.6, 0.05), (2_350, 0.6, 0.045), (4_100, 0.5, 0.03)]
            modes = [(hz * pitch, gain, t60) for hz, gain, t60 in case]
            body = ringing(rng, *modes, duration=0.2)
            add(body, 0, knock)
            add(clip, at_seconds + delay_ms / 1_000, size * body)
    return in_room(rng, clip, 0.25, 0.2) + 0.012 * noise(rng, *INDOORS)


def clock_alarm(rng: np.random.Generator) -> Samples:
    # A quartz clock halves its 32 768 Hz crystal four times and drives a piezo disc with the square wave.
    clip = silence()
    for group in np.arange(0.18, CLIP_SECONDS, 1.0):
        for beep in range(4):
            envelope = pulse(0.07, 0.003, 0.006)
            tone = harmonics(np.full(len(envelope), 2_048.0), [1, 0.35, 0.3])
            add(clip, group + 0.125 * beep, envelope * tone)
    return in_room(rng, clip, 0.35, 0.15) + 0.006 * noise(rng, *INDOORS)


def rain(rng: np.random.Generator) -> Samples:
    # Far drops merge into a hiss; near ones are heard one by one, each a splash with its own pitch.
    hiss = noise(rng, (60, -14), (400, -8), (1_500, -3), (5_000, 0), (8_000, -2))
    clip = at_level(hiss * (1 + 0.06 * wander(rng, 1.5)), -20)
    for per_second, hz, t60, level_db in (
        (900, 5_200, 0.006, -26),
        (500, 3_100, 0.01, -27),
        (250, 1_700, 0.016, -28),
        (60, 850, 0.03, -31),
    ):
        drop = ringing(rng, (hz, 1, t60), (1.31 * hz, 0.6, t60), (0.77 * hz, 0.6, t60), duration=0.06)
        clip += at_level(convolved(sparks(rng, per_second, 0.7), drop), level_db)
    return clip + at_level(noise(rng, *OUTDOORS), -34)


def sea_waves(rng: np.random.Generator) -> Samples:
    # A breaker: a low roar as the crest falls, then the hiss of foam running up the sand, which ends later.
    time = seconds()

    def swell(peak_seconds: Number, rise: Number, fall: Number) -> Samples:
        return np.exp(-(((time - peak_seconds) / np.where(time < peak_seconds, rise, fall)) ** 2))

    roar = noise(rng, (30, -16), (90, -4), (300, 0), (800, -4), (2_500, -18), (8_000, -36))
    foam = noise(rng, (200, -20), (700, -4), (1_500, 0), (4_000, -8), (8_000, -18))
    clip = at_level(roar * (0.16 + swell(2.5, 0.9, 1.1) + 0.5 * swell(-0.6, 1, 1.2)), -18)
    clip += at_level(foam * (0.06 + swell(2.9, 0.7, 1.2) + 0.4 * swell(-0.2, 1, 1.3)), -25)
    return clip * (1 + 0.1 * wander(rng, 6))


def crickets(rng: np.random.Generator) -> Samples:
    # A wing stroke is one pulse of a nearly pure tone; field crickets chirp three or four of them at a time.
    clip = silence()
    for carrier_hz, chirps_per_second, size in ((4_650, 2.7, 1.0), (4_980, 2.3, 0.35), (4_400, 3.1, 0.25)):
        for at_seconds in np.arange(rng.uniform(-0.3, 0), CLIP_SECONDS, 1 / chirps_per_second):
            start = at_seconds + rng.normal(0, 0.008)
            for stroke in range(4):
                envelope = pulse(0.02, 0.008, 0.008) * (0.6 + 0.13 * stroke)
                sweep_hz = carrier_hz * np.linspace(1.015, 0.985, len(envelope))
                add(clip, start + 0.034 * stroke, size * envelope * harmonics(sweep_hz, [1.0]))
    # Tree crickets behind them trill without a stop.
    for carrier_hz, strokes_hz, size in ((3_150, 52, 0.05), (6_300, 44, 0.06)):
        trill = 0.55 + 0.45 * np.sin(2 * np.pi * strokes_hz * seconds() + rng.uniform(0, 6))
        clip += size * trill * harmonics(carrier_hz * (1 + 0.002 * wander(rng, 4)), [1.0])
    night = 0.02 * noise(rng, *OUTDOORS) + 0.012 * noise(rng, (2_500, -20), (5_000, 0), (8_000, -6))
    return in_room(rng, clip, 0.5, 0.25) + night


def water_drops(rng: np.random.Generator) -> Samples:
    # The plink is the bubble a drop drags under: it rings at its Minnaert frequency, which climbs as the
    # bubble nears the surface. Damping after van den Doel, Physically Based Models for Liquid Sounds, 2005.
    clip = silence()
    at_seconds = 0.22
    while at_seconds < CLIP_SECONDS:
        big, small = rng.uniform(2.8, 4.8), rng.uniform(1.4, 2.4)
        for delay, radius_mm, size in ((0.0, big, 1.0), (rng.uniform(0.05, 0.12), small, 0.5)):
            minnaert_hz = 3_260 / radius_mm
            damping = 0.043 * minnaert_hz + 0.0014 * minnaert_hz**1.5
            time = seconds(0.25)
            frequency_hz = minnaert_hz * (1 + 0.12 * damping * time)
            bubble = np.exp(-0.6 * damping * time) * np.clip(time / 0.004, 0, 1)
            add(clip, at_seconds + delay, size * bubble * harmonics(frequency_hz, [1, 0.05]))
        splash = noise(rng, (500, -12), (2_500, 0), (8_000, -6), duration=0.04) * decay(0.02, 0.04)
        add(clip, at_seconds - 0.015, 0.08 * splash)
        at_seconds += rng.uniform(0.35, 0.95)
    return in_room(rng, clip, 0.7, 0.2) + 0.004 * noise(rng, *INDOORS)


def wind(rng: np.random.Generator) -> Samples:
    # Turbulence at the microphone is deep noise; edges whistle at a pitch in proportion to the wind's speed.
    gust = wander(rng, 0.5)
    deep = noise(rng, (20, -3), (60, 0), (150, -2), (400, -10), (1_000, -22), (3_000, -38), (8_000, -54))
    clip = deep * (1 + 0.25 * gust)
    for base_hz, size in ((390, 0.35), (760, 0.16)):
        speed = 1 + 0.06 * gust
        # A tone whose amplitude and phase wander as fast as its band is wide is a band of noise that glides.
        across, along = wander(rng, 6), wander(rng, 6)
        phase = 2 * np.pi * np.cumsum(base_hz * speed) / SAMPLE_RATE
        whistle = across * np.sin(phase) + along * np.cos(phase)
        clip += size * whistle * np.clip(0.8 + 0.4 * gust, 0.2, None)
    return clip


def thunderstorm(rng: np.random.Generator) -> Samples:
    # The bolt is kilometres long: its near end cracks first, the rest arrives for seconds, ever duller, as
    # the air takes the highs.
    time = seconds()
    clip = silence()
    for start, size, near in ((0.6, 0.5, 0.5), (0.9, 1, 1), (1.7, 0.7, 0), (2.9, 0.6, 0)):
        age = np.clip(time - start, 0, None)
        begun = np.clip((time - start) / (0.02 if near else 0.3), 0, 1)
        crack = noise(rng, (100, -4), (500, 0), (2_000, -14), (8_000, -40)) * np.exp(-age / 0.25)
        roll = noise(rng, (60, 0), (250, 0), (1_000, -14), (3_000, -40), (8_000, -70)) * np.exp(-age / 1.2)
        rumble = noise(rng, (25, -6), (60, 0), (150, -3), (400, -18), (1_500, -50)) * np.exp(-age / 2.5)
        jagged = np.exp(0.4 * wander(rng, 14))
        clip += size * begun * (jagged * (near * crack + roll) + rumble)
    drizzle = noise(rng, (100, -4), (1_000, -3), (4_000, 0), (8_000, -4))
    return at_level(clip, -14) + at_level(drizzle, -58)


def vacuum_cleaner(rng: np.random.Generator) -> Samples:
    # A motor at some 18 000 turns a minute, its fan's blades many times as fast, and the air rushing through.
    turns_hz = 305 * (1 + 0.002 * wander(rng, 2))
    motor = harmonics(turns_hz, [1, 0.7, 0.25, 0.3, 0.12, 0.1, 0.1, 0.05])
    blades = harmonics(15 * turns_hz, [1]) * (1 + 0.1 * wander(rng, 9))
    air = noise(rng, (40, -14), (150, -4), (600, 0), (2_000, -2), (4_000, -8), (8_000, -14))
    return air + 0.8 * motor + 0.45 * blades + 0.5 * noise(rng, (40, 0), (150, -10), (500, -30))


def crow(rng: np.random.Generator) -> Samples:
    # A caw is a rough voice: a low note, its harmonics strongest near 1.6 kHz, torn by irregular beats.
    clip = silence()
    for at_seconds in (0.3, 1.1, 1.9, 3.4, 4.2):
        duration = rng.uniform(0.4, 0.46)
        time = seconds(duration) / duration
        pitch_hz = rng.uniform(0.97, 1.03) * (430 + 130 * np.sin(np.pi * time**0.7))
        pitch_hz = pitch_hz * (1 + 0.025 * wander(rng, 45, duration))
        voice = harmonics(pitch_hz, 1 / np.arange(1, 17) ** 0.3)
        rough = 1 + 0.45 * wander(rng, 70, duration)
        breath = 1.2 * noise(rng, (500, -20), (1_500, 0), (8_000, -8), duration=duration)
        throat = (300, -40), (700, -18), (1_100, -2), (2_000, 0), (2_700, -12), (4_500, -20), (8_000, -40)
        caw = shaped(voice * rough + breath, *throat)
        add(clip, at_seconds, caw * pulse(duration, 0.04, 0.09))
    return in_room(rng, at_level(clip, -16), 0.8, 0.3) + at_level(noise(rng, *OUTDOORS), -38)


def keyboard_typing(rng: np.random.Generator) -> Samples:
    # A key clicks as it bottoms out, and softer as it comes back up; the desk adds a low thud.
    clip = silence()
    at_seconds = 0.15
    while at_seconds < CLIP_SECONDS - 0.15:
        tilt = rng.uniform(-5, 5)
        for delay, size in ((0.0, 1.0), (rng.uniform(0.07, 0.1), 0.45)):
            tone = (300, -16), (1_500, -3), (3_000 + 200 * tilt, 0), (8_000, tilt - 6)
            click = noise(rng, *tone, duration=0.06) * decay(0.035, 0.06)
            add(clip, at_seconds + delay, size * rng.uniform(0.6, 1) * click)
            thud = ringing(rng, (rng.uniform(150, 260), 0.5, 0.06), (480, 0.3, 0.04), duration=0.12)
            add(clip, at_seconds + delay, 0.6 * size * thud)
        pause = 0.35 if rng.random() < 0.12 else 0
        at_seconds += rng.uniform(0.11, 0.2) + pause
    return in_room(rng, clip, 0.2, 0.15) + 0.008 * noise(rng, *INDOORS)


def door_wood_knock(rng: np.random.Generator) -> Samples:
    # Knuckles on a panel: low modes that the wood damps within a tenth of a second.
    clip = silence()
    for first, count in ((0.4, 5), (2.7, 5)):
        for knock in range(count):
            wobble = rng.uniform(0.97, 1.03)
            modes = [(95, 0.8, 0.2), (168, 1, 0.17), (262, 0.8, 0.13), (415, 0.6, 0.1), (690, 0.4, 0.07)]
            panel = ringing(rng, *((hz * wobble, gain, t60) for hz, gain, t60 in modes), duration=0.3)
            tap = noise(rng, (300, 0), (1_500, -6), (8_000, -20), duration=0.05) * decay(0.02, 0.05)
            add(panel, 0, 0.9 * tap)
            add(clip, first + 0.19 * knock + rng.normal(0, 0.006), rng.uniform(0.75, 1) * panel)
    return in_room(rng, clip, 0.35, 0.25) + 0.002 * noise(rng, *INDOORS)


def hand_saw(rng: np.random.Generator) -> Samples:
    # Push cuts, pull scrapes back softer. The blade's teeth meet the wood in quick succession as it moves.
    clip = silence()
    for stroke, at_seconds in enumerate(np.arange(-0.1, CLIP_SECONDS, 0.31)):
        push = stroke % 2 == 0
        duration = 0.27 if push else 0.23
        speed = pulse(duration, 0.13, 0.1)
        steel = (150, -18), (600, -4), (1_400, 0), (3_500, -2), (6_000, -5), (8_000, -12)
        rasp = noise(rng, *steel, duration=duration)
        teeth_hz = 40 + 130 * speed
        bite = 1 + 0.6 * harmonics(teeth_hz, [1, 0.4])
        hollow = ringing(rng, (310, 0.12, 1.0), (730, 0.1, 1.0), duration=duration)
        add(clip, at_seconds + rng.normal(0, 0.01), (1.0 if push else 0.45) * speed * (rasp * bite + hollow))
    return in_room(rng, clip, 0.3, 0.2) + 0.01 * noise(rng, *INDOORS)


def rooster(rng: np.random.Generator) -> Samples:
    # Cock-a-doodle-doo: two short notes, a third, then one long that sags as the breath runs out.
    clip = silence()
    for at_seconds, duration, low_hz, high_hz, end_hz in (
        (0.5, 0.2, 560, 760, 640),
        (0.83, 0.14, 640, 860, 800),
        (1.02, 0.22, 760, 1_020, 900),
        (1.28, 1.5, 880, 990, 740),
    ):
        time = seconds(duration) / duration
        pitch_hz = np.interp(time, [0, 0.1, 0.65, 1], [low_hz, high_hz, 0.94 * high_hz, end_hz])
        pitch_hz = pitch_hz * (1 + 0.006 * wander(rng, 18, duration))
        voice = harmonics(pitch_hz, [0.5, 1, 0.9, 0.5, 0.35, 0.3, 0.2, 0.15])
        breath = 0.12 * noise(rng, (600, -20), (2_000, 0), (8_000, -6), duration=duration)
        rough = 1 + 0.2 * wander(rng, 60, duration)
        add(clip, at_seconds, (voice * rough + breath) * pulse(duration, 0.03, 0.06))
    return in_room(rng, at_level(clip, -15), 0.5, 0.15) + at_level(noise(rng, *OUTDOORS), -55)


def crackling_fire(rng: np.random.Generator) -> Samples:
    # Flames rumble; steam that bursts wood makes cracks of every size, a few loud and very many faint.
    flames = noise(rng, (25, 0), (80, 0), (250, -14), (1_000, -30), (8_000, -44))
    clip = at_level(flames * (1 + 0.2 * wander(rng, 5)), -30)
    sizes = (70, 2_600, 0.006, -38), (9, 1_300, 0.012, -32), (2.2, 900, 0.03, -30)
    for per_second, low_hz, t60, level_db in sizes:
        snap = noise(rng, (low_hz / 4, -20), (low_hz, 0), (8_000, 0), duration=0.06) * decay(t60, 0.06)
        clip += at_level(convolved(sparks(rng, per_second, 0.9), snap), level_db)
    return clip + at_level(noise(rng, (400, -6), (8_000, 0)), -56)


def fireworks(rng: np.random.Generator) -> Samples:
    # A shell bursts in the open: a bang, its echoes growing duller, then the crackle of falling stars.
    clip = silence()
    for at_seconds, size in ((0.45, 1.0), (1.8, 0.5), (2.15, 0.8), (3.6, 1.0)):
        bang = noise(rng, (40, 0), (150, -2), (1_000, -10), (8_000, -20), duration=0.4) * decay(0.2, 0.4)
        echo = noise(rng, (40, 0), (200, -3), (800, -16), (4_000, -44), duration=3) * decay(2.2, 3)
        hiss = noise(rng, (300, -6), (1_500, 0), (8_000, -6), duration=1.2) * decay(0.8, 1.2)
        for part, share in ((bang, 1), (echo, 0.2), (hiss, 0.05)):
            add(clip, at_seconds, size * share * part)
    return in_room(rng, clip, 1.5, 0.3) + 0.001 * noise(rng, *OUTDOORS)


@dataclass(frozen=True, kw_only=True)
class Example:
    """One sound the page offers.

    Attributes:
        label: The class of ESC-50 it is meant for.
        title: What a person reads.
        emoji: One character beside the title.
        synthesise: Makes the sound from a random generator, at any level.
        seed: Fixes the random generator, so each page plays the same sound.
    """

    label: str
    title: str
    emoji: str
    synthesise: Callable[[np.random.Generator], Samples]
    seed: int = 0

    @property
    def name(self) -> str:
        """The word in a link, `?sound=rain`: the label, as each label has one example."""
        return self.label

    def waveform(self) -> Float32[np.ndarray, " samples"]:
        """Five seconds of mono sound at `SAMPLE_RATE`, its peak at `PEAK`."""
        sound = self.synthesise(np.random.default_rng(self.seed))
        return (PEAK * sound / np.abs(sound).max()).astype(np.float32)


EXAMPLES: tuple[Example, ...] = (
    Example(label="siren", title="Siren", emoji="🚨", synthesise=siren),
    Example(label="church_bells", title="Church bells", emoji="🔔", synthesise=church_bells),
    Example(label="rain", title="Rain", emoji="🌧️", synthesise=rain, seed=7),
    Example(label="clock_alarm", title="Alarm clock", emoji="⏰", synthesise=clock_alarm),
    Example(label="crickets", title="Crickets", emoji="🦗", synthesise=crickets),
    Example(label="keyboard_typing", title="Typing", emoji="⌨️", synthesise=keyboard_typing, seed=1),
    Example(label="sea_waves", title="Sea waves", emoji="🌊", synthesise=sea_waves),
    Example(label="clock_tick", title="Ticking clock", emoji="🕰️", synthesise=clock_tick),
    Example(label="rooster", title="Rooster", emoji="🐓", synthesise=rooster),
    Example(label="door_wood_knock", title="Knock on the door", emoji="🚪", synthesise=door_wood_knock),
    Example(label="thunderstorm", title="Thunderstorm", emoji="⛈️", synthesise=thunderstorm),
    Example(label="hand_saw", title="Hand saw", emoji="🪚", synthesise=hand_saw),
    Example(label="vacuum_cleaner", title="Vacuum cleaner", emoji="🧹", synthesise=vacuum_cleaner),
    Example(label="crackling_fire", title="Crackling fire", emoji="🔥", synthesise=crackling_fire),
    Example(label="water_drops", title="Water drops", emoji="💧", synthesise=water_drops, seed=7),
    Example(label="crow", title="Crow", emoji="🐦‍⬛", synthesise=crow, seed=1),
    Example(label="wind", title="Wind", emoji="🌬️", synthesise=wind),
    Example(label="fireworks", title="Fireworks", emoji="🎆", synthesise=fireworks),
)
"""In the order of the page."""


def by_name(name: str) -> Example:
    """The example of that name.

    Raises:
        KeyError: There is none.
    """
    return {example.name: example for example in EXAMPLES}[name]
