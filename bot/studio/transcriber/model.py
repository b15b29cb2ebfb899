"""The basic-pitch network, run window by window over blocks of samples."""

import logging
from collections.abc import Iterable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bot.modest import is_want_of_memory
from bot.studio.transcriber.activity import SURE, Activity, Grid, Seen
from bot.studio.transcriber.decode import RATE_HZ, Samples
from bot.studio.transcriber.fundamentals import Fundamentals
from bot.studio.transcriber.graph.kept import NotRewrittenError, cheap

log = logging.getLogger(__name__)

HOP: Final = 256
"""Samples from one frame to the next: 11.6 ms."""
WINDOW: Final = 43_844
STRIDE: Final = 36_164
EDGE_FRAMES: Final = 15
"""Frames dropped on both sides of a window, where the network lacks context."""
KEPT_FRAMES: Final = 142

MODEL: Final = "basic_pitch/saved_models/icassp_2022/nmp.onnx"
OUTPUTS: Final = (("notes", "onsets"), ("StatefulPartitionedCall:1", "StatefulPartitionedCall:2"))
"""Names in the cheap graph, which gives the kept frames alone, and in the original one."""


def seconds_of(frame: NDArray[np.int64]) -> NDArray[np.float64]:
    """When frames begin. Windows do not overlap by a whole number of frames, so the grid is not quite even."""
    window, within = np.divmod(frame, KEPT_FRAMES)
    seconds: NDArray[np.float64] = (window * STRIDE + within * HOP) / RATE_HZ
    return seconds


def model_path() -> Path:
    """The network inside the installed basic-pitch package; it is not copied anywhere."""
    return Path(str(distribution("basic-pitch").locate_file(MODEL)))


class Model:
    """A loaded network; about 30 MB and 0.1 s."""

    def __init__(self, cache: Path) -> None:
        """Load the cheap graph from the folder `cache`, where it is made if it is not there."""
        self._session = _cheap_session(cache) or _session(model_path())
        self._input = self._session.get_inputs()[0].name
        names = {output.name for output in self._session.get_outputs()}
        self._outputs = next(list(pair) for pair in OUTPUTS if names.issuperset(pair))
        self._fundamentals = Fundamentals(first=EDGE_FRAMES * HOP, hop=HOP, count=KEPT_FRAMES)

    def look(self, blocks: Iterable[Samples], seen: Seen) -> None:
        """Run over a whole song; `seen` keeps what is seen."""
        for window in _windows(blocks):
            notes, onsets = self._session.run(self._outputs, {self._input: window[None, :, None]})
            seen.add(
                Activity(
                    _kept(notes[0]), _kept(onsets[0]), self._fundamentals.levels(window), _levels(window)
                )
            )

    def activity(self, blocks: Iterable[Samples]) -> Activity:
        """What is seen in a short piece, held whole."""
        with Seen() as seen:
            self.look(blocks, seen)
            return seen.part(0, seen.frames)


def _cheap_session(cache: Path) -> onnxruntime.InferenceSession | None:
    try:
        path = cheap(model_path(), cache)
    except NotRewrittenError as error:
        log.warning("the network stays as it is, at three times the cost: %s", error)
        return None
    try:
        return _session(path)
    except Exception as error:
        if is_want_of_memory(error):
            raise
        # Errors of onnxruntime have no base of their own.
        log.warning("the cheap network cannot be loaded and will be made anew at the next start: %s", error)
        path.unlink(missing_ok=True)
        return None


def _session(model: Path) -> onnxruntime.InferenceSession:
    """One window at a time on one thread: batches cost hundreds of MB, threads cost CPU, and neither wins much."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _kept(frames: NDArray[np.float32]) -> Grid:
    """The middle frames, as [88, frames] in bytes; the cheap graph gives no others."""
    edge = (len(frames) - KEPT_FRAMES) // 2
    return np.rint(frames[edge : edge + KEPT_FRAMES] * SURE).astype(np.uint8).T


def _levels(window: Samples) -> NDArray[np.float32]:
    start = EDGE_FRAMES * HOP
    frames = window[start : start + KEPT_FRAMES * HOP].reshape(KEPT_FRAMES, HOP)
    level: NDArray[np.float32] = np.sqrt(np.mean(frames**2, axis=1))
    return level


def _windows(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """Overlapping windows, with silence before the start and after the end so that every sample is kept once."""
    waiting = [np.zeros(EDGE_FRAMES * HOP, np.float32)]
    size = waiting[0].size
    fresh = 0
    for block in blocks:
        waiting.append(block)
        size += block.size
        fresh += block.size
        if size < WINDOW:
            continue
        joined = np.concatenate(waiting)
        while joined.size >= WINDOW:
            yield joined[:WINDOW]
            joined = joined[STRIDE:]
            fresh -= STRIDE
        waiting, size = [joined], joined.size
    while fresh > 0:
        joined = np.concatenate([*waiting, np.zeros(WINDOW, np.float32)])
        yield joined[:WINDOW]
        waiting = [joined[STRIDE:WINDOW]]
        fresh -= STRIDE
