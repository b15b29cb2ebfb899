"""The tools that measure, and the page that tells what was measured. Nothing here is timed."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.memory import highest_of, memory_of
from tests.process import heartbeat

ROOT = Path(__file__).resolve().parents[1]


def test_every_benchmark_is_on_the_page_with_its_command() -> None:
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    folder = ROOT / "tests" / "benchmarks"
    names = [file.stem for file in folder.glob("*.py") if "def main" in file.read_text(encoding="utf-8")]
    assert "main_job" in names
    assert [name for name in names if f"uv run python -m tests.benchmarks.{name}\n" not in page] == []


async def test_a_held_up_loop_is_a_gap_as_long_as_it_was_held(tmp_path: Path) -> None:
    file = tmp_path / "gaps.json"
    async with heartbeat._beating(file):
        await asyncio.sleep(0.01)
        before = time.monotonic()
        time.sleep(0.1)  # noqa: ASYNC251 (holding it up is the point)
        await asyncio.sleep(0.01)
    gaps = heartbeat.read_gaps(file)
    assert any(gap.late_ms >= 90 and before < gap.at_seconds for gap in gaps)


def test_memory_counts_children() -> None:
    alone = memory_of(os.getpid())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        both = memory_of(os.getpid())
        child.communicate(b"\n")
    assert both.rss_mb > alone.rss_mb > 0


async def test_the_highest_memory_is_kept_after_it_was_given_back() -> None:
    async with highest_of(os.getpid()) as highest:
        held = bytearray(b"x" * 80_000_000)
        during = memory_of(os.getpid()).rss_mb
        await asyncio.sleep(0.2)
        del held
    assert highest[0].rss_mb >= during - 5
