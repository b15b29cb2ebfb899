"""What notes are called: by the key, and in a language's own letters."""

from bot.language import Language, text
from bot.music.heard.key import Key

_LETTERS = "FCGDAEB"
"""By fifths: each is seven semitones above the one before."""

_NAMES = ("C", "C♯", "D♭", "D", "D♯", "E♭", "E", "F", "F♯", "G♭", "G", "G♯", "A♭", "A", "A♯", "B♭", "B")

_SAID = text("C C♯ D♭ D D♯ E♭ E F F♯ G♭ G G♯ A♭ A A♯ B♭ B")
"""The same in one row, because German calls B H, and B♭ B."""

_FLATTEST, _SHARPEST = -6, -1
"""Where the row of twelve may begin, in fifths from C: from G♭ to B, up to from F to A♯. Beyond are E♯ and C♭, which only players by sheet know."""


class NoteNames:
    """The names of pitches in a key; without a sure key, with sharps."""

    def __init__(self, key: Key | None, say: Language) -> None:
        said = dict(zip(_NAMES, say(_SAID).split(), strict=True))
        # Usual are the notes from a lowered second to a raised fourth: in G minor B♭, and F♯ as the leading note.
        first = _fifths(key.name.split()[0]) - 5 if key and key.is_sure else _SHARPEST
        first = min(max(first, _FLATTEST), _SHARPEST)
        spelled = (_spelled(fifths) for fifths in range(first, first + 12))
        self._names = {_pitch_class(name): said[name] for name in spelled}

    def __call__(self, pitch: int) -> str:
        """The name of a MIDI pitch, middle C (60) being C4."""
        return f"{self._names[pitch % 12]}{pitch // 12 - 1}"


def _fifths(name: str) -> int:
    """How many fifths a note lies above C."""
    return _LETTERS.index(name[0]) - 1 + 7 * (name.count("♯") - name.count("♭"))


def _spelled(fifths: int) -> str:
    turns, letter = divmod(fifths + 1, 7)
    return _LETTERS[letter] + ("♯" * turns if turns > 0 else "♭" * -turns)


def _pitch_class(name: str) -> int:
    return _fifths(name) * 7 % 12
