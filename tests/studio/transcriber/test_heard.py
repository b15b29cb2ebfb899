"""What was heard is kept, and told otherwise without being heard again."""

from pathlib import Path

import numpy as np
import pytest

from bot.kie.strength import Strength
from bot.studio.engine import NotHeardError, Wanted
from bot.studio.transcriber.heard import Heard, Table, keep, kept, packed
from bot.studio.transcriber.kit import Hit
from bot.studio.transcriber.tracks import BASS, DRUMS, REST
from bot.studio.transcriber.transcribe import told

LOW, HIGH, DOUBTFUL = (0, 1, 40, 0.5), (0, 1, 64, 0.5), (2, 3, 70, 0.25)
KICK = packed([Hit(0.5, 36, 0.75)])


def table(*notes: tuple[float, float, int, float]) -> Table:
    return np.array(notes, np.float32)


BAND = Heard(
    {
        Strength.FEWER: table(HIGH),
        Strength.USUAL: table(LOW, HIGH),
        Strength.MORE: table(LOW, HIGH, DOUBTFUL),
    },
    {True: KICK},
)


def tracks(heard: Heard, wanted: Wanted) -> dict[str, list[int]]:
    instruments = told(heard, wanted)["instruments"]
    return {each["name"]: [note["pitch"] for note in each["notes"]] for each in instruments}


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    keep(BAND, tmp_path / "heard.npz")

    again = kept(tmp_path / "heard.npz")
    assert again.strokes_of(mixed=True) == BAND.strokes_of(mixed=True)
    assert {strength: again.notes_of(strength) for strength in Strength} == {
        strength: BAND.notes_of(strength) for strength in Strength
    }
    assert [path.name for path in tmp_path.iterdir()] == ["heard.npz"]


@pytest.mark.parametrize("data", [None, b"", b"text", b"PK\x03\x04"])
def test_what_cannot_be_read_was_not_heard(tmp_path: Path, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / "heard.npz").write_bytes(data)

    with pytest.raises(NotHeardError):
        kept(tmp_path / "heard.npz")


def test_a_band_has_a_bass_drums_and_the_rest() -> None:
    assert tracks(BAND, Wanted("x", mix=True)) == {BASS: [40], REST: [64], DRUMS: [36]}


def test_without_drums_there_is_no_band() -> None:
    solo = Heard(BAND.notes, {True: packed([])})

    assert tracks(solo, Wanted("x", mix=True)) == {"x": [40, 64]}


def test_the_same_is_told_as_one_instrument_with_more_or_fewer_notes() -> None:
    assert tracks(BAND, Wanted("Harp", strength=Strength.MORE)) == {"Harp": [40, 64, 70]}
    assert tracks(BAND, Wanted("Harp", strength=Strength.FEWER)) == {"Harp": [64]}


@pytest.mark.parametrize(
    ("heard", "wanted"),
    [
        (Heard({}, {False: KICK}), Wanted("Harp")),
        (Heard(BAND.notes), Wanted("x", mix=True)),
        (BAND, Wanted("Drums", drum_kit=True)),
    ],
)
def test_what_was_not_listened_for_is_not_told(heard: Heard, wanted: Wanted) -> None:
    with pytest.raises(NotHeardError):
        told(heard, wanted)
