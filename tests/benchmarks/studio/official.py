"""The official package in an environment of its own: made here, and gone afterwards.

Its TensorFlow is left out (it would be 2 GB); it runs on the same onnxruntime.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

PACKAGES: Final = ("basic-pitch[onnx]==0.4.0", "setuptools<81")
"""resampy 0.4.2 asks for pkg_resources, which later setuptools lack."""
LEFT_OUT: Final = "tensorflow ; sys_platform == 'never'\ntensorflow-macos ; sys_platform == 'never'\n"

SCRIPT: Final = """
import contextlib, json, logging, resource, sys, time, warnings
warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)
began = time.perf_counter()
with contextlib.redirect_stdout(sys.stderr):
    from basic_pitch import ICASSP_2022_MODEL_PATH
    from basic_pitch.inference import Model, predict
    model = Model(ICASSP_2022_MODEL_PATH)
for line in sys.stdin:
    cpu = time.process_time()
    with contextlib.redirect_stdout(sys.stderr):
        events = predict(json.loads(line), model)[2]
    print(json.dumps({
        "notes": [[float(start), float(end), int(pitch)] for start, end, pitch, *_ in events],
        "cpu_s": time.process_time() - cpu,
        "since_start_s": time.perf_counter() - began,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
    }), flush=True)
"""


class Official:
    """One process with the package loaded."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def predict(self, path: Path) -> dict[str, Any]:
        """`notes` as (start, end, pitch), `cpu_s` of this call, `peak_mb` so far, `since_start_s`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(str(path)) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def environment() -> Iterator[Path]:
    """A Python that has the package."""
    with tempfile.TemporaryDirectory(prefix="official-") as folder:
        overrides = Path(folder) / "overrides.txt"
        overrides.write_text(LEFT_OUT)
        python = Path(folder) / "env" / "bin" / "python"
        for command in (
            ("venv", "-q", "-p", sys.executable, str(python.parents[1])),
            ("pip", "install", "-q", "-p", str(python), "--override", str(overrides), *PACKAGES),
        ):
            # Not in this repository's folder: what its own settings leave out of basic-pitch is needed here.
            subprocess.run(("uv", *command), check=True, cwd=folder)  # noqa: S603, S607 - literals and our own paths
        yield python


@contextmanager
def running(python: Path) -> Iterator[Official]:
    """The package in a process of its own."""
    command = [str(python), "-c", SCRIPT]
    with subprocess.Popen(  # noqa: S603 - the environment made above
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield Official(process)
        assert process.stdin is not None
        process.stdin.close()
