"""Songs to make videos of."""

from bot.music.song import Note, Song, Track


def piano(*notes: Note, name: str = "Piano") -> Song:
    """One instrument."""
    return Song((Track.of(notes, name=name),))


def scale(count: int, seconds: float = 0.5) -> list[Note]:
    """One note after the other, up and down."""
    return [Note(60 + n % 12, n * seconds, (n + 0.9) * seconds, 90) for n in range(count)]


def kit(seconds: float) -> Track:
    """Kick, hi-hat and snare, a hit each half second."""
    pitches = (36, 42, 38, 42)
    return Track.of(
        [Note(pitches[n % 4], n / 2, n / 2 + 0.05, 100) for n in range(int(seconds * 2))],
        name="Drums",
        is_drums=True,
    )
