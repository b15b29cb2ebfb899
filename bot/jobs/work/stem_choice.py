"""Which stem of a separation is transcribed."""

import re
from collections.abc import Sequence

from bot.errors import NoStemsError, StemNotFoundError, StemNotMadeError
from bot.jobs.model import Job
from bot.jobs.song_part import SongPart, Source
from bot.kie.errors import readable
from bot.kie.separation import Separation, plain
from bot.kie.stems import Stem

_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def audio_id(job: Job, part: SongPart, stems: Sequence[Stem]) -> str | None:
    """The stem that is transcribed; None: all of them.

    Raises:
        InputError: there is none of that name.
    """
    was_given = part.kind is Source.TASK and part.music is None
    if job.separation_type is Separation.ONE_INSTRUMENT and not was_given:
        # What was taken out stands before what was left, and may go by another name than it was asked for with.
        return next((stem.id for stem in stems if stem.id), None)
    if not job.stem:
        return None
    # Who gave a song knows of no separation.
    return _chosen(job.stem, stems, StemNotFoundError if was_given else StemNotMadeError)


def unseen_audio_id(job: Job) -> str | None:
    """The stem that was asked for where nobody can say which there are: an id is one all the same."""
    wanted = (job.stem or "").strip()
    return wanted if _ID.fullmatch(wanted) else None


def _chosen(
    wanted: str, stems: Sequence[Stem], missing: type[StemNotFoundError | StemNotMadeError]
) -> str | None:
    """The id of the stem that a person meant, by name or by id; where there is none, `missing` is raised."""
    known = [stem for stem in stems if stem.id]
    for stem in known:
        if wanted.strip() == stem.id or plain(stem.name) == plain(wanted):
            return stem.id
    for stem in known:
        if plain(wanted) and plain(wanted) in plain(stem.name):
            return stem.id
    if not known:
        raise NoStemsError
    raise missing(stem=readable(wanted), stems=", ".join(readable(stem.name) for stem in known))
