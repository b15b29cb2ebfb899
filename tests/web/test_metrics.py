"""`/metrics`: who gets it, and what is in it."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot import measures
from bot.jobs.model import State
from bot.jobs.storage.census import Census, UnderWay, take_census
from bot.web.metrics import Metrics
from bot.web.snapshot import Snapshot
from tests.web.conftest import Door, Open

TOKEN = "token-of-prometheus"
DASHBOARD = Path(__file__).resolve().parents[2] / "docs" / "hosting" / "grafana.json"
ALL = Snapshot(Census({State.UPLOADING: UnderWay(2, 61.5)}, due=3), credits_left=12.5, servers=7)


async def scrape(door: Door, token: str | None = TOKEN) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    async with door.session.get(f"{door.url}/metrics", headers=headers) as answer:
        return answer.status, await answer.text()


def values(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Each sample by its name and the values of its labels."""
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def watched(open_door: Open, snapshot: Snapshot = ALL) -> Door:
    async def look() -> Snapshot:
        return snapshot

    return await open_door(metrics=Metrics(TOKEN, look))


@pytest.mark.parametrize("token", [None, "", "another", f"{TOKEN}x", "tökén"])
async def test_who_has_not_the_token_finds_nothing(open_door: Open, token: str | None) -> None:
    status, text = await scrape(await watched(open_door), token)
    assert status == 404
    assert "pianola" not in text


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
async def test_no_other_method_tells_a_stranger_that_it_is_there(open_door: Open, method: str) -> None:
    door = await watched(open_door)

    async def asked(path: str, **headers: str) -> tuple[int, set[str], bytes]:
        async with door.session.request(method, f"{door.url}{path}", headers=headers) as answer:
            return answer.status, set(answer.headers), await answer.read()

    assert await asked("/metrics") == await asked("/nothing")
    assert (await asked("/metrics", Authorization=f"Bearer {TOKEN}"))[0] == 405


async def test_without_a_token_in_the_settings_there_is_nothing(door: Door) -> None:
    assert (await scrape(door))[0] == 404


async def test_what_is_looked_up_is_told(open_door: Open) -> None:
    status, text = await scrape(await watched(open_door))
    told = values(text)
    assert status == 200
    assert told["pianola_jobs", ("uploading",)] == 2
    assert told["pianola_oldest_job_seconds", ("uploading",)] == 61.5
    assert told["pianola_queue_depth", ()] == 3
    assert told["pianola_credits_left", ()] == 12.5
    assert told["pianola_servers", ()] == 7
    assert told["pianola_database_up", ()] == 1
    assert told["process_resident_memory_bytes", ()] > 10_000_000


async def test_a_database_that_is_away_takes_only_its_own_numbers(open_door: Open) -> None:
    told = values((await scrape(await watched(open_door, Snapshot())))[1])
    assert told["pianola_database_up", ()] == 0
    assert not {"pianola_jobs", "pianola_queue_depth", "pianola_credits_left"} & {name for name, _ in told}


async def test_what_is_counted_and_timed_is_told(open_door: Open) -> None:
    door = await watched(open_door)
    before = values((await scrape(door))[1])
    measures.count(measures.JOBS_ENDED, "failed", "NoNotesError")
    for seconds in (0.2, 0.3, 2.0, 5000.0):
        measures.took(measures.STEP_SECONDS, seconds, "uploading")
    assert await door.post() == 200
    after = values((await scrape(door))[1])

    def grown(name: str, *labels: str) -> float:
        return after[name, labels] - before.get((name, labels), 0.0)

    assert grown("pianola_jobs_ended_total", "NoNotesError", "failed") == 1
    assert grown("pianola_callbacks_total", "200") == 1
    assert grown("pianola_step_seconds_count", "uploading") == 4
    assert grown("pianola_step_seconds_sum", "uploading") == pytest.approx(5002.5)
    assert [
        grown("pianola_step_seconds_bucket", most, "uploading")
        for most in ("0.1", "0.3", "3.0", "1200.0", "+Inf")
    ] == [0, 2, 3, 3, 4]


async def test_open_metrics_is_spoken_to_whoever_asks_for_it(open_door: Open) -> None:
    door = await watched(open_door)
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/openmetrics-text; version=1.0.0"}
    async with door.session.get(f"{door.url}/metrics", headers=headers) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        assert (await answer.text()).endswith("# EOF\n")


async def test_a_census_counts_what_is_open(open_door: Open) -> None:
    door = await open_door()
    later = datetime.fromtimestamp(door.job.created_at.timestamp() + 90, UTC)
    census = await take_census(door.database.transactions, lambda: later)
    assert census is not None
    assert census.under_way[door.job.state].count == 1
    assert census.under_way[door.job.state].oldest_seconds == pytest.approx(90)
    assert census.under_way[State.DELIVERING] == UnderWay()
    assert census.due == 1


async def test_the_dashboard_asks_for_numbers_that_there_are(open_door: Open) -> None:
    _, text = await scrape(await watched(open_door))
    there = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    dashboard: Any = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    asked = {
        name
        for panel in dashboard["panels"]
        for target in panel["targets"]
        for name in re.findall(r"\b(?:pianola|process)_\w+", target["expr"])
    }
    ours = {name for name in there if name.startswith("pianola_")}
    assert {re.sub(r"_(?:bucket|sum|count)$", "", name) for name in asked} <= there
    assert {re.sub(r"_(?:bucket|sum|count)$", "", name) for name in asked} >= ours
