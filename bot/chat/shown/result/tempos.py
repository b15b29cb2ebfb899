"""How fast a song is, in the beats that people count: quarters a minute, or dotted ones, which is said."""

from bot.language import Language
from bot.music.song import Song
from bot.music.timeline.beat import DOTTED_QUARTER


def in_beats(quarters: float, song: Song) -> float:
    """Quarters a minute as beats a minute."""
    return round(quarters / float(song.beat), 2)


def tempo_told(bpm: float, song: Song, say: Language) -> str:
    """One tempo of `song`: "104 BPM", "53.3 BPM (dotted quarters)"."""
    return by_beats(say("{bpm} BPM", bpm=say.decimal(bpm)), song, say)


def by_beats(tempo: str, song: Song, say: Language) -> str:
    """What is told of a song's tempo, with its beats where those are no quarters."""
    return say("{tempo} (dotted quarters)", tempo=tempo) if song.beat == DOTTED_QUARTER else tempo


def tempo_in_a_name(bpm: float, song: Song) -> str:
    """The end of a file's name: "93.5-bpm", "150-bpm" for the 149.98 that was heard, "60-bpm-dotted"."""
    dotted = "-dotted" if song.beat == DOTTED_QUARTER else ""
    return f"{round(bpm, 1):g}-bpm{dotted}"
