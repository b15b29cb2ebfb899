"""When notes begin, as columns over all instruments: what beats and bars are heard from."""

import msgspec

from bot.music.columns import Bytes, Flags, Seconds, np
from bot.music.song import Song

LONGEST_SECONDS = 1800.0
"""Half an hour; beyond, a grid of one song is no longer likely, and looking for it would cost seconds."""


class Onsets(msgspec.Struct, frozen=True):
    """All notes of a song, by start."""

    start: Seconds
    end: Seconds
    pitch: Bytes
    weight: Seconds
    """Loudness 0..1."""
    is_drums: Flags

    @classmethod
    def of(cls, song: Song) -> "Onsets":
        """The notes of `song` that begin in its first half hour."""
        tracks = [track for track in song.tracks if len(track)]
        if not tracks:
            return cls(np.empty(0), np.empty(0), np.empty(0, np.uint8), np.empty(0), np.empty(0, np.bool_))
        start = np.concatenate([track.start_seconds for track in tracks])
        order = np.argsort(start, kind="stable")
        order = order[: int(np.searchsorted(start[order], LONGEST_SECONDS))]
        return cls(
            start=start[order],
            end=np.concatenate([track.end_seconds for track in tracks])[order],
            pitch=np.concatenate([track.pitch for track in tracks])[order],
            weight=np.concatenate([track.velocity for track in tracks])[order] / 127.0,
            is_drums=np.concatenate([np.full(len(track), track.is_drums) for track in tracks])[order],
        )

    def halves(self) -> "tuple[Onsets, Onsets]":
        """Those of the first and of the second half of the time, at the seconds that they have."""
        middle = int(np.searchsorted(self.start, (self.start[0] + self.start[-1]) / 2))
        return self._some(slice(middle)), self._some(slice(middle, None))

    def _some(self, which: slice) -> "Onsets":
        return Onsets(
            self.start[which], self.end[which], self.pitch[which], self.weight[which], self.is_drums[which]
        )

    def __len__(self) -> int:
        return len(self.start)
