"""Which encoding the names in a MIDI file are in: the file does not say, and each country's programs write their own."""

import codecs
import re
import unicodedata
from collections.abc import Callable, Sequence

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

_READERS = {
    "ja": {"cp932", "euc_jp"},
    "ko": {"cp949"},
    "zh-CN": {"gb18030"},
    "zh-TW": {"big5"},
    "ru": {"cp1251", "koi8_r"},
    "uk": {"cp1251"},
    "bg": {"cp1251"},
}
"""The encodings that are usual where a language of Discord is spoken; Windows' Latin letters everywhere else."""

_READERS_SHARE = 0.15
"""What the reader's own encoding is ahead: of two that fit alike it decides, of two words one that fits badly it does not."""

LONGEST_NAME = 512
"""Bytes of a name that are looked at: 64 characters of any script."""

_KNOWN = (
    *("琴", "鼓", "笛", "弦", "吉他", "贝", "貝", "人声", "人聲", "旋律"),
    *("피아노", "기타", "베이스", "드럼", "현악", "보컬", "멜로디"),
    *("гитар", "бас", "барабан", "пиан", "форте", "скрипк", "струн", "голос", "соло", "ритм"),
)
"""What tracks are called: two bytes can be a usual letter of three scripts, and a word in one."""

_LEAST = 0.3
"""How well letters have to fit on average; below, they are taken for Latin ones."""


def encoding_of(names: Sequence[bytes], locale: str = "") -> str:
    """The encoding that all `names` of a file are in, so far as they tell; `locale` is Discord's, of who reads them."""
    told = [name for name in names if not name.isascii() or b"\0" in name]
    if not told:
        return "utf-8"
    for encoding in ("utf-16", "utf-8"):
        if all(_is_marked(name, encoding) or _is_plainly(name, encoding) for name in told):
            return encoding
    scores = {encoding: _score(told, encoding, fits) for encoding, fits in _FITS.items()}
    usual = _READERS.get(locale, {"cp1252"})
    scores = {
        encoding: score + _READERS_SHARE * (encoding in usual) for encoding, score in scores.items() if score
    }
    best = max(scores, key=scores.__getitem__, default="cp1252")
    return best if scores.get(best, 0) >= _LEAST else "cp1252"


def decoded(name: bytes, encoding: str) -> str:
    """`name` in an encoding, or in the one that its own byte order mark says; what is cut or broken is left out."""
    marked = next((of_mark for mark, of_mark in _MARKS if name.startswith(mark)), None)
    if marked is None and encoding == "utf-16":
        marked = "utf-16-be" if name[:1] == b"\0" else "utf-16-le"
    text = name.decode(marked or encoding, "ignore")
    # Windows' table has holes, which Latin-1 fills with controls: nothing of a name is lost to one of them.
    return text or name.decode("latin-1")


def _is_marked(name: bytes, encoding: str) -> bool:
    return any(name.startswith(mark) and of_mark.startswith(encoding) for mark, of_mark in _MARKS)


def _is_plainly(name: bytes, encoding: str) -> bool:
    if encoding == "utf-16":
        # Of Latin letters every other byte is zero; zeros at the end alone are padding.
        inner = name.rstrip(b"\0")
        return len(name) >= 4 and inner.count(0) * 3 >= len(inner) and 0 in (*name[0:2], *name[2:4])
    return _strictly(name, encoding) is not None


def _strictly(name: bytes, encoding: str) -> str | None:
    """The text of `name`, which may be cut within a letter; None where it is in another encoding."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(
            name.rstrip(b"\0"), final=len(name) < LONGEST_NAME
        )
    except UnicodeDecodeError:
        return None


def _score(names: Sequence[bytes], encoding: str, fits: Callable[[str], float]) -> float:
    """How well the letters beyond ASCII fit on average, 0..1; 0 where it cannot be."""
    total = letters = 0.0
    for name in names:
        text = _strictly(name, encoding)
        if text is None or any(
            unicodedata.category(sign) in {"Cc", "Co", "Cn"} and sign > "\x7f" for sign in text
        ):
            return 0.0
        for word in re.findall(r"[^\W\d_]+", text):
            foreign = sum(sign > "\x7f" for sign in word)
            if foreign:
                is_known = any(known in word.lower() for known in _KNOWN)
                total += foreign * (fits(word) + 0.2 * is_known)
            letters += foreign
        letters += sum(sign > "\x7f" and not sign.isalpha() for sign in text)
    return total / letters if letters else 0.0


def _japanese(word: str) -> float:
    # Half-width kana are what two bytes of Chinese or Korean look like.
    return _mean(
        word, lambda sign: 1.0 if "\u3040" <= sign <= "\u30ff" else _ideograph(sign, "euc_jp", 0xB0, 0xCF)
    )


def _japanese_of_unix(word: str) -> float:
    # The same two bytes are the most usual signs of Taiwan.
    return 0.85 * _japanese(word)


def _taiwanese(word: str) -> float:
    return _mean(word, lambda sign: _ideograph(sign, "big5", 0xA4, 0xC6))


def _chinese(word: str) -> float:
    return _mean(word, lambda sign: _ideograph(sign, "gb2312", 0xB0, 0xD7))


def _korean(word: str) -> float:
    # A quarter of the letters that Chinese could mean here are Hangul too: all of them being it is no accident.
    hangul = _mean(
        word, lambda sign: _ideograph(sign, "euc_kr", 0xB0, 0xC8) if "\uac00" <= sign <= "\ud7a3" else 0.0
    )
    return hangul * 1.1


def _cyrillic(word: str) -> float:
    if len(word) == 1:
        return 0.3
    return 0.7 if re.fullmatch(r"[А-ЯЁЇІЄҐЎЂЈЉЊЋЏ]*[а-яёїієґўђјљњћџ]*", word) and _is_cased(word) else 0.0


def _latin(word: str) -> float:
    ascii_letters = sum(sign < "\x80" for sign in word)
    if not _is_cased(word):
        return 0.0
    # Words are mostly plain letters; a run of accents is another alphabet.
    if len(word) == 1:
        return 0.6
    return 0.8 if 3 * ascii_letters >= len(word) else 0.1


def _is_cased(word: str) -> bool:
    """Whether capitals stand where they do in words."""
    return word.isupper() or word.islower() or (word[:1].isupper() and word[1:].islower())


def _ideograph(sign: str, encoding: str, first: int, last: int) -> float:
    """Whether a sign is in the part of a national table that holds the usual ones, by its row."""
    try:
        row = sign.encode(encoding)
    except UnicodeEncodeError:
        return 0.1
    return 0.9 if len(row) == 2 and first <= row[0] <= last else 0.2


def _mean(word: str, fits: Callable[[str], float]) -> float:
    foreign = [fits(sign) for sign in word if sign > "\x7f"]
    # Within one word nobody changes between an alphabet and these.
    return sum(foreign) / len(foreign) * (1.0 if len(foreign) == len(word) else 0.5)


_FITS: dict[str, Callable[[str], float]] = {
    "cp932": _japanese,
    "gb18030": _chinese,
    "cp949": _korean,
    "cp1251": _cyrillic,
    "cp1252": _latin,
    "euc_jp": _japanese_of_unix,
    "big5": _taiwanese,
    "koi8_r": _cyrillic,
}
