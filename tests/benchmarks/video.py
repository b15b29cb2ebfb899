"""What a video costs: CPU seconds, peak memory and bytes of half a minute of a dense song, and of all of it; prints JSON.

Each is made in a process of its own, as the bot does it. `draw_cpu_seconds` is what the frames alone take, in this one.
"""

import asyncio
import json
import resource
import time

from bot.music.read.parse import read_notes
from bot.music.song import Song
from bot.video.film import available, film
from bot.video.frames import count_of, frames
from bot.video.mp4 import encoder
from bot.video.shot import Which, shot
from tests.benchmarks.answers import answer

NOTES = 10_000
"""In four instruments, over four and a half minutes: 37 a second."""
MOST_BYTES = 10 * 1024 * 1024


def main() -> None:
    """Measure, print."""
    if not available():
        print(json.dumps({"missing": "a synthesizer, a sound font or an encoder"}))
        return
    song = read_notes(answer(NOTES))
    report: dict[str, object] = {"way": type(encoder()).__name__}
    # The longer one last: the peak is that of all processes so far.
    for which in (Which.LIVELIEST, Which.WHOLE):
        report[which] = asyncio.run(_video(song, which))
    print(json.dumps(report, indent=1))


async def _video(song: Song, which: Which) -> dict[str, float]:
    wanted = shot(song, "Benchmark", which, 30)
    drawn = time.process_time()
    for _ in frames(wanted):
        pass
    drawn = time.process_time() - drawn
    before, began = _children(), time.perf_counter()
    made = await film(wanted, most_bytes=MOST_BYTES)
    after = _children()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "seconds": round(wanted.seconds, 1),
        "frames": count_of(wanted),
        "wall_seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(cpu, 1),
        "draw_cpu_seconds": round(drawn, 1),
        "peak_rss_mb": round(after.ru_maxrss / 1024),
        "mp4_kb": round(len(made) / 1000),
    }


def _children() -> resource.struct_rusage:
    return resource.getrusage(resource.RUSAGE_CHILDREN)


if __name__ == "__main__":
    main()
