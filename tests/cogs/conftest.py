"""One folder for what the built-in studios of all Pianolas write alike."""

import functools
from pathlib import Path

import pytest

from bot.studio import service


@pytest.fixture(autouse=True)
def _one_network(monkeypatch: pytest.MonkeyPatch, studio_cache: Path) -> None:
    """Each studio would write the transcriber's network anew in a folder of its own, which takes 1.3 s of a core."""
    monkeypatch.setattr(service, "serve", functools.partial(service.serve, cache_dir=studio_cache))
