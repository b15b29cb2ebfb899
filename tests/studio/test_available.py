"""Whether the studio can run, told without importing anything heavy."""

import subprocess
import sys
from importlib.machinery import ModuleSpec
from importlib.metadata import PackageNotFoundError
from importlib.util import find_spec
from pathlib import Path

import pytest

from bot import studio


def test_it_is_available_where_all_is_installed() -> None:
    assert studio.available() is None


@pytest.mark.parametrize("missing", ["onnxruntime", "av", "soxr", "numpy"])
def test_a_missing_package_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str) -> ModuleSpec | None:
        return None if name == missing else find_spec(name)

    monkeypatch.setattr(studio, "find_spec", without)

    reason = studio.available() or ""

    assert reason == (
        "this installation has no built-in studio: set KIE_API_KEY or STUDIO_URL, or use the image"
        f" ({missing} is not installed)"
    )


def test_a_missing_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(studio, "distribution", without)

    assert (studio.available() or "").endswith("or use the image (basic-pitch is not installed)")


def test_the_service_imports_nothing_heavy() -> None:
    heavy = "{'numpy', 'onnxruntime', 'av', 'soxr'}"
    asked = f"import sys, bot.studio.service as s; from bot import studio; studio.available(); print({heavy} & set(sys.modules))"

    out = subprocess.run(  # noqa: S603 - our own text
        [sys.executable, "-c", asked],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[2],
        text=True,
    )

    assert out.stdout.strip() == "set()"
