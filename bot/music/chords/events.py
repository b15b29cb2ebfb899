"""Chords as events of a MIDI file: markers, which sequencers show, and Yamaha's XF chord names, which notation programs read."""

from bot.music.chords.chord import Chord, Quality
from bot.music.chords.hear import Chords
from bot.music.columns import Seconds, np
from bot.music.smf import write as smf
from bot.music.song import Song
from bot.music.timeline.tempo_map import TempoMap

_MARKER = 0x06
_SEQUENCER_SPECIFIC = 0x7F
_XF_CHORD = bytes((0x43, 0x7B, 0x01))

_XF_KINDS = {
    Quality.MAJOR: 0, Quality.MAJOR_SEVENTH: 2, Quality.AUGMENTED: 7, Quality.MINOR: 8, Quality.MINOR_SEVENTH: 10,
    Quality.HALF_DIMINISHED: 11, Quality.DIMINISHED: 17, Quality.DIMINISHED_SEVENTH: 18, Quality.SEVENTH: 19,
    Quality.POWER: 31, Quality.SUSPENDED_FOURTH: 32, Quality.SUSPENDED_SECOND: 33,
}  # fmt: skip
_XF_NOTES = "CDEFGAB"
_XF_NONE = 0x7F
_XF_NATURAL = 3


_WITH_NOTE_SECONDS = 0.12
"""A chord that is heard so near to a note begins with it: MuseScore takes a name only where a note is."""


def chord_events(chords: Chords, song: Song, tempo_map: TempoMap) -> list[tuple[int, bytes]]:
    """Ticks and events without their deltas, in order; where nothing sounds there is none."""
    told = [one for one in chords.heard if one.chord]
    seconds = chords.bars.tempo_map.at(np.array([one.start_ticks for one in told], np.int64))
    seconds = _with_notes(seconds, song)
    found: list[tuple[int, bytes]] = []
    for one, tick in zip(told, tempo_map.ticks_at(seconds).tolist(), strict=True):
        if one.chord:
            found += [
                (tick, smf.meta_text(_MARKER, one.chord.plain_name)),
                (tick, bytes((0xFF, _SEQUENCER_SPECIFIC, 7)) + _xf(one.chord)),
            ]
    return found


def _with_notes(seconds: Seconds, song: Song) -> Seconds:
    """Each time moved to the nearest beginning of a note that has a pitch, where one is near."""
    starts = [track.start_seconds for track in song.tracks if len(track) and not track.is_drums]
    if not starts:
        return seconds
    onsets = np.unique(np.concatenate(starts))
    next_one = np.clip(np.searchsorted(onsets, seconds), 1, max(len(onsets) - 1, 1))
    before, after = onsets[next_one - 1], onsets[np.minimum(next_one, len(onsets) - 1)]
    nearest = np.where(seconds - before <= after - seconds, before, after)
    moved = np.where(np.abs(nearest - seconds) <= _WITH_NOTE_SECONDS, nearest, seconds)
    return np.asarray(np.maximum.accumulate(moved))


def _xf(chord: Chord) -> bytes:
    """Root and kind, then the same of what is below; XF has no other word for one low note than a chord of that name."""
    bass = (_xf_note(chord.bass_fifths), _XF_NONE) if chord.bass else (_XF_NONE, _XF_NONE)
    return _XF_CHORD + bytes((_xf_note(chord.fifths), _XF_KINDS[chord.quality], *bass))


def _xf_note(fifths: int) -> int:
    signs, letter = divmod(fifths + 1, 7)
    return (_XF_NATURAL + signs) << 4 | _XF_NOTES.index("FCGDAEB"[letter]) + 1
