"""The cheap graph as a file: made once for each model and each way of rewriting it, then only looked up."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import bot

TIMEOUT_SECONDS: Final = 60.0
"""It takes 1.3 CPU seconds."""


class NotRewrittenError(Exception):
    """There is no cheap graph, and why; the original does."""


def cheap(model: Path, folder: Path) -> Path:
    """The cheap graph of `model`, in `folder`.

    Raises:
        NotRewrittenError: it is not there and cannot be made.
    """
    try:
        path = folder / f"notes-{_key(model)}.onnx"
        if not path.exists():
            _make(model, path)
            for older in folder.glob("notes-*.onnx"):
                if older != path:
                    older.unlink(missing_ok=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise NotRewrittenError(str(error)) from error
    return path


def _key(model: Path) -> str:
    """Changes with the model and with the code that rewrites it."""
    digest = hashlib.sha256(model.read_bytes())
    for code in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(code.read_bytes())
    return digest.hexdigest()[:32]


def _make(model: Path, path: Path) -> None:
    command = [sys.executable, "-P", "-m", "bot.studio.transcriber.graph", str(model), str(path)]
    environment = os.environ | {"PYTHONPATH": str(Path(bot.__file__).parent.parent)}
    done = subprocess.run(  # noqa: S603 - our own module
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
        text=True,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise NotRewrittenError(last[0] if last else f"the rewriting ended with {done.returncode}")
