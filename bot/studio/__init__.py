"""The built-in studio: a kie-compatible service on loopback with real transcription behind it."""

from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from typing import Final

NEEDED: Final = {"av": "av", "onnx": "onnx", "onnxruntime": "onnxruntime", "soxr": "soxr", "numpy": "numpy"}
"""What the transcriber imports, and the name under which each is installed."""

HOW: Final = "install the studio's packages (`uv sync --group studio`), or set KIE_API_KEY"


def available() -> str | None:
    """None where the studio can run, else one line that says what is missing. Imports nothing heavy."""
    for module, package in NEEDED.items():
        if find_spec(module) is None:
            return f"{package} is not installed: {HOW}"
    try:
        installed = distribution("basic-pitch")
    except PackageNotFoundError:
        return f"basic-pitch is not installed: {HOW}"
    if not any(str(file).endswith("nmp.onnx") for file in installed.files or ()):
        return f"basic-pitch is installed without its model: {HOW}"
    return None
