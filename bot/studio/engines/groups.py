"""The instruments that MuScriptor tells apart, by its own names, as the programs of General MIDI (0..127) that each stands for."""

from typing import Final

from bot.music.instruments.programs import GM_NAMES

DRUMS: Final = "drums"

PROGRAMS: Final[dict[str, tuple[int, ...]]] = {
    "acoustic_piano": (0, 1, 3, 6, 7),
    "electric_piano": (4, 2, 5),
    "chromatic_percussion": tuple(range(8, 16)),
    "organ": tuple(range(16, 24)),
    "acoustic_guitar": (25, 24),
    "clean_electric_guitar": (27, 26, 28),
    "distorted_electric_guitar": (30, 29, 31),
    "acoustic_bass": (32, 35),
    "electric_bass": (33, 34, 36, 37, 38, 39),
    "violin": (40,),
    "viola": (41,),
    "cello": (42,),
    "contrabass": (43,),
    "orchestral_harp": (46,),
    "timpani": (47,),
    "string_ensemble": (48, 49, 44, 45),
    "synth_strings": (50, 51),
    "voice": (52, 53, 54),
    "orchestra_hit": (55,),
    "trumpet": (56, 59),
    "trombone": (57,),
    "tuba": (58,),
    "french_horn": (60,),
    "brass_section": (61, 62, 63),
    "soprano_and_alto_sax": (65, 64),
    "tenor_sax": (66,),
    "baritone_sax": (67,),
    "oboe": (68,),
    "english_horn": (69,),
    "bassoon": (70,),
    "clarinet": (71,),
    "flutes": (73, *range(72, 80)),
    "synth_lead": (81, *range(80, 88)),
    "synth_pad": (89, *range(88, 96)),
}
"""The first of each is the one that it is written as."""

_OTHER: Final = "program_"
"""Begins the name of what is in no group: its program follows."""


def name_of(group: str) -> str:
    """What a track of this group is called: General MIDI's name, or the group's own where it is none of these."""
    if programs := PROGRAMS.get(group):
        return GM_NAMES[programs[0]]
    number = group.removeprefix(_OTHER)
    if group.startswith(_OTHER) and number.isdecimal() and int(number) < len(GM_NAMES):
        return GM_NAMES[int(number)]
    return group.replace("_", " ").capitalize()


def group_of(instrument: str) -> str | None:
    """The group that an instrument of General MIDI belongs to, if any."""
    if instrument not in GM_NAMES:
        return None
    program = GM_NAMES.index(instrument)
    return next((group for group, programs in PROGRAMS.items() if program in programs), None)
