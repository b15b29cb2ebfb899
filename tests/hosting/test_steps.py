"""The steps of the image's first half, done here: what is installed and left works, without tests and playground."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.hosting.steps import commands, context


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_the_image_installs_has_studio_and_previews(
    tmp_path: Path, requires_program: Callable[[str], str]
) -> None:
    uv = os.environ.get("UV") or requires_program("uv")
    requires_program("strip")
    source, installed = context(tmp_path / "src"), tmp_path / "installed"
    (source / "shrink_image.py").write_bytes((source / "scripts" / "shrink_image.py").read_bytes())
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}},
        "UV_LINK_MODE": "copy",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_PROJECT_ENVIRONMENT": str(installed),
    }
    steps = [step for step in commands() if step.startswith(("/opt/uv/bin/uv ", "/opt/pianola/"))]
    assert len(steps) == 3
    for step in steps:
        # The packages of this very environment are in uv's cache, which the image has not.
        here = (
            step.replace("/opt/uv/bin/uv", uv)
            .replace("/opt/pianola", str(installed))
            .replace(" --no-cache", "")
        )
        words = here.replace("--python python3", f"--python {sys.executable}").split()
        done = subprocess.run(words, cwd=source, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 (our own Dockerfile)
        assert done.returncode == 0, done.stderr
    bare = {
        name: value
        for name, value in environment.items()
        if name not in {n.upper() for n in Settings.model_fields}
    }
    ran = subprocess.run(  # noqa: S603 (what was just installed)
        [str(installed / "bin" / "python"), "-m", "bot", "doctor"],
        cwd=tmp_path,
        env=bare,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "the built-in studio does the work" in ran.stdout, ran.stderr
    assert "the built-in studio hears one second of sound" in ran.stdout
    assert "previews: one second took" in ran.stdout
    (packages,) = installed.glob("lib/python3.*/site-packages")
    assert not {"simcord", "pytest", "mypy"} & {path.name for path in packages.iterdir()}
