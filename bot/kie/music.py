"""The tracks of a music task: what a person made with kie.ai before, and can have separated by its id."""

import msgspec

from bot.kie.fields import Fields, fields, first, items, number, text
from bot.kie.stems import shown

MOST_TRACKS = 25
"""A task makes two; a menu holds no more than this."""


class Track(msgspec.Struct, frozen=True):
    """One track: `id` is what `audioId` of a separation takes. `title` may be empty, and `seconds` 0 where nobody says."""

    id: str
    title: str
    seconds: float


def read_tracks(response: Fields) -> tuple[Track, ...]:
    """The tracks in a record's `response` that are whole: one that is still being made has no address of its file."""
    listed = [_track(fields(raw)) for raw in items(first(response, "sunoData", "suno_data"))]
    return tuple(track for track in listed if track)[:MOST_TRACKS]


def _track(entry: Fields) -> Track | None:
    track_id = text(entry.get("id"))
    if not track_id or len(track_id) > 200 or not text(first(entry, "audioUrl", "audio_url")):
        return None
    return Track(track_id, shown(text(entry.get("title"))), _seconds(entry.get("duration")))


def _seconds(raw: msgspec.Raw | None) -> float:
    return max(0.0, number(raw) or 0.0)
