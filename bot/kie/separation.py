"""What kie.ai can take a song apart into, and what its price list says that costs."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeAlias


class Separation(StrEnum):
    """The `type` of a separation."""

    TWO_STEMS = "separate_vocal"
    ALL_STEMS = "split_stem"
    ONE_INSTRUMENT = "split_stem_advanced"


Prices: TypeAlias = Mapping[str, float]
"""Credits for each type of separation, as listed: nobody is promised them."""

LISTED: Final[Prices] = {
    Separation.TWO_STEMS: 10.0,
    Separation.ALL_STEMS: 50.0,
    Separation.ONE_INSTRUMENT: 20.0,
}
"""The price list of November 2026."""

_LISTED_INSTRUMENTS = """
    Lead Vocal, Drum Kit, Kick, Snare, Risers, Bass, Backing Vocals, Piano, Electric Guitar, Percussion, String Section,
    Synth, Acoustic Guitar, Sound Effects, Synth Pad, Synth Bass, Guitar, Brass Section, Organ, Electronic Drum Kit,
    Lead Electric Guitar, Synth Keys, Rhythm Electric Guitar, Electric Piano, Upright Bass, Keyboards,
    Distorted Electric Guitar, Synth Strings, Synth Lead, Woodwinds, Rhythm Acoustic Guitar, Flute, Harp, Tambourine,
    Trumpet, Arpeggiator, Accordion, Fiddle, Pedal Steel Guitar, Synth Voice, Violin, Digital Piano, Synth Brass,
    Mandolin, Choir, Banjo, Bells, Clarinet, Tenor Saxophone, Trombone, Shaker, French Horn, Glockenspiel, Electric Bass,
    Cello, Timpani, Harmonica, Marimba, Vibraphone, Lap Steel Guitar, Saxophone, Orchestra, Horns, Cymbals, Hand Clap,
    Oboe, Celesta, Congas, Drone, Alto Saxophone, Double Bass, Ukulele, Harpsichord, Baritone Saxophone, Xylophone, Tuba,
    Bass Guitar, Whistle, Lead Guitar, Rhodes, 808, Bongos, Bassoon, Cowbell, Viola, Sitar, Steel Drums, Piccolo,
    Theremin, Bagpipes, Hi-Hat, Music Box, Melodica, Tabla, Koto, Djembe, Taiko, Didgeridoo
"""

INSTRUMENTS: Final = tuple(" ".join(name.split()) for name in _LISTED_INSTRUMENTS.split(","))
"""What `stemName` of the type for one instrument may be, the most usual first."""

STEMS: Final = (
    "Vocals", "Instrumental", "Backing Vocals", "Drums", "Bass", "Guitar", "Keyboard", "Strings", "Brass", "Woodwinds",
    "Percussion", "Synth", "FX",
)  # fmt: skip
"""What the stems of the other two types are called."""

_ALSO_SAID = {"vocals": "Lead Vocal", "vocal": "Lead Vocal", "voice": "Lead Vocal", "drums": "Drum Kit"}
"""What the stems of the other types are called, and people say."""


def instrument_named(given: str) -> str | None:
    """The instrument that a person means, in the service's spelling; None: it takes out no such thing."""
    wanted = plain(given)
    known = {plain(name): name for name in INSTRUMENTS} | _ALSO_SAID
    return known.get(wanted) or known.get(wanted.removesuffix("s")) or known.get(f"{wanted}s")


def plain(name: str) -> str:
    """A stem's name as it is compared: letters and digits in lower case."""
    return "".join(filter(str.isalnum, name.casefold()))
