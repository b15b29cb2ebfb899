"""A song as a view shows it: what every file, picture and sound of it is made from."""

from msgspec.structs import replace

from bot.music.columns import np
from bot.music.normalise import normalise
from bot.music.report import Report
from bot.music.song import Song, StatedTempo
from bot.music.timeline.bars import Bars
from bot.music.timeline.key_signature import transposed_key
from bot.music.view.bar_cut import cut
from bot.music.view.excerpt import excerpts
from bot.music.view.transpose import transposed
from bot.music.view.view import View


def viewed(song: Song, view: View | None) -> Song:
    """The song as `view` says, and with the view that it has; where an excerpt has no notes, all of the song."""
    if view is None or view.is_usual:
        return song
    part = _excerpt(song, view) if view.is_excerpt else song
    if not part.note_count:
        part, view = song, view.whole()
    return replace(_in_key(part, view.semitones), view=view)


def has_notes(song: Song, view: View) -> bool:
    """Whether anything sounds in a view."""
    return not view.is_excerpt or bool(_excerpt(song, view).note_count)


def _excerpt(song: Song, view: View) -> Song:
    begin, end = view.start_seconds, song.duration_seconds
    if view.end_seconds is not None:
        end = min(end, view.end_seconds)
    bars, zero, stated = song.bars, begin, song.stated_tempo
    if bars is not None and begin < end:
        found = cut(bars, begin, end)
        bars, begin, zero = found
        stated = stated and _stated(found.bars)
    tracks = excerpts(song.tracks, begin, end if view.end_seconds is not None else np.inf, zero=zero)
    part = normalise([track for track in tracks if len(track)], song.report)
    return replace(
        song, tracks=part.tracks, report=part.report, bars=bars, stated_tempo=stated, begins_seconds=zero
    )


def _stated(bars: Bars) -> StatedTempo:
    slowest, fastest = (bpm * float(bars.beat) for bpm in bars.bpm)
    return StatedTempo(round(slowest, 2), round(fastest, 2))


def _in_key(song: Song, semitones: int) -> Song:
    if not semitones:
        return song
    tracks, lost = transposed(song.tracks, semitones)
    kept = [track for track in tracks if len(track)]
    found = normalise(kept, song.report + Report(pitches_out_of_range=lost))
    bars = song.bars
    if bars is not None and bars.key is not None:
        bars = replace(bars, key=transposed_key(bars.key, semitones))
    return replace(song, tracks=found.tracks, report=found.report, bars=bars)
