"""The audio of a song's stems, where kie.ai made them: as files as far as there is room, as links else."""

import asyncio
from collections.abc import Iterator
from pathlib import PurePath
from urllib.parse import urlsplit

import msgspec
import structlog

from bot.audio.errors import AddressFailedError, FileTooLargeError
from bot.audio.fetch import Fetcher
from bot.chat.shown.cards import CardFile, hidden_with, shortened
from bot.chat.shown.escaping import as_text
from bot.errors import InputError, StemsGoneError
from bot.jobs.model import Job
from bot.jobs.naming import part_names
from bot.jobs.work.places import Places
from bot.language import Language
from bot.music.names import file_stem
from bot.rounds import Whose

log = structlog.get_logger(__name__)

_MOST_FILES = 10
_MOST_BYTES = 24 << 20
"""Discord takes 25 MiB in one request; the rest is for the form around the files."""

_MOST_CHARACTERS = 1400
"""Of links; a message holds 2000, and two lines of names tell of the rest."""

_LONGEST_LIST = 120
"""Characters of names in a line, before half of them may be escaped."""

_SECONDS_EACH = 60.0
"""A stem is some 5 MB; whoever takes longer for it gives a link."""


class StemAudio(msgspec.Struct, frozen=True):
    """What came of it: files to send, and the text that tells of the others."""

    files: tuple[CardFile, ...]
    text: str


class _Found(msgspec.Struct, frozen=True):
    name: str
    url: str


def has_stem_audio(job: Job) -> bool:
    """Whether there are stems to be had: the built-in studio makes none."""
    return job.studio == "kie" and any(True for _ in _stems(job))


class StemLibrary:
    """Fetches stems from where kie.ai keeps them."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        # Each holds up to 24 MB in memory.
        self._places = Places(2)

    async def audio(self, job: Job, file_limit: int, say: Language, *, wanted_by: Whose) -> StemAudio:
        """The stems of a song, with `file_limit` bytes for each file.

        Raises:
            StemsGoneError: none of them is kept any more.
        """
        files: list[CardFile] = []
        links: list[_Found] = []
        gone: list[str] = []
        async with self._places.place(wanted_by):
            for stem in _stems(job):
                if len(files) == _MOST_FILES:
                    links.append(stem)
                    continue
                room = _MOST_BYTES - sum(len(file.data) for file in files)
                try:
                    files.append(await self._file(job, stem, min(file_limit, room)))
                except (FileTooLargeError, TimeoutError):
                    links.append(stem)
                except InputError as error:
                    log.info("stem.not_fetched", job=job.id, error=error.code, detail=error.detail)
                    # A server that did not answer now may do so for them.
                    (gone.append(stem.name) if _is_gone(error) else links.append(stem))
        if not files and not links:
            raise StemsGoneError
        return StemAudio(tuple(files), "\n".join(_told(links, gone, say)))

    def links(self, job: Job, say: Language) -> str:
        """All stems as links, for where their files may not be sent after all."""
        return "\n".join(_told(list(_stems(job)), [], say))

    async def _file(self, job: Job, stem: _Found, most_bytes: int) -> CardFile:
        async with asyncio.timeout(_SECONDS_EACH):
            async with self._fetcher.fetch(stem.url, max_bytes=most_bytes) as download:
                data = b"".join([chunk async for chunk in download.chunks])
        ending = PurePath(urlsplit(stem.url).path).suffix or ".mp3"
        name = f"{file_stem(f'{job.title}-{stem.name}')}{ending}"
        return CardFile(hidden_with(job, name), data, stem.name)


def _is_gone(error: InputError) -> bool:
    """Whether the address leads to nothing any more: it is refused, or to what is no audio."""
    if isinstance(error, AddressFailedError):
        return str(error.values.get("status", "")).startswith("4")
    return True


def _stems(job: Job) -> Iterator[_Found]:
    """Each stem with an address, named after its part where there are several."""
    names = part_names([part.name for part in job.parts]) if len(job.parts) > 1 else [""]
    for own, part in zip(names, job.parts, strict=True):
        for stem in part.stems:
            if stem.url:
                yield _Found(f"{own} {stem.name}".strip(), stem.url)


def _told(links: list[_Found], gone: list[str], say: Language) -> list[str]:
    told = []
    if gone:
        told.append(say("The studio no longer has: {stems}.", stems=_named(gone, say)))
    if links:
        told.append(say("Too many or too large for one message; here they are as links:"))
        left = list(links)
        while left and sum(map(len, told)) + len(_link(left[0])) < _MOST_CHARACTERS:
            told.append(_link(left.pop(0)))
        if left:
            told.append(say("No room for: {stems}.", stems=_named([stem.name for stem in left], say)))
    return told


def _named(names: list[str], say: Language) -> str:
    return as_text(shortened(say.list(names), _LONGEST_LIST))


def _link(stem: _Found) -> str:
    address = stem.url.replace("<", "%3C").replace(">", "%3E").replace(")", "%29")
    return f"- [{as_text(stem.name).replace(']', '')}](<{address}>)"
