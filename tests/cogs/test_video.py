"""A song as a video: for whom, how far it is, what stands under it, and what is said where it cannot be made."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from unittest.mock import Mock

import discord
import pytest
from simcord import InteractionResult

from bot.chat.shown.result import videos
from bot.chat.shown.result.videos import Progress
from bot.errors import NotYoursError
from bot.jobs.model import Job
from bot.language import ENGLISH
from bot.video.errors import VideoError, VideoTooLargeError
from bot.video.film import available
from bot.video.shot import Shot
from cogs import _video
from tests.cogs.results import a_button, finished, more, notes_of, posted, refusal_of, stranger_at
from tests.kie_server import KieServer
from tests.stage import Stage, pianola_at
from tests.video.watch import watched

LONG = 200
"""Beats at 96 BPM: 125 s."""


class Maker:
    """Stands in for the process that makes videos."""

    def __init__(self) -> None:
        self.shots: list[Shot] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.fails: VideoError | VideoTooLargeError | OSError | None = None
        self.percents = (10, 40)

    async def film(
        self, shot: Shot, *, most_bytes: int, sound_font: Path | None, told: Callable[[int], None]
    ) -> bytes:
        assert most_bytes > 1_000_000
        assert sound_font is None
        self.shots.append(shot)
        for percent in self.percents:
            told(percent)
        await self.go_on.wait()
        if self.fails:
            raise self.fails
        return b"an mp4"


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    made = Maker()
    monkeypatch.setattr(videos, "film", made.film)
    monkeypatch.setattr(videos, "available", lambda _: True)
    yield made
    made.go_on.set()


def asked(kie: KieServer, *names: str, beats: int = LONG) -> None:
    kie.notes = notes_of(*(names or ("Piano", "Bass")), beats=beats)


async def a_result(stage: Stage, kie: KieServer, **options: Any) -> tuple[Job, discord.Message]:
    if not options:
        return await finished(stage, kie)
    result = await stage.midi(task_id=kie.add_separation().id, **options)
    job = await stage.ended()
    assert result.response is not None
    return job, result.response.message


def buttons(message: discord.Message) -> list[str | None]:
    rows = [row for row in message.components if isinstance(row, discord.ActionRow)]
    return [child.label for row in rows for child in row.children if isinstance(child, discord.Button)]


def answer_of(result: InteractionResult) -> discord.Message:
    assert result.response is not None
    return result.response.message


async def test_its_asker_posts_half_a_minute_for_all_who_are_here(
    tmp_path: Path, kie: KieServer, maker: Maker
) -> None:
    asked(kie)
    async with pianola_at(kie, tmp_path, video_seconds="30") as stage:
        _, answer = await a_result(stage, kie)
        given = await more(stage.world.person, answer, "video")
        message = answer_of(given)
        assert not given.ephemeral
        assert [(file.filename, await file.read()) for file in message.attachments] == [
            ("song.mp4", b"an mp4")
        ]
        assert message.content == "The first 30 s, played by a General MIDI synthesizer."
        assert buttons(message) == ["The whole song"]
        (shot,) = maker.shots
        assert (shot.title, shot.seconds) == ("song", 30)
        whole = answer_of(await stage.world.person.click(message, label="The whole song"))
        assert whole.content == "The whole song, played by a General MIDI synthesizer."
        assert buttons(whole) == []
        assert maker.shots[1].is_whole
    assert kie.count("generate_midi") == 1, "no credit is spent"


async def test_a_part_from_the_middle_offers_the_beginning(
    tmp_path: Path, kie: KieServer, maker: Maker
) -> None:
    asked(kie)
    late = notes_of("Drums", "Piano", beats=LONG)
    for instrument in late["instruments"]:
        instrument["notes"] = [note for note in instrument["notes"] if note["start"] > 60]
    kie.notes["instruments"] += late["instruments"]
    async with pianola_at(kie, tmp_path, video_seconds="30") as stage:
        _, answer = await a_result(stage, kie)
        message = answer_of(await more(stage.world.person, answer, "video"))
        assert message.content.startswith("30 s from 1:")
        assert buttons(message) == ["From the beginning", "The whole song"]
        begin = answer_of(await stage.world.person.click(message, label="From the beginning"))
        assert begin.content.startswith("The first 30 s")
    assert [round(shot.start_seconds) > 59 for shot in maker.shots] == [True, False]


async def test_of_a_part_it_says_which_part(tmp_path: Path, kie: KieServer, maker: Maker) -> None:
    asked(kie)
    async with pianola_at(kie, tmp_path, video_seconds="30") as stage:
        _, answer = await a_result(stage, kie, **{"from": "0:05", "to": "0:09"})
        short = answer_of(await more(stage.world.person, answer, "video"))
        assert short.content == "From 0:05 to 0:09, played by a General MIDI synthesizer."
        assert buttons(short) == []
    async with pianola_at(kie, tmp_path / "long", video_seconds="30") as stage:
        _, answer = await a_result(stage, kie, **{"from": "0:20"})
        some = answer_of(await more(stage.world.person, answer, "video"))
        assert some.content == "30 s from 0:20, played by a General MIDI synthesizer."
        assert buttons(some) == ["All of this part"]
        rest = answer_of(await stage.world.person.click(some, label="All of this part"))
        assert rest.content == "From 0:20 to 2:05, played by a General MIDI synthesizer."


async def test_of_a_song_over_five_minutes_the_whole_is_not_offered(
    tmp_path: Path, kie: KieServer, maker: Maker
) -> None:
    asked(kie, beats=600)
    async with pianola_at(kie, tmp_path, video_seconds="30") as stage:
        _, answer = await a_result(stage, kie)
        assert buttons(answer_of(await more(stage.world.person, answer, "video"))) == []
    assert maker.shots


async def test_others_get_it_for_their_own_eyes(tmp_path: Path, kie: KieServer, maker: Maker) -> None:
    asked(kie)
    async with pianola_at(kie, tmp_path, video_seconds="30") as stage:
        _, answer = await a_result(stage, kie)
        given = await more(stranger_at(stage), answer, "video")
        assert given.ephemeral
        assert answer_of(given).attachments
    assert maker.shots


async def test_what_is_private_stays_private(tmp_path: Path, kie: KieServer, maker: Maker) -> None:
    asked(kie)
    async with pianola_at(kie, tmp_path, video_seconds="30") as stage:
        job, answer = await a_result(stage, kie, private=True)
        given = await more(stage.world.person, answer, "video")
        assert given.ephemeral
        assert maker.shots
        for action in ("video", "videobegin", "videoall"):
            message = await posted(stage, a_button(action, job.id))
            pressed = await stranger_at(stage).click(message, custom_id=f"pianola:{action}:{job.id}")
            assert refusal_of(pressed) == NotYoursError().sentence
    assert len(maker.shots) == 1


async def test_what_takes_too_long_to_look_up_is_for_who_pressed(
    tmp_path: Path, kie: KieServer, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cogs._songs._HINT_SECONDS", 0.0)
    asked(kie)
    async with pianola_at(kie, tmp_path, video_seconds="30") as stage:
        _, answer = await a_result(stage, kie)
        given = await more(stage.world.person, answer, "video")
        assert given.ephemeral
        assert answer_of(given).attachments
    assert maker.shots


async def test_how_far_it_is_is_shown_until_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where Discord does not take one of the edits."""
    monkeypatch.setattr(_video, "_SHOWN_EVERY_SECONDS", 0.001)
    progress, told, enough = Progress(), list[str](), asyncio.Event()
    refusals = iter([discord.DiscordServerError(Mock(status=503), "busy")])

    async def edit(*, content: str) -> None:
        for refusal in refusals:
            raise refusal
        told.append(content)
        if progress.percent is None:
            progress.tell(40)
        else:
            enough.set()

    async def made() -> str:
        await enough.wait()
        return "a video"

    interaction = Mock(edit_original_response=edit)
    assert await _video._shown(interaction, cast("Any", made()), progress, ENGLISH) == cast("Any", "a video")
    assert told == [
        "⏳ Another video is being made. Yours comes after it.",
        "⏳ Making the video: 40%",
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (VideoError("no such codec"), VideoError().sentence),
        (VideoTooLargeError(limit_mb=10), "larger than the 10 MB I can send here"),
    ],
)
async def test_why_there_is_none_stands_where_it_would_be(
    tmp_path: Path, kie: KieServer, maker: Maker, error: VideoError, said: str
) -> None:
    asked(kie)
    maker.fails = error
    async with pianola_at(kie, tmp_path, video_seconds="30") as stage:
        _, answer = await a_result(stage, kie)
        message = answer_of(await more(stage.world.person, answer, "video"))
        assert said in message.content
        assert not message.attachments
        maker.fails = None
        assert answer_of(await more(stage.world.person, answer, "video")).attachments


async def test_without_an_encoder_or_by_the_owners_will_there_is_no_line_for_it(
    tmp_path: Path, kie: KieServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, possible, seconds in (("a", False, "30"), ("b", True, "0"), ("c", True, "30")):
        monkeypatch.setattr(videos, "available", lambda _, possible=possible: possible)
        async with pianola_at(kie, tmp_path / name, video_seconds=seconds) as stage:
            _, answer = await a_result(stage, kie)
        values = {
            option.value
            for row in answer.components
            if isinstance(row, discord.ActionRow)
            for menu in row.children
            if isinstance(menu, discord.SelectMenu)
            for option in menu.options
        }
        assert ("video" in values) is (name == "c")


@pytest.mark.slow
@pytest.mark.skipif(not available(), reason="no synthesizer or encoder is installed")
async def test_a_video_comes_out_of_a_press(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, video_seconds="30") as stage:
        _, answer = await finished(stage, kie)
        message = answer_of(await more(stage.world.person, answer, "video"))
        (file,) = message.attachments
        assert watched(await file.read(), at=set()).codecs == ("h264", "aac")
