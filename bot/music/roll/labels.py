"""Names and times as the picture can write them: its own font has ASCII and some signs, and this machine may have others."""

import re
import unicodedata
from collections.abc import Collection, Sequence

from bot.language import ENGLISH, Language
from bot.music.roll.typefaces import OWN, typeface

_SIGNS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "ı": "i", "♯": "#", "♭": "b", "–": "-", "—": "-", "×": "x"}
)

_LONG_WORD, _INITIALS = 8, 2
"""Letters: `Acoustic`, `Electric`, `Distortion` and `Overdriven` are long, and told by two."""

_LOOSE = " -_,;:/|"
"""What says nothing at the ends of a name."""

_LEAST_HEAD, _LEAST_TAIL = 3, 2
"""Letters before and behind an ellipsis inside a name."""


def drawable(name: str, otherwise: str) -> str:
    """`name` in letters that there are: where no font has all of another script's, they fall away; accents fall off.

    A font that has a name's letters writes it also where it lacks an emoji in it.

    `otherwise` is for a name of which no word is left: a row of empty boxes says less than "Track 3".
    """
    apart = unicodedata.normalize("NFKD", name.translate(_SIGNS))
    bare = "".join(c for c in apart if not unicodedata.combining(c))
    kept = "".join(c if c in OWN else "\0" for c in bare)
    if any(c.isalpha() and c not in OWN for c in bare):
        whole = unicodedata.normalize("NFC", name)
        for text in (" ".join(whole.split()), _without_symbols(whole)):
            if typeface(text):
                return text
    words = re.sub(r"\(\s*\)|\[\s*\]", " ", kept.replace("\0", " "))
    text = " ".join(words.split()).strip(_LOOSE)
    text = re.sub(r"^\(([^()]+)\)$", r"\1", text)
    # Of "Гитара 2" only "2" is left, which names nothing; of "ベース bass" there is a word.
    is_name = "\0" not in kept or re.search(r"[A-Za-z]{2}", text)
    return text if text and is_name else otherwise


def _without_symbols(name: str) -> str:
    """Without emoji, what joins them, and marks that belong to no letter."""
    kept = []
    for sign in name.translate(_SIGNS):
        kind = unicodedata.category(sign)
        if sign in OWN or kind[0] in "LNPZ":
            kept.append(sign)
        elif kind[0] != "M" and kind != "Cf":
            kept.append(" ")
    return " ".join("".join(kept).split()).strip(_LOOSE)


def lettered(say: Language, english: str, **values: object) -> str:
    """A text of ours in the reader's language, or in English where no font has its letters."""
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


def told_apart(texts: Sequence[str], characters: int) -> list[str]:
    """Each of `texts` shortened; those that would become alike are cut in the middle, where their ends tell them apart."""
    alike: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        alike.setdefault(shortened(text, characters), []).append(place)
    told = [""] * len(texts)
    for short, places in alike.items():
        different = {texts[place] for place in places}
        cut = _cut_inside(different, characters) if len(different) > 1 else dict.fromkeys(different, short)
        for place in places:
            told[place] = cut[texts[place]]
    return told


def _cut_inside(texts: Collection[str], characters: int) -> dict[str, str]:
    """The texts with an ellipsis inside, as late as they differ; where none is, as late as they differ most."""
    cuts = [
        {text: _without_inside(text, characters, tail) for text in texts}
        for tail in range(_LEAST_TAIL, characters - _LEAST_HEAD)
    ]
    return max(cuts, key=lambda cut: len(set(cut.values())))


def _without_inside(text: str, characters: int, tail: int) -> str:
    if len(text) <= characters:
        return text
    return text[: characters - 1 - tail].rstrip(" -_,;:(/") + "…" + text[-tail:].lstrip()
