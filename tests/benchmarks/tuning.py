"""How surely the studio finds the tuning of a recording, and what it costs: `uv run python -m tests.benchmarks.tuning`.

Songs by people, rendered, and played so much faster or slower that they are off by so many cents. Prints JSON.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from bot.studio.transcriber import decode, tuning
from tests.benchmarks.studio.pieces import songs
from tests.benchmarks.studio.render import render

CENTS: Final = (-45, -30, -20, 0, 20, 30, 45)
WITHIN_CENTS: Final = 10


def main() -> None:
    """Measure `--songs` songs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=int, default=10)
    count = parser.parse_args().songs
    right: dict[int, list[bool]] = {cents: [] for cents in CENTS}
    wrong = listened_seconds = cpu_seconds = 0.0
    drums = [0, 0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "song.wav"
        for piece in songs()[:count]:
            render(piece.notes, path)
            sound = np.concatenate(list(decode.blocks(path, limit_seconds=600)))
            for cents in CENTS:
                played = soxr.resample(sound, decode.RATE_HZ, decode.RATE_HZ / tuning.stretch(cents))
                began = time.process_time()
                found, _ = tuning.listened([played])
                cpu_seconds += time.process_time() - began
                listened_seconds += min(played.size / decode.RATE_HZ, tuning.LISTENED_SECONDS)
                right[cents].append(abs(found - cents) <= WITHIN_CENTS)
                wrong += found != 0 and not right[cents][-1]
            if beat := piece.strokes:
                render(beat, path)
                drums[0] += 1
                drums[1] += tuning.listened(decode.blocks(path, limit_seconds=600))[0] != 0
    tried = sum(map(len, right.values()))
    found_share = {str(cents): round(sum(each) / len(each), 2) for cents, each in right.items()}
    figures = {
        "songs": count,
        "right": found_share,
        "wrong": round(wrong / tried, 3),
        "drums_alone_with_a_tuning": f"{drums[1]} of {drums[0]}",
        "ms_a_minute": round(cpu_seconds / listened_seconds * 60 * 1000, 1),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
