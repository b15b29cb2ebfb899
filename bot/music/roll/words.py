"""What the picture shows, in words, for those who hear it instead of seeing it."""

from bot.language import Language
from bot.music import names
from bot.music.clock_time import clock_time
from bot.music.columns import np
from bot.music.heard.key import find_key
from bot.music.note_names import NoteNames
from bot.music.roll.colours import DRUM_HUE, HUES
from bot.music.roll.legend import hues
from bot.music.song import Song, Track

MAX_CHARACTERS = 1024
"""Discord's limit for the description of an attachment."""


def describe(song: Song, title: str, say: Language) -> str:
    """The alt text of a song's roll: the whole first, then each instrument, as far as 1024 characters go."""
    shown = [(track, hue) for track, hue in zip(song.tracks, hues(song), strict=True) if len(track)]
    said = _whole(song, names.clean(title), len(shown), say)
    name_note = NoteNames(find_key(song), say)
    for place, (track, hue) in enumerate(shown):
        line = " " + (_drums(track, say) if track.is_drums else _instrument(track, hue, name_note, say))
        left = len(shown) - place
        reserve = len(_rest(left, say)) if left > 1 else 0
        if len(said) + len(line) + reserve > MAX_CHARACTERS:
            return said + _rest(left, say)
        said += line
    return said


def _whole(song: Song, title: str, instruments: int, say: Language) -> str:
    if not song.note_count:
        if title:
            return say("Piano roll of {title}, without notes.", title=title)
        return say("Piano roll, without notes.")
    head = say("Piano roll of {title}:", title=title) if title else say("Piano roll:")
    facts = say(
        "{notes}, {instruments}, {time}; time from left to right, pitch from low to high, louder notes brighter.",
        notes=say.plural("{count} note", "{count} notes", song.note_count),
        instruments=say.plural("{count} instrument", "{count} instruments", instruments),
        time=clock_time(song.duration_seconds),
    )
    return f"{head} {facts}{_busiest(song, say)}"


def _rest(left: int, say: Language) -> str:
    return " " + say.plural("And {count} more instrument.", "And {count} more instruments.", left)


def _busiest(song: Song, say: Language) -> str:
    """Where most notes begin, in tenths of the song; nothing where the song is too short to have parts."""
    duration = song.duration_seconds
    if duration < 20:
        return ""
    starts = np.concatenate([track.start_seconds for track in song.tracks])
    counts, edges = np.histogram(starts, bins=10, range=(0, duration))
    most = int(counts.argmax())
    return " " + say(
        "Busiest from {start} to {end}.", start=clock_time(edges[most]), end=clock_time(edges[most + 1])
    )


def _instrument(track: Track, hue: int, name_note: NoteNames, say: Language) -> str:
    lowest, highest = name_note(int(track.pitch.min())), name_note(int(track.pitch.max()))
    values = {
        "name": track.name or say("Unnamed"),
        "colour": say(HUES[hue].name),
        "notes": say.plural("{count} note", "{count} notes", len(track)),
        **_times(track),
    }
    if lowest == highest:
        return say("{name} in {colour}: {notes} at {pitch}, {start} to {end}.", pitch=lowest, **values)
    return say(
        "{name} in {colour}: {notes} between {lowest} and {highest}, {start} to {end}.",
        lowest=lowest,
        highest=highest,
        **values,
    )


def _drums(track: Track, say: Language) -> str:
    return say(
        "{name} in {colour}, in a lane below: {hits} on {pieces}, {start} to {end}.",
        name=track.name or say("Drums"),
        colour=say(DRUM_HUE.name),
        hits=say.plural("{count} hit", "{count} hits", len(track)),
        pieces=say.plural("{count} drum of the kit", "{count} drums of the kit", len(np.unique(track.pitch))),
        **_times(track),
    )


def _times(track: Track) -> dict[str, str]:
    return {
        "start": clock_time(float(track.start_seconds.min())),
        "end": clock_time(float(track.end_seconds.max())),
    }
