"""Which sound an instrument's name means: a General MIDI program, or the drum kit on channel 10.

Names are compared as lower-case singular words. The order of trust is: the 128 names of General MIDI, the
instrument names that the separation service uses and those of seven other languages, the same names beside words that
fill ("Bass take 2"), in brackets or behind a separator, then parts of one word ("Ebass"). Only whole names are certain;
everything after is marked as a guess. A word within a title says nothing.
"""

from itertools import chain

import msgspec

from bot.music.instruments.elsewhere import DRUMS, ELSEWHERE
from bot.music.instruments.words import FILLING, candidates, words

GM_NAMES: tuple[str, ...] = (
    *("Acoustic Grand Piano", "Bright Acoustic Piano", "Electric Grand Piano", "Honky-tonk Piano"),
    *("Electric Piano 1", "Electric Piano 2", "Harpsichord", "Clavinet"),
    *(
        "Celesta",
        "Glockenspiel",
        "Music Box",
        "Vibraphone",
        "Marimba",
        "Xylophone",
        "Tubular Bells",
        "Dulcimer",
    ),
    *("Drawbar Organ", "Percussive Organ", "Rock Organ", "Church Organ", "Reed Organ", "Accordion"),
    *("Harmonica", "Tango Accordion"),
    *(
        "Acoustic Guitar (nylon)",
        "Acoustic Guitar (steel)",
        "Electric Guitar (jazz)",
        "Electric Guitar (clean)",
    ),
    *("Electric Guitar (muted)", "Overdriven Guitar", "Distortion Guitar", "Guitar Harmonics"),
    *("Acoustic Bass", "Electric Bass (finger)", "Electric Bass (pick)", "Fretless Bass"),
    *("Slap Bass 1", "Slap Bass 2", "Synth Bass 1", "Synth Bass 2"),
    *(
        "Violin",
        "Viola",
        "Cello",
        "Contrabass",
        "Tremolo Strings",
        "Pizzicato Strings",
        "Orchestral Harp",
        "Timpani",
    ),
    *("String Ensemble 1", "String Ensemble 2", "Synth Strings 1", "Synth Strings 2"),
    *("Choir Aahs", "Voice Oohs", "Synth Voice", "Orchestra Hit"),
    *("Trumpet", "Trombone", "Tuba", "Muted Trumpet", "French Horn", "Brass Section"),
    *("Synth Brass 1", "Synth Brass 2"),
    *("Soprano Sax", "Alto Sax", "Tenor Sax", "Baritone Sax", "Oboe", "English Horn", "Bassoon", "Clarinet"),
    *("Piccolo", "Flute", "Recorder", "Pan Flute", "Blown Bottle", "Shakuhachi", "Whistle", "Ocarina"),
    *("Lead 1 (square)", "Lead 2 (sawtooth)", "Lead 3 (calliope)", "Lead 4 (chiff)"),
    *("Lead 5 (charang)", "Lead 6 (voice)", "Lead 7 (fifths)", "Lead 8 (bass + lead)"),
    *("Pad 1 (new age)", "Pad 2 (warm)", "Pad 3 (polysynth)", "Pad 4 (choir)"),
    *("Pad 5 (bowed)", "Pad 6 (metallic)", "Pad 7 (halo)", "Pad 8 (sweep)"),
    *("FX 1 (rain)", "FX 2 (soundtrack)", "FX 3 (crystal)", "FX 4 (atmosphere)"),
    *("FX 5 (brightness)", "FX 6 (goblins)", "FX 7 (echoes)", "FX 8 (sci-fi)"),
    *("Sitar", "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai"),
    *("Tinkle Bell", "Agogo", "Steel Drums", "Woodblock", "Taiko Drum", "Melodic Tom"),
    *("Synth Drum", "Reverse Cymbal"),
    *("Guitar Fret Noise", "Breath Noise", "Seashore", "Bird Tweet", "Telephone Ring", "Helicopter"),
    *("Applause", "Gunshot"),
)
"""General MIDI level 1, program 0 first."""

PROGRAMS_PER_FAMILY = 8
FIRST_SOUND_EFFECT = 120
"""From here on a name found inside a longer one is far likelier a song's title ("Helicopter ride")."""

KIT_PITCHES = range(35, 60)
"""Kick to ride: what a drum kit has of General MIDI's drum map."""

PERCUSSION_PITCHES = range(35, 82)
"""The whole of General MIDI's drum map."""

_SAME: dict[int, str] = {
    DRUMS: "Drums, Drum Kit, Electronic Drum Kit, Percussion, Kick, Snare, Hi-Hat, Hihat, Cymbals, Hand Clap, "
    "Tambourine, Shaker, Congas, Bongos, Cowbell, Bass Drum, Kick Drum, Snare Drum, Toms",
    0: "Piano, Grand Piano, Acoustic Piano",
    4: "Electric Piano, Rhodes, EP",
    5: "Digital Piano",
    16: "Organ",
    25: "Acoustic Guitar, Rhythm Acoustic Guitar",
    27: "Electric Guitar, Rhythm Electric Guitar, Lead Electric Guitar",
    30: "Distorted Electric Guitar",
    32: "Upright Bass",
    33: "Bass, Bass Guitar, Electric Bass",
    38: "Synth Bass",
    43: "Double Bass",
    46: "Harp",
    48: "Strings, String Section, String Ensemble, Orchestra",
    50: "Synth Strings",
    52: "Choir",
    53: "Vocals, Vocal, Voice, Lead Vocal, Backing Vocals, Vox",
    54: "Synth Choir",
    60: "Horns",
    61: "Brass",
    62: "Synth Brass",
    64: "Soprano Saxophone",
    65: "Alto Saxophone, Saxophone, Sax",
    66: "Tenor Saxophone",
    67: "Baritone Saxophone",
    81: "Synth Lead",
    89: "Synth Pad",
    109: "Bagpipes",
    116: "Taiko",
}
"""Names of one and the same instrument that General MIDI spells otherwise; stems and instruments of the service."""

_NEAREST: dict[int, str] = {
    DRUMS: "Tabla, Djembe, Clap, Crash, Beat, Beats, Perc, Hat, Tom",
    0: "Keys, Keyboard, Keyboards",
    9: "Bells, Bell",
    17: "Hammond",
    22: "Melodica",
    24: "Ukulele, Nylon Guitar",
    25: "Mandolin, Steel Guitar, Lap Steel Guitar, Pedal Steel Guitar",
    27: "Guitar, Lead Guitar, Rhythm Guitar",
    38: "808, Sub Bass, Sub",
    52: "Choral",
    53: "Sing, Singer, Singing",
    70: "Didgeridoo",
    73: "Woodwinds, Woodwind, Wind",
    79: "Theremin",
    80: "Lead, Arpeggiator, Arp",
    81: "Synth, Synthesizer, Synth Keys, Pluck",
    88: "Pad, Drone, Ambient",
    99: "Sound Effects, FX, SFX, Risers, Atmosphere",
}
"""Instruments that General MIDI lacks, or names that leave the choice open, beside the nearest program."""

_PARTS: tuple[tuple[str, int], ...] = (
    *(("drum", DRUMS), ("percus", DRUMS), ("snare", DRUMS), ("cymbal", DRUMS), ("hihat", DRUMS)),
    *(("bass", 33), ("guitar", 27), ("gtr", 27), ("violin", 40), ("cello", 42), ("string", 48)),
    *(("organ", 16), ("piano", 0), ("vocal", 53), ("voice", 53), ("choir", 52)),
    *(
        ("trumpet", 56),
        ("trombon", 57),
        ("horn", 60),
        ("brass", 61),
        ("sax", 65),
        ("clarinet", 71),
        ("flute", 73),
    ),
    *(("synth", 81), ("keyboard", 0)),
)
"""Parts of words, the last resort, in the order in which they are tried."""

_BESIDE = FILLING | {
    *("e", "line", "riff", "groove", "beat", "pattern", "kit", "set", "machine", "sample", "music", "sound"),
    *("lead", "rhythm", "sub", "synth", "electric", "acoustic", "akustik", "stick", "chord", "pad", "spur"),
}
"""What stands with them in one word, beside what fills names anyway."""

FALLBACK_PROGRAM = 0
"""Piano: every pitch sounds, and every reader has it."""


class Sound(msgspec.Struct, frozen=True):
    """What plays an instrument: a program 0..127 (0 for drums), and whether the choice was a guess."""

    program: int
    is_drums: bool
    guessed: bool


def sound_named(name: str) -> Sound | None:
    """The sound that `name` means, or None where nothing in it is known."""
    if (key := " ".join(words(name))) in _CERTAIN:
        return _sound(_CERTAIN[key], guessed=False)
    found = list(candidates(name))
    for candidate in found:
        if (program := _PHRASES.get(" ".join(candidate))) is not None:
            return _sound(program, guessed=True)
    for candidate in found:
        if len(candidate) > 1:
            continue
        for part, program in _PARTS:
            before, found_part, after = candidate[0].partition(part)
            if found_part and _is_plain(before) and _is_plain(after):
                return _sound(program, guessed=True)
    return None


def _is_plain(rest: str) -> bool:
    """Whether what a word has beside an instrument's name goes with one: `drumloop`, `Ebass`; `Organic` and `Drummer` are titles."""
    return not rest or rest in _BESIDE


def sound_of_file(stem: str) -> Sound | None:
    """The sound that a file's name (without its ending) means: as `sound_named`, but no helicopter, which is a title."""
    sound = sound_named(stem)
    return sound if sound and sound.program < FIRST_SOUND_EFFECT else None


def sound_for(*names: str) -> Sound:
    """The sound of the first of `names` that means one, else the fallback program as a guess."""
    found = (sound_named(name) for name in names)
    return next((sound for sound in found if sound), _sound(FALLBACK_PROGRAM, guessed=True))


def family(program: int) -> int:
    """The General MIDI family (0 pianos .. 15 sound effects) of a program."""
    return program // PROGRAMS_PER_FAMILY


def kit_pitches(name: str) -> range:
    """The pitches that a drum track of this name is expected to use."""
    return KIT_PITCHES if "drum" in words(name) else PERCUSSION_PITCHES


def _sound(program: int, *, guessed: bool) -> Sound:
    return Sound(max(program, 0), program == DRUMS, guessed)


def _keyed(table: dict[int, str]) -> dict[str, int]:
    return {" ".join(words(name)): program for program, names in table.items() for name in names.split(", ")}


_GM = {" ".join(words(name)): program for program, name in enumerate(GM_NAMES)}
_CERTAIN = _keyed(ELSEWHERE) | _keyed(_SAME) | _GM
_PHRASES = {
    key: program
    for key, program in chain(_keyed(_NEAREST).items(), _CERTAIN.items())
    if program < FIRST_SOUND_EFFECT
}
