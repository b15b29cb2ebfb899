"""What networks are trained on, as far as it takes no sound font and no torch."""

from pathlib import Path

import numpy as np
import pytest

from scripts.training.music.compose import compose
from scripts.training.music.piece import KIT, Note, Part, Piece, Stroke
from scripts.training.score import Tally
from scripts.training.sound.kits import synthesised
from scripts.training.sound.production import CODECS, coded
from scripts.training.sound.sounds import RATE_HZ
from scripts.training.whole import written


def test_a_piece_is_the_same_for_the_same_seed() -> None:
    assert compose(np.random.default_rng([1, 2]), 12) == compose(np.random.default_rng([1, 2]), 12)
    assert compose(np.random.default_rng([1, 2]), 12) != compose(np.random.default_rng([1, 3]), 12)


def test_pieces_can_be_played() -> None:
    for seed in range(20):
        piece = compose(np.random.default_rng(seed), 12)
        notes = [note for part in piece.parts for note in part.notes]
        assert notes
        assert all(21 <= note.pitch <= 108 and 0 <= note.start < note.end for note in notes)
        assert all(0 < note.velocity <= 1 for note in notes)
        assert all(stroke.start >= 0 and 0 < stroke.velocity <= 1 for stroke in piece.strokes)


def test_a_cut_begins_at_nought_and_leaves_out_what_had_begun() -> None:
    notes = [Note(0.5, 3.0, 60, 0.5), Note(1.5, 9.0, 62, 0.5), Note(4.0, 5.0, 64, 0.5)]
    piece = Piece([Part(0, 1.0, notes)], [Stroke(1.0, 36, 0.5), Stroke(2.0, 38, 0.5)])

    cut = piece.cut(1.0, 2.0)

    assert cut.parts[0].notes == [Note(0.5, 2.0, 62, 0.5)]
    assert cut.strokes == [Stroke(0.0, 36, 0.5), Stroke(1.0, 38, 0.5)]


def test_a_run_that_is_ended_while_it_writes_leaves_no_half_a_file(tmp_path: Path) -> None:
    kept = tmp_path / "00001.npz"
    with pytest.raises(ValueError, match="allow_pickle"), written(kept) as file:
        np.savez(file, allow_pickle=False, whole=np.arange(3), half=np.array([object()]))
    assert not kept.exists()
    with written(kept) as file:
        np.savez(file, seen=np.arange(3))
    with np.load(kept) as found:
        assert found["seen"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("piece", sorted(set(KIT.values())))
def test_each_piece_of_a_kit_can_be_made_of_numbers(piece: int) -> None:
    shot = synthesised(np.random.default_rng(piece), piece)

    assert shot.dtype == np.float32
    assert np.abs(shot).max() == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec[1])
def test_a_codec_moves_nothing(codec: tuple[str, str, int]) -> None:
    sound = np.zeros(RATE_HZ, np.float32)
    for at in (0.2, 0.5, 0.7):
        click = synthesised(np.random.default_rng(3), 1)[: RATE_HZ // 4]
        sound[round(at * RATE_HZ) :][: click.size] += 0.5 * click

    heard = coded(sound, codec, 96_000)

    assert heard.size == sound.size
    assert np.corrcoef(heard, sound)[0, 1] > 0.9


def test_strokes_are_right_within_fifty_milliseconds() -> None:
    tally = Tally()

    tally.strokes([1.0, 2.0, 3.0], [1.04, 2.06, 5.0])

    assert (tally.right, tally.wanted, tally.found) == (1, 3, 3)


def test_notes_are_right_by_pitch_beginning_and_if_asked_end() -> None:
    truth = [Note(1.0, 2.0, 60, 0.5), Note(1.02, 1.5, 60, 0.5), Note(3.0, 4.0, 62, 0.5)]
    found = [Note(1.03, 1.1, 60, 0.5), Note(3.0, 4.0, 63, 0.5)]
    begun, ended = Tally(), Tally()

    begun.notes(truth, found, ends=False)
    ended.notes(truth, found, ends=True)

    assert (begun.right, begun.wanted, begun.found) == (1, 2, 2)
    assert ended.right == 0
