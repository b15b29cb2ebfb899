"""Which channel each track plays on: drums on channel 10, melodic tracks on one of the other fifteen."""

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from bot.music.instruments.programs import family
from bot.music.song import Track

DRUM_CHANNEL = 9
"""Channel 10 to people; bytes count from 0."""

MELODIC_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)


class Seat(msgspec.Struct, frozen=True):
    """A track's channel 0..15 and the program that the channel plays."""

    channel: int
    program: int
    is_shared: bool
    """Whether another melodic track is on the channel too."""


class _Group(msgspec.Struct):
    """Melodic tracks that share a channel; `program` is that of the track with most notes."""

    members: list[int] = msgspec.field(default_factory=list)
    program: int = 0
    notes: int = 0
    notes_of_leader: int = -1

    def add(self, index: int, track: Track) -> None:
        self.members.append(index)
        self.notes += len(track)
        if len(track) > self.notes_of_leader:
            self.program, self.notes_of_leader = track.program, len(track)

    def absorb(self, other: "_Group") -> None:
        self.members += other.members
        self.notes += other.notes
        if other.notes_of_leader > self.notes_of_leader:
            self.program, self.notes_of_leader = other.program, other.notes_of_leader


def seats(tracks: Sequence[Track]) -> tuple[Seat, ...]:
    """A seat for each of `tracks`.

    Up to 15 melodic tracks have a channel each: two programs on one channel make MuseScore merge parts. Beyond
    that, tracks of one program share, then the smallest groups within a family, then the smallest of all.
    """
    melodic = [index for index, track in enumerate(tracks) if not track.is_drums]
    groups = (
        _one_each(melodic, tracks) if len(melodic) <= len(MELODIC_CHANNELS) else _by_program(melodic, tracks)
    )
    while len(groups) > len(MELODIC_CHANNELS):
        smaller, larger = _two_to_join(groups)
        larger.absorb(smaller)
        groups.remove(smaller)
    found = {
        index: Seat(DRUM_CHANNEL, 0, is_shared=False) for index, track in enumerate(tracks) if track.is_drums
    }
    for channel, group in zip(MELODIC_CHANNELS, groups, strict=False):
        seat = Seat(channel, group.program, len(group.members) > 1)
        found.update(dict.fromkeys(group.members, seat))
    return tuple(found[index] for index in range(len(tracks)))


def _one_each(melodic: Sequence[int], tracks: Sequence[Track]) -> list[_Group]:
    groups = [_Group() for _ in melodic]
    for group, index in zip(groups, melodic, strict=True):
        group.add(index, tracks[index])
    return groups


def _by_program(melodic: Sequence[int], tracks: Sequence[Track]) -> list[_Group]:
    groups: defaultdict[int, _Group] = defaultdict(_Group)
    for index in melodic:
        groups[tracks[index].program].add(index, tracks[index])
    return list(groups.values())


def _two_to_join(groups: list[_Group]) -> tuple[_Group, _Group]:
    """The smallest group that has a relative, with its smallest relative; without any family, the smallest two."""
    by_size = sorted(groups, key=lambda group: group.notes)
    for at, smaller in enumerate(by_size):
        for larger in by_size[at + 1 :]:
            if family(smaller.program) == family(larger.program):
                return smaller, larger
    return by_size[0], by_size[1]
