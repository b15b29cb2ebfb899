"""The answer of a job: what of it is still written once the interaction is over, deleted, or no longer true."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord.webhook.async_ import async_context
from msgspec.structs import replace
from msgspec.structs import replace as with_changes

from bot.chat.discord.courier import DiscordCourier
from bot.chat.shown.cards import Card
from bot.errors import NoNotesError
from bot.jobs.model import Hold, Job, Question, State
from bot.jobs.storage.estimates import Estimate
from bot.jobs.work.outside import AnswerDeletedError, Answered
from bot.jobs.work.studios import Studios
from tests.chat.conftest import NOON, a_job, a_song
from tests.chat.discord.test_ways import BUSY, DELETED, Client, refused
from tests.jobs.outside import Moments, Studio

OVER = NOON + timedelta(minutes=15)
GONE = refused(50_027, 401)


class Endpoint:
    """Discord's endpoint for an interaction's own answer."""

    def __init__(self) -> None:
        self.refusal: Exception | None = None
        self.components: list[object] = []
        self.edits: list[Any] = []

    async def get_original_interaction_response(self, *_: object, **__: object) -> dict[str, Any]:
        if self.refusal:
            raise self.refusal
        return {"components": self.components}

    async def edit_original_interaction_response(
        self, *_: object, payload: Any, multipart: Any, **__: object
    ) -> dict[str, Any]:
        if self.refusal:
            raise self.refusal
        self.edits.append(multipart or payload)
        return {"id": "8"}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint: Any = Endpoint()
    token = async_context.set(endpoint)
    yield endpoint
    async_context.reset(token)


class Library:
    """Its cards are words; a preview, if there is one, makes another card."""

    def __init__(self) -> None:
        self.has_preview = True

    async def card(self, *_: object) -> Card:
        return Card(content="a result")

    async def with_preview(self, card: Card, *_: object) -> Card:
        return replace(card, content="with a preview") if self.has_preview else card


class Scene:
    """A courier at this time of the day."""

    def __init__(self, now: datetime = NOON) -> None:
        self.client, self.library, nothing = Client(), Library(), None
        unknown = SimpleNamespace(of=self._nothing_is_known)
        given: list[Any] = [self.client, nothing, self.library, unknown, Studios(Studio(Moments()))]
        self.courier = DiscordCourier(*given, clock=lambda: now)

    async def _nothing_is_known(self, _job: Job) -> Estimate:
        return Estimate()


@pytest.fixture(params=["over", "closed"])
def ended(request: pytest.FixtureRequest) -> tuple[Scene, Job]:
    """An interaction that is over by the clock, and one whose token was thrown away."""
    if request.param == "over":
        return Scene(OVER), a_job()
    job = a_job()
    return Scene(), with_changes(job, reply=with_changes(job.reply, token=""))


def held(job: Job) -> Job:
    return job.held(Hold(Question.PRICE, since=NOON, until=OVER, price=5.0))


async def test_who_asked_is_known_by_the_buttons_of_the_answer(endpoint: Endpoint) -> None:
    scene, job = Scene(), a_job()
    endpoint.components = [{"custom_id": f"pianola:cancel:{job.id}"}]
    assert await scene.courier.whose(job) is Answered.OURS
    endpoint.components = []
    assert await scene.courier.whose(job) is Answered.ANOTHERS
    endpoint.refusal = GONE
    assert await scene.courier.whose(job) is Answered.NOBODYS


async def test_trouble_at_discord_says_nothing_of_who_answered(endpoint: Endpoint) -> None:
    endpoint.refusal = BUSY
    with pytest.raises(discord.HTTPException):
        await Scene().courier.whose(a_job())


@pytest.mark.parametrize("call", ["whose", "show", "ask"])
async def test_an_answer_that_somebody_deleted_is_noticed(endpoint: Endpoint, call: str) -> None:
    endpoint.refusal = DELETED
    with pytest.raises(AnswerDeletedError):
        await getattr(Scene().courier, call)(held(a_job()))


async def test_a_failure_is_told_to_nobody_who_deleted_the_answer(endpoint: Endpoint) -> None:
    scene = Scene()
    endpoint.refusal = DELETED
    await scene.courier.refuse(a_job(), NoNotesError())
    assert scene.client.sent == []


async def test_progress_that_discord_refuses_is_let_go(endpoint: Endpoint) -> None:
    endpoint.refusal = BUSY
    await Scene().courier.show(a_job(state=State.UPLOADING))


@pytest.mark.parametrize("call", ["show", "ask", "retract", "forgotten"])
async def test_nothing_is_written_once_the_interaction_is_over(
    endpoint: Endpoint, ended: tuple[Scene, Job], call: str
) -> None:
    scene, job = ended
    await getattr(scene.courier, call)(held(job))
    assert (endpoint.edits, scene.client.sent) == ([], [])


async def test_nothing_is_asked_where_nothing_is_waited_for(endpoint: Endpoint) -> None:
    await Scene().courier.ask(a_job())
    assert endpoint.edits == []


async def still(*, stands: bool) -> bool:
    await asyncio.sleep(0)
    return stands


def contents(edits: list[Any]) -> list[str]:
    return [edit["content"] for edit in edits]


@pytest.mark.parametrize(
    ("stands", "has_preview", "seen"),
    [
        (True, True, ["a result", "with a preview"]),
        (False, True, ["a result"]),
        (True, False, ["a result"]),
    ],
)
async def test_a_preview_is_added_where_there_is_one_and_the_answer_still_stands(
    endpoint: Endpoint, stands: bool, has_preview: bool, seen: list[str]
) -> None:
    scene = Scene()
    scene.library.has_preview = has_preview
    posted = await scene.courier.deliver(a_job(), a_song("Piano"))
    assert posted.message_id == 8
    await posted.complete(lambda: still(stands=stands))
    assert contents(endpoint.edits) == seen


async def test_a_message_of_the_bots_own_is_posted_whole_and_once(
    endpoint: Endpoint, ended: tuple[Scene, Job]
) -> None:
    scene, job = ended
    posted = await scene.courier.deliver(job, a_song("Piano"))
    await posted.complete(lambda: still(stands=True))
    assert (posted.message_id, endpoint.edits) == (9, [])
    assert scene.client.sent == [("channel", f"<@{job.reply.user_id}> with a preview")]


async def test_what_a_preview_comes_to_costs_nobody_their_result(endpoint: Endpoint) -> None:
    posted = await Scene().courier.deliver(a_job(), a_song("Piano"))
    endpoint.refusal = BUSY
    await posted.complete(lambda: still(stands=True))
    assert contents(endpoint.edits) == ["a result"]
