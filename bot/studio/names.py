"""What a file's name tells about a track: its group of stems in kie's words, and its instrument in General MIDI's."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class StemName:
    """`group` is kie's `stem_type_group_name`; `instrument` an exact GM name, or Drums."""

    group: str
    instrument: str

    @property
    def drum_kit(self) -> bool:
        """Whether this track is heard for strokes, not for pitches."""
        return self.instrument == "Drums"

    @property
    def mix(self) -> bool:
        """Whether nothing tells that this is one part alone: it may be a whole band."""
        return self == UNKNOWN


UNKNOWN: Final = StemName("Instrumental", "Acoustic Grand Piano")

# The first that fits is taken, so the exact ones stand first: "bass drum" is a drum, "electric piano" no piano.
_PARTS: Final = tuple(
    (re.compile(rf"\b(?:{words})\b"), StemName(group, instrument))
    for words, group, instrument in (
        ("steel drums?|steelpan", "Percussion", "Steel Drums"),
        ("marimba", "Percussion", "Marimba"),
        ("vibraphone|vibes", "Percussion", "Vibraphone"),
        ("xylophone", "Percussion", "Xylophone"),
        ("glockenspiel|bells?", "Percussion", "Glockenspiel"),
        ("timpani", "Percussion", "Timpani"),
        (
            "drums?|drumkit|kit|percussions?|perc|kick|snare|hats?|hihats?|cymbals?|toms?|claps?|cajon|congas?|shaker",
            "Drums",
            "Drums",
        ),
        (
            "backing vocals?|background vocals?|bvs?|choir|choirs|harmony vocals?",
            "Backing_Vocals",
            "Choir Aahs",
        ),
        ("vocals?|vox|voices?|singer|singing|acapella|a cappella|lead vocals?", "Vocals", "Synth Voice"),
        ("upright bass|double bass|contrabass|acoustic bass", "Bass", "Acoustic Bass"),
        ("fretless bass|fretless", "Bass", "Fretless Bass"),
        ("slap bass", "Bass", "Slap Bass 1"),
        ("synth bass|808", "Bass", "Synth Bass 1"),
        ("bassoon", "Woodwinds", "Bassoon"),
        ("bass clarinet|clarinet", "Woodwinds", "Clarinet"),
        ("bass guitar|bass|bassline", "Bass", "Electric Bass (finger)"),
        (
            "distorted guitar|distortion guitar|distorted electric guitar|heavy guitar",
            "Guitar",
            "Distortion Guitar",
        ),
        ("electric guitar|lead guitar|rhythm guitar|eguitar", "Guitar", "Electric Guitar (clean)"),
        ("nylon guitar|classical guitar|ukulele", "Guitar", "Acoustic Guitar (nylon)"),
        ("guitars?|gtr", "Guitar", "Acoustic Guitar (steel)"),
        ("electric piano|rhodes|wurlitzer|epiano|e piano", "Keyboard", "Electric Piano 1"),
        ("harpsichord", "Keyboard", "Harpsichord"),
        ("organ|hammond", "Keyboard", "Drawbar Organ"),
        ("accordion", "Keyboard", "Accordion"),
        ("pianos?|keys|keyboards?", "Keyboard", "Acoustic Grand Piano"),
        ("synth strings?", "Strings", "Synth Strings 1"),
        ("violins?|fiddle", "Strings", "Violin"),
        ("violas?", "Strings", "Viola"),
        ("cellos?", "Strings", "Cello"),
        ("harp", "Strings", "Orchestral Harp"),
        ("strings?|orchestra", "Strings", "String Ensemble 1"),
        ("pads?", "Synth", "Pad 2 (warm)"),
        ("synths?|synth lead|lead|arp|arpeggio", "Synth", "Lead 2 (sawtooth)"),
        ("trumpets?", "Brass", "Trumpet"),
        ("trombones?", "Brass", "Trombone"),
        ("french horns?", "Brass", "French Horn"),
        ("tuba", "Brass", "Tuba"),
        ("brass|horns?", "Brass", "Brass Section"),
        ("alto sax|alto saxophone", "Woodwinds", "Alto Sax"),
        ("sax|saxophones?", "Woodwinds", "Tenor Sax"),
        ("oboe", "Woodwinds", "Oboe"),
        ("flutes?|woodwinds?", "Woodwinds", "Flute"),
        ("harmonica", "Woodwinds", "Harmonica"),
        ("fx|effects?|other", "FX", "Acoustic Grand Piano"),
    )
)


def part_of(file_name: str) -> StemName:
    """The part that `file_name` names, in whatever case and with whatever separators; else `UNKNOWN`."""
    stem = file_name.rpartition(".")[0] or file_name
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem[:200])
    words = re.sub(r"[\W_]+|(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])", " ", spaced).lower()
    return next((part for pattern, part in _PARTS if pattern.search(words)), UNKNOWN)


def said(instrument: str) -> StemName:
    """The part that somebody says it is: under that name, and no mix."""
    part = part_of(instrument)
    return part if part.drum_kit else StemName(part.group, instrument)
