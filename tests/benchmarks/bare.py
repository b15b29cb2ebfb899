"""What the libraries take before a line of ours runs, beside ours; prints JSON.

Each is imported by a process of its own: CPU seconds, resident memory and modules; the median of three. `floor` are those that the bot
cannot do without, together; `bot` is all that is loaded when it connects.
"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import psutil

ROUNDS = 3

_FLOOR = "discord.ext.commands, sqlalchemy, pydantic_settings, structlog, msgspec"
_COGS = "cogs.midi, cogs.stems, cogs.library, cogs.pianola, cogs.greeting, cogs.controls"
LIBRARIES = {
    "python with asyncio": "asyncio",
    "aiohttp": "aiohttp",
    "discord.py": "discord.ext.commands",
    "SQLAlchemy": "sqlalchemy",
    "pydantic-settings": "pydantic_settings",
    "numpy": "numpy",
    "Pillow": "PIL.Image, PIL.ImageDraw, PIL.ImageFont",
    "floor": _FLOOR,
    "bot": f"bot.app, bot.cli, bot.chat.discord.gateway, {_COGS}",
}

_LOOK = """
import gc, json, time
gc.disable()
began = time.process_time()
import {names}
took = time.process_time() - began
import os, sys
print(json.dumps([took, len(sys.modules)]), flush=True)
sys.stdin.read()
"""


def main() -> None:
    """Import, look, print."""
    report = {name: _median([_loaded(names) for _ in range(ROUNDS)]) for name, names in LIBRARIES.items()}
    print(json.dumps(report, indent=1))


def _loaded(names: str) -> dict[str, float]:
    """What one process takes that loads these."""
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(  # noqa: S603 (this very Python, and words from above)
        [sys.executable, "-c", _LOOK.format(names=names)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:
        assert process.stdout
        seconds, modules = json.loads(process.stdout.readline())
        held = psutil.Process(process.pid).memory_info().rss / 1e6
        process.communicate()
    return {"cpu_s": seconds, "rss_mb": held, "modules": modules}


def _median(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(one[name] for one in rounds), 2) for name in rounds[0]}


if __name__ == "__main__":
    main()
