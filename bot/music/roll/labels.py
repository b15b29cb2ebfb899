"""Names and times as the picture can write them: its font has ASCII, some signs, and no letters of other scripts."""

import re
import string
import unicodedata

from bot.language import ENGLISH, Language

_FONT = frozenset(string.digits + string.ascii_letters + string.punctuation + " «°»´·‘’“”…™")
_SIGNS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "ı": "i", "♯": "#", "♭": "b", "–": "-", "—": "-", "×": "x"}
)

_LONG_WORD, _INITIALS = 8, 2
"""Letters: `Acoustic`, `Electric`, `Distortion` and `Overdriven` are long, and told by two."""


def drawable(name: str, otherwise: str) -> str:
    """`name` in letters that the font has: accents fall off, and a part in another script falls away.

    `otherwise` is for a name of which no word is left: a row of empty boxes says less than "Track 3".
    """
    apart = unicodedata.normalize("NFKD", name.translate(_SIGNS))
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    kept = "".join(c if c in _FONT else "\0" for c in bare)
    words = re.sub(r"\(\s*\)|\[\s*\]", " ", kept.replace("\0", " "))
    text = " ".join(words.split()).strip(" -_,;:/|")
    text = re.sub(r"^\(([^()]+)\)$", r"\1", text)
    # Of "Гитара 2" only "2" is left, which names nothing; of "ベース bass" there is a word.
    is_name = "\0" not in kept or re.search(r"[A-Za-z]{2}", text)
    return text if text and is_name else otherwise


def lettered(say: Language, english: str, **values: object) -> str:
    """A text of ours in the reader's language, where the font has its letters; Japanese, Korean and Chinese readers get English."""
    return drawable(say(english, **values), ENGLISH(english, **values))


def shortened(text: str, characters: int) -> str:
    """At most `characters` of `text`, the last being an ellipsis where something is cut.

    A long first word goes first: `Ac. Guitar` and `Ac. Grand…` are told apart, `Acoustic…` twice is not.
    """
    if len(text) <= characters:
        return text
    first, _, rest = text.partition(" ")
    if len(first) >= _LONG_WORD and len(rest) > _INITIALS and characters > _LONG_WORD:
        text = f"{first[:_INITIALS]}. {rest}"
    if len(text) <= characters:
        return text
    return text[: characters - 1].rstrip(" -_,;:(/") + "…"
