"""Which versions are installed: pyproject.toml, requirements.txt and the program say the same."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bot.version import VERSION

ROOT = Path(__file__).parent.parent


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def constraints() -> set[str]:
    return set(project()["tool"]["uv"]["constraint-dependencies"])


def requirements() -> dict[str, list[str]]:
    """Pins of requirements.txt, each with its hashes."""
    whole_lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    parts = [re.split(r"\s+--hash=", line) for line in whole_lines]
    return {pin.strip(): [value.strip() for value in hashes] for pin, *hashes in parts if pin.strip()}


def test_requirements_are_pins_of_the_project_with_hashes() -> None:
    pinned = requirements()
    assert set(pinned) <= constraints()
    assert all(hashes and all(value.startswith("sha256:") for value in hashes) for hashes in pinned.values())


def test_the_version_that_is_told_is_the_one_that_is_released() -> None:
    assert project()["project"]["version"] == VERSION


@pytest.mark.parametrize("dependency", project()["project"]["dependencies"])
def test_a_dependency_is_pinned_to_a_version_in_its_range(dependency: str) -> None:
    wanted = Requirement(dependency)
    pins = [Requirement(pin) for pin in requirements()]
    versions = [
        specifier.version
        for pin in pins
        if canonicalize_name(pin.name) == canonicalize_name(wanted.name)
        for specifier in pin.specifier
    ]
    assert versions
    assert all(wanted.specifier.contains(version) for version in versions)
