"""What Sentry is sent: errors of the log, without secrets."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from bot import sentry
from bot.errors import SettingsError

DSN = "https://key@o1.example/2"


class Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self.events: list[Any] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        if event is not None:
            self.events.append(event)


@pytest.fixture
def kept() -> Iterator[Kept]:
    yield Kept()
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.init()


def test_an_error_is_sent_with_its_trace_and_its_job_and_without_a_secret(kept: Kept) -> None:
    report = sentry.reporter(DSN, ["hidden-word"], kept)
    try:
        int("postgresql://me:hidden-word@x")
    except ValueError as error:
        report({"event": "job.failed", "job": "j1", "user": 2, "server": None, "exc_info": error})
        report({"event": "job.failed", "exc_info": True})
        report({"event": "library", "logger": "discord", "exc_info": (type(error), error, None)})
    report({"event": "discord.lost", "detail": "hidden-word"})
    first, second, third, last = kept.events
    assert first["tags"] == {"job": "j1", "user": "2", "event": "job.failed"}
    assert first["exception"]["values"][0]["type"] == "ValueError"
    assert second["exception"]
    assert third["exception"]
    assert last["message"] == "discord.lost"
    assert first["release"] == "pianola@0.1.0"
    assert "hidden-word" not in json.dumps(kept.events)
    frames = [
        frame
        for event in (first, second, third)
        for frame in event["exception"]["values"][0]["stacktrace"]["frames"]
    ]
    assert frames
    assert not [frame for frame in frames if "vars" in frame]


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(SettingsError, match="SENTRY_DSN: must be an address"):
        sentry.reporter("nonsense", [])


def test_a_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sentry_sdk", None)
    with pytest.raises(SettingsError) as told:
        sentry.reporter(DSN, [])
    assert told.value.problem.startswith("SENTRY_DSN is set, and sentry-sdk is not installed")
