"""What became of notes that could not be taken over as they were."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import asdict

from bot.language import ENGLISH, Language, Plural


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of everything that was dropped, cut, merged or guessed on the way from notes to a song."""

    cut_recordings: int = 0
    """Files of sound that end before their sound does, as uploads that broke off do."""
    melodies_in_drums: int = 0
    """Files that were heard for drums by their name, and hold notes."""
    damaged_tracks: int = 0
    """Tracks of a given MIDI file that could be read up to some place only."""
    missing_tracks: int = 0
    """Tracks that a given MIDI file announces and does not have."""
    malformed_notes: int = 0
    """Notes dropped because a value was missing or not a number."""
    pitches_out_of_range: int = 0
    """Notes dropped: a pitch outside 0..127; held to the range it would be a wrong note."""
    impossible_times: int = 0
    """Notes dropped: a start below zero, or an end before the start."""
    times_too_late: int = 0
    """Notes dropped: over the time limit of six hours."""
    malformed_instruments: int = 0
    """Entries dropped from the list of instruments because they were not instruments."""
    empty_instruments: int = 0
    """Instruments left without a note, and so without a track."""
    doubled_instruments: int = 0
    """Instruments all of whose notes doubled those of others, and so without a track."""
    velocities_held: int = 0
    """Velocities outside 0..127 that were held at the nearer end."""
    velocities_guessed: int = 0
    """Notes that came without a velocity."""
    merged_notes: int = 0
    """Notes dropped: another one of that pitch on that channel starts at the same moment."""
    cut_notes: int = 0
    """Notes shortened: the same pitch begins again on that channel before they end."""
    lengthened_notes: int = 0
    """Notes of no length, given the least that sounds."""
    guessed_programs: int = 0
    """Tracks whose sound was guessed from their name; the tracks themselves tell which."""
    unmapped_drum_tracks: int = 0
    """Drum tracks most of whose pitches are not pieces of a drum kit."""
    shared_channel_tracks: int = 0
    """Melodic tracks that share a channel, for MIDI has 15."""
    unclosed_notes: int = 0
    """Notes of a given MIDI file that never end; they end with their track."""
    controls_left_out: int = 0
    """Moves of pedals and bends in a given MIDI file, which a song does not hold."""

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "Report":
        """A report from `counts()`; what is no count of this version is left out."""
        known = set(cls.__struct_fields__)
        return cls(**{name: count for name, count in counts.items() if name in known and count > 0})

    def counts(self) -> dict[str, int]:
        """The counts that are not zero, by their names."""
        return {name: count for name, count in asdict(self).items() if count}

    def __add__(self, other: "Report") -> "Report":
        """Both reports' counts."""
        return Report(**{name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__})

    def lines(self, say: Language = ENGLISH) -> tuple[str, ...]:
        """A plain sentence for each count that is not zero, the gravest first; empty if nothing happened to the notes."""
        told = (name for name in self.__struct_fields__ if name in _SENTENCES)
        counted = ((getattr(self, name), _SENTENCES[name]) for name in told)
        return tuple(say.plural(*sentence, count) for count, sentence in counted if count)


_SENTENCES = {
    "cut_recordings": Plural(
        "1 recording breaks off before its end, as if the upload was cut; I read it as far as it goes.",
        "{count} recordings break off before their end, as if the upload was cut; I read them as far as they go.",
    ),
    "malformed_notes": Plural(
        "1 note was damaged and was left out.",
        "{count} notes were damaged and were left out.",
    ),
    "pitches_out_of_range": Plural(
        "1 note was outside MIDI's range and was left out.",
        "{count} notes were outside MIDI's range and were left out.",
    ),
    "impossible_times": Plural(
        "1 note had an impossible start or end and was left out.",
        "{count} notes had impossible starts or ends and were left out.",
    ),
    "times_too_late": Plural(
        "1 note lay beyond 6 hours and was left out.",
        "{count} notes lay beyond 6 hours and were left out.",
    ),
    "malformed_instruments": Plural(
        "1 instrument was damaged and was left out.",
        "{count} instruments were damaged and were left out.",
    ),
    "empty_instruments": Plural(
        "1 instrument had no notes and was left out.",
        "{count} instruments had no notes and were left out.",
    ),
    "doubled_instruments": Plural(
        "1 instrument played only what another plays and was left out.",
        "{count} instruments played only what others play and were left out.",
    ),
    "velocities_held": Plural(
        "1 note was louder or quieter than MIDI allows and got the limit.",
        "{count} notes were louder or quieter than MIDI allows and got the limit.",
    ),
    "velocities_guessed": Plural(
        "1 note had no loudness and got a middle one.",
        "{count} notes had no loudness and got a middle one.",
    ),
    "merged_notes": Plural(
        "1 note doubled another and was merged with it.",
        "{count} notes doubled others and were merged with them.",
    ),
    "cut_notes": Plural(
        "1 note was shortened, because the same pitch began again.",
        "{count} notes were shortened, because the same pitch began again.",
    ),
    "lengthened_notes": Plural(
        "1 note had no length and was made just long enough to sound.",
        "{count} notes had no length and were made just long enough to sound.",
    ),
    "unmapped_drum_tracks": Plural(
        "1 drum track's pitches are not those of a drum kit; I kept them as they are.",
        "{count} drum tracks' pitches are not those of a drum kit; I kept them as they are.",
    ),
    "shared_channel_tracks": Plural(
        "MIDI has 15 channels for melodies, so 1 track shares one.",
        "MIDI has 15 channels for melodies, so {count} tracks share them.",
    ),
    "melodies_in_drums": Plural(
        "1 file is called drums, but I hear a melody in it. “It is a…” under “More…” makes notes of it.",
        "{count} files are called drums, but I hear melodies in them. “It is a…” under “More…” makes notes of them.",
    ),
    "damaged_tracks": Plural(
        "1 track is damaged; I read it up to the damage.",
        "{count} tracks are damaged; I read each up to the damage.",
    ),
    "missing_tracks": Plural(
        "1 track that the file announces is missing.",
        "{count} tracks that the file announces are missing.",
    ),
    "unclosed_notes": Plural(
        "1 note never ends in the file; I end it with its track.",
        "{count} notes never end in the file; I end them with their tracks.",
    ),
    "controls_left_out": Plural(
        "1 pedal move or pitch bend is not in the copies I make.",
        "{count} pedal moves and pitch bends are not in the copies I make.",
    ),
}
