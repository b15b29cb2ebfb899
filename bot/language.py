"""Every text that a person reads, said in their language.

English stands in the code, as the key to everything else; the other languages are gettext catalogues in
`bot/catalogues`, which `scripts/catalogues.py` keeps in step with the code.
"""

import gettext
import string
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple, Protocol

CATALOGUES = Path(__file__).with_name("catalogues")

_ALSO = {"es-419": "es-ES"}
"""What is near enough to be read without a catalogue of its own."""


class Plural(NamedTuple):
    """A text for one and for many; `{count}` stands for the number."""

    one: str
    many: str


class Failure(Protocol):
    """An error that says itself; `bot.errors` has them."""

    def said(self, translate: Callable[[str], str]) -> str:
        """The error's sentence, each text of it put through `translate`."""


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


_OBEYED = dict.fromkeys(
    ord(sign)
    for sign in map(
        chr, (*range(0x20), 0x7F, 0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    )
    if sign not in "\n\t"
)
"""Controls and the marks of direction: what people typed or a file says comes back in these texts."""


def text(english: str) -> str:
    """Marks a text for the catalogues that is said elsewhere."""
    return english


def fill(template: str, values: Mapping[str, object]) -> str:
    """Put `values` into a text; a missing one shows as `?`, never as a trace, and none turns what follows it around."""
    return string.Formatter().vformat(template, (), _Blank(values)).translate(_OBEYED)


_BETWEEN_THOUSANDS = {"de": ".", "pt-BR": ".", "es-ES": "\u202f", "fr": "\u202f"}
"""Everywhere else a comma."""

_DECIMAL_COMMA = {"de", "es-ES", "fr", "pt-BR"}

_SPACE_BEFORE_PERCENT = {"de", "es-ES", "fr"}


class Language:
    """Says texts in one language; a text without a translation is said in English."""

    def __init__(self, locale: str, catalogue: gettext.NullTranslations) -> None:
        self.locale = locale
        self._catalogue = catalogue

    def __reduce__(self) -> tuple[object, ...]:
        """Long songs are drawn in a process of their own, which reads the catalogue itself."""
        return language_of, (self.locale,)

    def __call__(self, english: str, /, **values: object) -> str:
        """A text with its `{names}` filled."""
        return fill(self._catalogue.gettext(english), values)

    def plural(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The text that is right for `count`, with it and other `{names}` filled."""
        said = self._catalogue.ngettext(one, many, count)
        return fill(said, {"count": self.number(count), **values})

    def error(self, error: Failure) -> str:
        """What happened and what to do."""
        return error.said(self._catalogue.gettext)

    def name(self, english: str) -> str:
        """The name of a command or of an option; it may differ from the same word in a sentence."""
        return self._catalogue.pgettext("name", english)

    def number(self, count: int) -> str:
        """With its thousands apart as people of this language write them: 1,061, 1.061, 1 061."""
        return self._apart(f"{count:,}")

    def decimal(self, value: float) -> str:
        """With as many of three decimals as it has, and the signs as people write them: 93, 93.5, 93,5, 60,000,000."""
        rounded = round(value, 3) or 0.0  # and not -0
        whole, _, decimals = f"{rounded:,.3f}".partition(".")
        sign = "," if self.locale in _DECIMAL_COMMA else "."
        return f"{self._apart(whole)}{sign}{decimals.rstrip('0')}".rstrip(sign)

    def _apart(self, whole: str) -> str:
        return whole.replace(",", _BETWEEN_THOUSANDS.get(self.locale, ","))

    def percent(self, share: float) -> str:
        """A share of 0..1 as people write it: 50%, 50 %."""
        # The space must not end a line.
        space = "\u00a0" if self.locale in _SPACE_BEFORE_PERCENT else ""
        return f"{share * 100:.0f}{space}%"

    def duration(self, time: timedelta) -> str:
        """A time taken: 3 s, 2 min 5 s, 1 h 3 min."""
        minutes, seconds = divmod(max(0, round(time.total_seconds())), 60)
        if minutes >= 60:
            return self("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
        if minutes:
            return self("{minutes} min {seconds} s", minutes=minutes, seconds=seconds)
        return self("{seconds} s", seconds=seconds)

    def list(self, things: Sequence[str]) -> str:
        """Several things after one another: a, b, c."""
        return self(", ").join(things)


def _read(path: Path) -> Language:
    with path.open("rb") as compiled:
        return Language(path.stem, gettext.GNUTranslations(compiled))


ENGLISH = Language("en", gettext.NullTranslations())

# All of them at once, in 6 ms: later a file could only be read on the event loop.
_LANGUAGES = {path.stem: _read(path) for path in CATALOGUES.glob("*.mo")}

LOCALES = frozenset(_LANGUAGES)
"""Discord's names of the languages that have a catalogue."""


def language_of(locale: str) -> Language:
    """The language for one of Discord's locales; English where there is none."""
    return _LANGUAGES.get(_ALSO.get(locale, locale), ENGLISH)
