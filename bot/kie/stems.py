"""The stems of a separation, from the two places where its record lists them."""

import re
import unicodedata
from urllib.parse import unquote, urlsplit

import msgspec

from bot.kie.fields import Fields, fields, first, items, text

MOST_STEMS = 64
"""A separation gives at most 12; more are noise that nobody could choose from."""

LONGEST_NAME = 80
LONGEST_URL = 2000


class Stem(msgspec.Struct, frozen=True):
    """One part of a separated song; `id` is what `audioId` of a MIDI request takes. Without one it can't be chosen."""

    id: str | None
    name: str
    url: str


_FLAT = {
    "vocalUrl": "Vocals",
    "backingVocalsUrl": "Backing Vocals",
    "instrumentalUrl": "Instrumental",
    "drumsUrl": "Drums",
    "bassUrl": "Bass",
    "guitarUrl": "Guitar",
    "pianoUrl": "Piano",
    "keyboardUrl": "Keyboard",
    "percussionUrl": "Percussion",
    "stringsUrl": "Strings",
    "synthUrl": "Synth",
    "brassUrl": "Brass",
    "woodwindsUrl": "Woodwinds",
    "fxUrl": "FX",
}
"""`originUrl` is the whole song, not a stem."""

_FILE_ID = re.compile(r"([0-9A-Za-z-]{16,64})_")
"""Stem files are named `<id>_Vocals.mp3`; ids are UUIDs or 32 hex digits."""


def read_stems(response: Fields) -> tuple[Stem, ...]:
    """The stems in a record's `response`: `originData` first, then flat addresses that name another one."""
    listed = [
        stem for raw in items(first(response, "originData", "origin_data")) for stem in _entry(fields(raw))
    ]
    known = {mark for stem in listed for mark in (stem.id, stem.name.casefold(), stem.url) if mark}
    flat = [_flat(name, url) for key, name in _FLAT.items() if (url := _url(response.get(key)))]
    rest = [stem for stem in flat if known.isdisjoint({stem.id, stem.name.casefold(), stem.url})]
    return tuple([*listed, *rest][:MOST_STEMS])


def _entry(entry: Fields) -> list[Stem]:
    """One entry of `originData`: a stem, or for the advanced type a pair of what was taken out and what was left."""
    pair = [fields(entry[half]) for half in ("extract", "remove") if half in entry]
    if pair:
        return [stem for half in pair for stem in _entry(half)]
    url = _url(first(entry, "audio_url", "audioUrl"))
    stem_id = text(entry.get("id")) or _file_id(url)
    if not (url or stem_id):
        return []
    name = shown(text(first(entry, "stem_type_group_name", "stemTypeGroupName")))
    return [Stem(stem_id, name or "Stem", url)]


def _flat(name: str, url: str) -> Stem:
    return Stem(_file_id(url), name, url)


def _file_id(url: str) -> str | None:
    found = _FILE_ID.match(unquote(urlsplit(url).path).rpartition("/")[2])
    return found[1] if found else None


def shown(given: str) -> str:
    """A name as it can be shown: one line of at most 80 characters."""
    plain = "".join(" " if sign == "_" or unicodedata.category(sign)[0] == "C" else sign for sign in given)
    return " ".join(plain.split())[:LONGEST_NAME]


def _url(raw: msgspec.Raw | None) -> str:
    """An http address with its blanks escaped (they were seen bare), or nothing."""
    url = text(raw).replace(" ", "%20")
    if not url.startswith(("https://", "http://")) or len(url) > LONGEST_URL or not url.isprintable():
        return ""
    try:
        return url if urlsplit(url).hostname else ""
    except ValueError:
        return ""
