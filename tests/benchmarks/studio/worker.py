"""The transcriber's own process, asked as the service asks it."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final, Self

import psutil

from bot.studio.names import part_of
from bot.studio.worker import COMMAND

SONG_MB: Final = "1024"


class Worker:
    """A running transcriber; what it makes once is in `cache`."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        root = Path(__file__).parents[3]
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", *COMMAND, str(self._cache), SONG_MB],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=root,
            env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"},
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    @property
    def since_start_s(self) -> float:
        """How long ago it was started."""
        return time.perf_counter() - self._began

    def transcribe(self, path: Path, file_name: str) -> dict[str, Any]:
        """`found` as (instrument, (start, end, pitch)), `cpu_s` of this call, `peak_mb` so far."""
        before = self._cpu_s()
        out = path.with_suffix(".json")
        part = part_of(file_name)
        self._ask(
            do="transcribe",
            path=str(path),
            instrument=part.instrument,
            drum_kit=part.drum_kit,
            mix=part.mix,
            out=str(out),
        )
        instruments = json.loads(out.read_bytes())["instruments"]
        return {
            "found": [
                (each["name"], (note["start"], note["end"], note["pitch"]))
                for each in instruments
                for note in each["notes"]
            ],
            "cpu_s": self._cpu_s() - before,
            "peak_mb": self._peak_mb(),
        }

    def _ask(self, **request: Any) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"limit_seconds": 3600, **request}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = {"progress": 0.0}
        while "progress" in answer:
            answer = json.loads(self._process.stdout.readline())
        if "error" in answer or "broke" in answer:
            raise SystemExit(f"the transcriber said: {answer}")

    def _cpu_s(self) -> float:
        """With that of its ended children."""
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)

    def _peak_mb(self) -> float:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        (peak,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
        return int(peak.split()[1]) * 1024 / 1e6
