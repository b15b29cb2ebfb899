"""The built-in studio: a kie-compatible service on loopback with real transcription behind it."""

from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from typing import Final

NEEDED: Final = {"av": "av", "onnx": "onnx", "onnxruntime": "onnxruntime", "soxr": "soxr", "numpy": "numpy"}
"""What the transcriber imports, and the name under which each is installed."""

_NOT_HERE: Final = "this installation has no built-in studio: set KIE_API_KEY or STUDIO_URL, or use the image"
"""Said where nobody can install more: what is missing follows for those who can."""


def available() -> str | None:
    """None where the studio can run, else one line that says what is missing. Imports nothing heavy."""
    for module, package in NEEDED.items():
        if find_spec(module) is None:
            return f"{_NOT_HERE} ({package} is not installed)"
    try:
        installed = distribution("basic-pitch")
    except PackageNotFoundError:
        return f"{_NOT_HERE} (basic-pitch is not installed)"
    if not any(str(file).endswith("nmp.onnx") for file in installed.files or ()):
        return f"{_NOT_HERE} (basic-pitch is installed without its model)"
    return None
