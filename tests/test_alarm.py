"""What the bot's owner is told by a direct message, and how often."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.alarm import Alarm
from bot.jobs.engines.opening import open_database
from bot.jobs.model import State
from bot.jobs.storage.census import Ends, take_ends
from bot.jobs.storage.store import Store
from bot.settings import Settings, load
from tests.chat.conftest import NOON, a_job
from tests.jobs.storage.test_store import Announcements

FAILED, DONE = State.FAILED, State.DONE
KIE = load(None, kie_api_key="key")


@dataclass
class Owner:
    """Somebody who gets messages, while `is_there`; and what there is to tell."""

    ends: Ends = field(default_factory=Ends)
    left: float | None = None
    settings: Settings = KIE
    is_there: bool = True
    told: list[str] = field(default_factory=list)
    claimed: set[str] = field(default_factory=set)

    async def tell(self, told: str) -> bool:
        if self.is_there:
            self.told.append(told)
        return self.is_there

    async def claim(self, name: str, _lasts: timedelta) -> bool:
        is_new = name not in self.claimed
        self.claimed.add(name)
        return is_new

    async def give_back(self, name: str) -> None:
        self.claimed.remove(name)

    async def looked(self) -> list[str]:
        """All that was told, after one more look."""

        async def ends() -> Ends:
            return self.ends

        async def left() -> float | None:
            return self.left

        await Alarm(
            ends=ends,
            credits_left=left,
            settings=self.settings,
            claim=self.claim,
            give_back=self.give_back,
            tell=self.tell,
        ).look()
        return self.told


@pytest.mark.parametrize(
    ("ends", "left", "words"),
    [
        ({(FAILED, "KeyRefusedError"): 1}, None, "kie.ai refuses my key"),
        ({(FAILED, "NoCreditsError"): 1}, 0.0, "are used up"),
        ({}, 99.0, "run low: 99 are left, and a separation costs 10"),
        (
            {(FAILED, "StudioBrokenError"): 5, (DONE, ""): 4},
            500.0,
            "5 songs failed within an hour, and 4 went well",
        ),
    ],
)
async def test_what_only_the_owner_can_mend_is_told_once(
    ends: dict[tuple[State, str], int], left: float | None, words: str
) -> None:
    owner = Owner(Ends(Counter(ends)), left)
    for _ in range(3):
        await owner.looked()
    [told] = owner.told
    assert words in told


@pytest.mark.parametrize(
    ("ends", "left"),
    [
        ({}, None),
        ({}, 100.0),
        ({(FAILED, "StudioBrokenError"): 4}, None),
        ({(FAILED, "StudioBrokenError"): 5, (DONE, ""): 5}, None),
        ({(FAILED, "NotAudioError"): 90, (FAILED, "NoNotesError"): 9}, None),
        ({(State.CANCELLED, ""): 90}, None),
    ],
)
async def test_what_is_no_trouble_of_the_owner_is_not_told(
    ends: dict[tuple[State, str], int], left: float | None
) -> None:
    assert await Owner(Ends(Counter(ends)), left).looked() == []


@pytest.mark.parametrize(
    "code",
    [
        "NotAudioError",
        "NoNotesError",
        "MidiDamagedError",
        "UnreadableSongError",
        "CutSongError",
        "NoSoundError",
        "SongTooLongError",
        "AudioRefusedError",
        "SourceGoneError",
    ],
)
async def test_what_people_send_is_not_the_owners_trouble(code: str) -> None:
    assert await Owner(Ends(Counter({(FAILED, code): 90}))).looked() == []


@pytest.mark.parametrize(
    "code",
    [
        "NoMemoryForSongError",
        "SongCrashedError",
        "EngineAwayError",
        "StudioBrokenError",
        "JobTimeoutError",
        "Gone",
    ],
)
async def test_what_breaks_at_the_owners_is_told(code: str) -> None:
    assert len(await Owner(Ends(Counter({(FAILED, code): 90}))).looked()) == 1


async def test_the_sentence_is_told_with_its_values() -> None:
    counts = Counter({(FAILED, "JobTimeoutError"): 9})
    [told] = await Owner(Ends(counts, {"JobTimeoutError": {"time": "20 min"}})).looked()
    assert "within 20 min" in told


@pytest.mark.parametrize("code", ["KeyRefusedError", "NoCreditsError"])
async def test_a_studio_of_ones_own_is_told_by_its_address(code: str) -> None:
    settings = load(None, studio_url="https://studio.example", studio="builtin")
    [told] = await Owner(Ends(Counter({(FAILED, code): 1})), settings=settings).looked()
    assert told.startswith("The studio at <https://studio.example")
    assert "kie.ai" not in told


async def test_what_did_not_get_through_is_told_later() -> None:
    owner = Owner(left=1.0, is_there=False)
    assert await owner.looked() == []
    owner.is_there = True
    assert len(await owner.looked()) == 1


async def test_a_claim_holds_for_all_processes_until_its_time_is_over(
    database: dict[str, str], tmp_path: Path
) -> None:
    now = NOON
    day = timedelta(hours=24)
    async with open_database(database.get("database_url"), tmp_path) as opened:
        store = Store(opened.transactions, Announcements(), lambda: now)  # type: ignore[arg-type]  # nothing runs here
        assert [await store.claim("a", day), await store.claim("a", day), await store.claim("b", day)] == [
            True,
            False,
            True,
        ]
        now += day - timedelta(seconds=1)
        assert not await store.claim("a", day)
        now += timedelta(seconds=2)
        assert await store.claim("a", day)
        await store.give_back("a")
        assert await store.claim("a", day)


async def test_the_newest_ends_are_counted_with_their_errors(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    async with open_database(None, tmp_path) as opened:
        store = Store(opened.transactions, Announcements(), lambda: now)  # type: ignore[arg-type]  # nothing runs here
        for number, (state, code) in enumerate([(DONE, None), (FAILED, "BusyError"), (FAILED, "BusyError")]):
            values = {"seconds": number} if code else {}
            job = a_job(id=f"job{number}", error_code=code, error_values=values)
            job = replace(job, reply=replace(job.reply, interaction_id=number + 1))
            await store.add(job, timedelta(0))
            await store.save(job.moved(state, now))
        ends = await take_ends(opened.transactions, now - timedelta(hours=1))
        assert ends.counts == {(DONE, ""): 1, (FAILED, "BusyError"): 2}
        assert ends.values["BusyError"]["seconds"] in {1, 2}
        assert not (await take_ends(opened.transactions, now + timedelta(hours=1))).counts
