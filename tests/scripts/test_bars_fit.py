"""The weights by which beats and bars are heard, fitted as the program has them."""

import runpy
from pathlib import Path

import numpy as np

from bot.music.meter.readings import WIDTH
from scripts.training.bars.fit import example, fit, write


def test_weights_are_fitted_on_made_up_songs_and_written_as_a_module(tmp_path: Path) -> None:
    examples = [example(seed) for seed in range(16)]
    known = [one for one in examples if one.right.any()]
    write(fit(examples, np.random.default_rng(0)), tmp_path / "weights.py")
    weights = runpy.run_path(str(tmp_path / "weights.py"))["WEIGHTS"]
    assert len(weights) == WIDTH
    # Of some 300 readings of a song one or two are right.
    assert np.mean([one.right[np.argmax(one.rows @ weights)] for one in known]) > 0.8
