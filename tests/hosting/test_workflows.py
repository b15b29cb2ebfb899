"""What GitHub runs: pinned, without rights that a job does not need, and what .ci/run does."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts import release_notes

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_with_their_version_beside(path: Path) -> None:
    uses = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    assert uses
    for line in uses:
        assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_job_has_the_rights_it_needs_and_an_end(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert job["permissions"], name
        assert job["timeout-minutes"] <= 90, name
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            assert "${{" not in step.get("run", ""), "values of others come by the environment"


def test_ci_does_what_the_script_does_on_every_python() -> None:
    jobs = read(ROOT / ".github" / "workflows" / "ci.yml")["jobs"]
    assert {"run": ".ci/run"} in jobs["checks"]["steps"]
    assert jobs["tests"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert any("arm" in each["machine"] for each in jobs["tests"]["strategy"]["matrix"]["include"])


def test_the_image_is_made_for_both_machines_with_its_papers() -> None:
    steps = read(ROOT / ".github" / "workflows" / "release.yml")["jobs"]["image"]["steps"]
    (build,) = [step["with"] for step in steps if "build-push-action" in step.get("uses", "")]
    assert build["platforms"] == "linux/amd64,linux/arm64"
    assert build["sbom"] is True
    assert build["provenance"] == "mode=max"


CHANGELOG = """# Changelog

## [Unreleased]

## [0.2.0] - 2030-01-02

### Added

- Two.

## [0.1.0] - 2030-01-01

- One.
"""


@pytest.mark.parametrize(("tag", "said"), [("v0.2.0", "### Added\n\n- Two.\n"), ("0.1.0", "- One.\n")])
def test_the_notes_of_a_release_are_its_part_of_the_changelog(tag: str, said: str) -> None:
    assert release_notes.notes(CHANGELOG, tag) == said


@pytest.mark.parametrize("tag", ["v0.3.0", "v0.1", "vUnreleased", "v0x1.0"])
def test_a_release_without_notes_is_refused(tag: str) -> None:
    with pytest.raises(release_notes.NoNotesError):
        release_notes.notes(CHANGELOG, tag)
