"""The network's graph written anew: the same notes, and the original where that fails."""

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper

from bot.kie.strength import Strength
from bot.studio.transcriber import model
from bot.studio.transcriber.decode import Samples
from bot.studio.transcriber.graph import original, rewrite
from bot.studio.transcriber.graph.kept import NotRewrittenError, cheap
from bot.studio.transcriber.model import KEPT_FRAMES, OUTPUTS, Model, model_path
from bot.studio.transcriber.notes import find_notes
from tests.studio import sounds


def song(seconds: int = 12) -> Samples:
    """Chords over a bass line, in noise."""
    chance = random.Random(7)  # noqa: S311 - a fixed seed is the point
    placed = [
        (beat / 2, chance.uniform(0.3, 1) * sounds.tone(chance.randrange(28, 84), 0.7))
        for beat in range(2 * seconds - 2)
        for _ in range(3)
    ]
    noise = np.random.default_rng(1).normal(0, 0.003, seconds * sounds.RATE_HZ)
    return (sounds.placed(placed, seconds) * 0.2 + noise).astype(np.float32)


@pytest.fixture(scope="module")
def rewritten(studio_cache: Path) -> Model:
    return Model(studio_cache)


@pytest.fixture
def unchanged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Model]:
    with monkeypatch.context() as patched:
        patched.setattr(model, "cheap", refusing)
        yield Model(tmp_path)


def refusing(_: Path, __: Path) -> Path:
    raise NotRewrittenError("not today")


def test_it_answers_as_the_original_does(studio_cache: Path) -> None:
    window = song()[None, : rewrite.WINDOW, None]
    before = onnxruntime.InferenceSession(str(model_path()), providers=["CPUExecutionProvider"])
    after = onnxruntime.InferenceSession(
        str(cheap(model_path(), studio_cache)), providers=["CPUExecutionProvider"]
    )

    expected = before.run(list(OUTPUTS[1]), {before.get_inputs()[0].name: window})
    found = after.run(list(OUTPUTS[0]), {rewrite.INPUT: window})

    for one, other in zip(expected, found, strict=True):
        assert other.shape[1] == KEPT_FRAMES
        np.testing.assert_allclose(other, one[:, slice(*rewrite.KEPT)], atol=1e-3)


def test_it_hears_the_same_notes(rewritten: Model, unchanged: Model) -> None:
    heard, expected = (
        [(note.start, note.end, note.pitch) for note in find_notes(one.activity([song()]))[Strength.USUAL]]
        for one in (rewritten, unchanged)
    )

    assert len(expected) > 40
    assert heard == expected


def test_it_is_made_once(studio_cache: Path) -> None:
    first = cheap(model_path(), studio_cache)
    made = first.stat().st_mtime_ns

    assert cheap(model_path(), studio_cache).stat().st_mtime_ns == made


def test_another_model_has_another_file_and_the_old_one_goes(tmp_path: Path, studio_cache: Path) -> None:
    (tmp_path / "notes-old.onnx").write_bytes(b"")

    made = cheap(model_path(), tmp_path)

    assert made.name == cheap(model_path(), studio_cache).name
    assert list(tmp_path.iterdir()) == [made]


def test_a_model_of_another_kind_is_not_rewritten(tmp_path: Path) -> None:
    strange = onnx.load(str(model_path()))
    for tensor in strange.graph.initializer:
        if list(tensor.dims) == [1, 33, 3, 3]:
            tensor.CopyFrom(numpy_helper.from_array(np.zeros((1, 32, 3, 3), np.float32), tensor.name))
    onnx.save(strange, str(tmp_path / "strange.onnx"))

    with pytest.raises(original.UnknownGraphError, match=r"\(1, 33, 3, 3\)"):
        original.read(tmp_path / "strange.onnx")
    with pytest.raises(NotRewrittenError, match=r"\(1, 33, 3, 3\)"):
        cheap(tmp_path / "strange.onnx", tmp_path)


def test_where_it_cannot_be_kept_the_original_is_heard_with_and_that_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_bytes(b"")

    heard = Model(tmp_path / "file" / "no-folder").activity([song()])

    assert heard.sounding.max() > 200
    assert "stays as it is" in caplog.text


def test_a_damaged_file_is_told_and_made_anew_the_next_time(
    tmp_path: Path, studio_cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = cheap(model_path(), studio_cache)
    damaged = tmp_path / whole.name
    damaged.write_bytes(whole.read_bytes()[:1000])

    heard = Model(tmp_path).activity([song()])

    assert heard.sounding.max() > 200
    assert "cannot be loaded" in caplog.text
    assert not damaged.exists()


def test_a_file_that_only_found_no_memory_is_kept_for_the_next_song(
    tmp_path: Path, studio_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = cheap(model_path(), studio_cache)
    kept = tmp_path / whole.name
    kept.write_bytes(whole.read_bytes())

    def at_its_limit(*_: object, **__: object) -> None:
        raise RuntimeError("Exception during initialization: std::bad_alloc")

    monkeypatch.setattr(onnxruntime, "InferenceSession", at_its_limit)
    with pytest.raises(RuntimeError, match="bad_alloc"):
        Model(tmp_path)
    assert kept.exists()
