"""What only notes need is loaded when somebody says so, and not with the modules that work on them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

LOOK = """
import sys
from bot.music.rehearsal import rehearse
late = {"numpy", "PIL.Image", "PIL.ImageDraw", "PIL.ImageFont"}
print("before:", *late & set(sys.modules))
rehearse()
print("missing:", *late - set(sys.modules))
"""


def test_it_loads_what_was_not_loaded_before() -> None:
    told = subprocess.run(  # noqa: S603 (this very Python)
        [sys.executable, "-c", LOOK], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.splitlines() == ["before:", "missing:"]
