"""Strokes by the network, on beats whose strokes are known. The network itself is as good as docs/benchmarks.md says."""

from collections.abc import Iterator

import numpy as np
import pytest
import soxr

from bot.studio.transcriber import bands
from bot.studio.transcriber.decode import RATE_HZ, Samples
from bot.studio.transcriber.kit import PIECES, Hit, Kit, peaks, strokes
from bot.studio.transcriber.rows import Rows
from tests.studio import sounds

BEAT_SECONDS = 0.5
KICKS = [0.25 + BEAT_SECONDS * beat for beat in range(0, 24, 2)]
SNARES = [0.25 + BEAT_SECONDS * beat for beat in range(1, 24, 2)]
SECONDS = 13.0


@pytest.fixture(scope="module")
def kit() -> Kit:
    return Kit()


def low(sound: sounds.Samples) -> Samples:
    """At the transcriber's rate, which is half of the sounds' own."""
    return sound[::2].astype(np.float32)


def rock() -> Samples:
    kicks = [(at, sounds.kick()) for at in KICKS]
    snares = [(at, sounds.snare(round(at * 10))) for at in SNARES]
    hats = [(0.25 + BEAT_SECONDS / 2 * place, 0.4 * sounds.hat(place)) for place in range(48)]
    return low(sounds.placed([*kicks, *snares, *hats], SECONDS))


def chords() -> Samples:
    changes = [(60, 64, 67), (57, 60, 64), (53, 57, 60), (55, 59, 62)] * 3
    return low(np.concatenate([sounds.chord(chord) for chord in changes]))


def in_blocks(sound: Samples, size: int) -> Iterator[Samples]:
    yield from (sound[first : first + size] for first in range(0, sound.size, size))


def found(kit: Kit, sound: Samples, *, mixed: bool = False) -> list[Hit]:
    heard = bands.of([sound])
    return strokes(heard, kit.struck(heard), mixed=mixed)


def near(hits: list[Hit], pitch: int, times: list[float]) -> int:
    """How many of `times` have a stroke of `pitch` within 50 ms."""
    struck = np.array([hit.seconds for hit in hits if hit.pitch == pitch] or [-1.0])
    return sum(bool(np.abs(struck - at).min() < 0.05) for at in times)


def test_a_made_up_beat_is_found(kit: Kit) -> None:
    hits = found(kit, rock())

    assert near(hits, 36, KICKS) >= 11
    assert near(hits, 38, SNARES) >= 11


def test_a_beat_under_chords_is_found(kit: Kit) -> None:
    sound = rock()
    sound[: chords().size] += 0.3 * chords()[: sound.size]

    hits = found(kit, sound, mixed=True)

    assert near(hits, 36, KICKS) >= 9
    assert near(hits, 38, SNARES) >= 9


@pytest.mark.parametrize("loud", [0.1, 0.25, 0.5])
def test_the_hats_of_a_drum_machine_are_heard(kit: Kit, loud: float) -> None:
    times = [0.5 + BEAT_SECONDS * place for place in range(24)]
    kicks = [(at, sounds.kick()) for at in KICKS]
    snares = [(at, sounds.snare(round(at * 10))) for at in SNARES]
    bare_noise = [
        (at, loud * sounds.normalised(sounds.hat(place), 1) / 32_767) for place, at in enumerate(times)
    ]

    sound = sounds.placed([*kicks, *snares, *bare_noise], SECONDS)
    # Every other sample, as elsewhere here, would fold what is above 11 kHz down to where no such hat has anything.
    hits = found(kit, soxr.resample(sound, sounds.RATE_HZ, RATE_HZ).astype(np.float32))

    assert near(hits, 42, times) >= 22


def test_strokes_tell_how_hard_they_were(kit: Kit) -> None:
    loud_and_soft = [(at, sounds.kick() * (1.0 if place % 2 else 0.25)) for place, at in enumerate(KICKS)]

    hits = [hit for hit in found(kit, low(sounds.placed(loud_and_soft, SECONDS))) if hit.pitch == 36]

    soft = [hit.strength for hit in hits if any(abs(hit.seconds - at) < 0.05 for at in KICKS[::2])]
    loud = [hit.strength for hit in hits if any(abs(hit.seconds - at) < 0.05 for at in KICKS[1::2])]
    assert max(soft) < min(loud) <= 1.0


@pytest.mark.parametrize(
    "sound", [np.zeros(0), np.zeros(500), np.zeros(5 * RATE_HZ)], ids=["nothing", "an instant", "silence"]
)
def test_silence_has_no_strokes(kit: Kit, sound: Samples) -> None:
    assert found(kit, sound.astype(np.float32)) == []


def test_a_song_without_drums_has_none(kit: Kit) -> None:
    assert found(kit, chords(), mixed=True) == []


def test_drums_in_a_part_of_a_song_are_kept_to_it(kit: Kit) -> None:
    hits = found(kit, np.concatenate([*[chords()] * 4, rock()]), mixed=True)

    assert near(hits, 36, [48 + at for at in KICKS]) >= 11
    assert not [hit for hit in hits if hit.seconds < 12]


@pytest.mark.parametrize("size", [1, 700, 30_000])
def test_loudness_does_not_depend_on_how_the_sound_comes(size: int) -> None:
    sound = rock()[: 3 * RATE_HZ] if size > 1 else rock()[:3_000]

    assert np.array_equal(bands.of(in_blocks(sound, size)), bands.of([sound]))


def test_a_long_song_is_heard_as_if_at_once(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = bands.of([np.concatenate([rock(), chords(), rock()])])
    in_parts = kit.struck(heard)

    monkeypatch.setattr("bot.studio.transcriber.kit.BLOCK_FRAMES", len(heard))

    assert np.allclose(kit.struck(heard), in_parts, atol=1e-5)
    assert in_parts.shape == (len(heard), len(PIECES))


def test_loudness_may_wait_in_a_file(kit: Kit) -> None:
    sound = np.concatenate([rock(), chords(), rock()])
    with Rows(bands.BANDS) as rows:
        collected = bands.Bands(rows)
        for block in in_blocks(sound, 30_000):
            collected.feed(block)
        heard = collected.loudness()
        hits = strokes(heard, kit.struck(heard), mixed=True)

    assert hits == found(kit, sound, mixed=True)
    assert len(hits) > 50


@pytest.mark.parametrize(("doubtful", "is_struck"), [(100, True), (101, True), (104, False), (155, False)])
def test_a_doubtful_hat_is_believed_where_it_keeps_time(doubtful: int, is_struck: bool) -> None:
    struck = np.zeros((300, len(PIECES)), np.float32)
    struck[[50, 151], 2] = 0.9
    struck[doubtful, 2] = 0.3

    hits = strokes(np.full((300, bands.BANDS), 100, np.uint8), struck, mixed=False)

    assert [round(hit.seconds * RATE_HZ / bands.HOP) for hit in hits] == sorted(
        [50, 151, *([doubtful] if is_struck else [])]
    )


def test_of_two_peaks_close_together_the_surer_one_counts() -> None:
    sure = np.zeros(30, np.float32)
    sure[[3, 6, 15, 25]] = (0.6, 0.9, 0.7, 0.2)

    assert peaks(sure, 0.5).tolist() == [6, 15]
