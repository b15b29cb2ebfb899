"""What a file's name tells about a track: its group of stems in kie's words, and its instrument in General MIDI's."""

from dataclasses import dataclass
from typing import Final

from bot.music.instruments.programs import GM_NAMES, Sound, family, sound_named, sound_of_file

DRUMS: Final = "Drums"


@dataclass(frozen=True, slots=True)
class StemName:
    """`group` is kie's `stem_type_group_name`; `instrument` an exact GM name, or Drums."""

    group: str
    instrument: str

    @property
    def drum_kit(self) -> bool:
        """Whether this track is heard for strokes, not for pitches."""
        return self.instrument == DRUMS

    @property
    def mix(self) -> bool:
        """Whether nothing tells that this is one part alone: it may be a whole band."""
        return self == UNKNOWN


UNKNOWN: Final = StemName("Instrumental", "Acoustic Grand Piano")

_GROUPS: Final = (
    *("Keyboard", "Percussion", "Keyboard", "Guitar", "Bass", "Strings", "Strings", "Brass"),
    *("Woodwinds", "Woodwinds", "Synth", "Synth", "FX", "Strings", "Percussion", "FX"),
)
"""For each of General MIDI's families."""

_ELSEWHERE: Final = {
    "Harmonica": "Woodwinds",
    "Timpani": "Percussion",
    "Choir Aahs": "Backing_Vocals",
    "Voice Oohs": "Vocals",
    "Synth Voice": "Vocals",
    "Banjo": "Guitar",
    "Bagpipe": "Woodwinds",
}
"""Instruments of another group than the rest of their family."""


def part_of(file_name: str) -> StemName:
    """The part that `file_name` names, as the bot itself reads names; a title is none, and gives `UNKNOWN`."""
    sound = sound_of_file(file_name.rpartition(".")[0] or file_name)
    return _stem(sound) if sound else UNKNOWN


def said(instrument: str) -> StemName:
    """The part that somebody says it is: under that name, and no mix."""
    sound = sound_named(instrument)
    if sound is None:
        return StemName(UNKNOWN.group, instrument)
    stem = _stem(sound)
    return stem if stem.drum_kit else StemName(stem.group, instrument)


def _stem(sound: Sound) -> StemName:
    if sound.is_drums:
        return StemName(DRUMS, DRUMS)
    name = GM_NAMES[sound.program]
    return StemName(_ELSEWHERE.get(name, _GROUPS[family(sound.program)]), name)
