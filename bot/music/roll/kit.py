"""The pieces of a drum kit by kind: what the lanes below the roll are."""

from bot.language import text

KINDS = (
    (text("Kick"), frozenset({35, 36})),
    (text("Snare"), frozenset({37, 38, 39, 40})),
    (text("Toms"), frozenset({41, 43, 45, 47, 48, 50})),
    (text("Hi-hat"), frozenset({42, 44, 46})),
    (text("Cymbals"), frozenset({49, 51, 52, 53, 55, 57, 59})),
)
"""General MIDI's pitches, from the lowest lane to the highest; the snare's are its rim and hand claps too."""

OTHER = text("Other")


def by_kind(pitches: list[int]) -> list[tuple[str, list[int]]]:
    """Pitches, ascending, under the names of their kinds; what a kit does not have comes last."""
    kinds = [(name, [pitch for pitch in pitches if pitch in kind]) for name, kind in KINDS]
    known = frozenset[int]().union(*(kind for _, kind in KINDS))
    kinds.append((OTHER, [pitch for pitch in pitches if pitch not in known]))
    return [(name, members) for name, members in kinds if members]
