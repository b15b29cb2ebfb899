"""The ways of an answer: which is taken when Discord closes one, and what of a card is left then."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest
from msgspec.structs import replace

from bot.chat.discord.ways import Ways
from bot.chat.shown.cards import Card, CardFile
from bot.jobs.model import Job
from bot.jobs.work.outside import AnswerDeletedError
from tests.jobs.replies import a_reply
from tests.jobs.storage.test_store import NOON, a_job


def refused(code: int, status: int = 400) -> discord.HTTPException:
    answer: Any = SimpleNamespace(status=status, reason="no")
    kind = discord.NotFound if status == 404 else discord.HTTPException
    return kind(answer, {"code": code, "message": "no"})


DELETED, LACKING, BUSY = refused(10_008, 404), refused(50_013, 403), refused(0, 503)


class Client:
    """Discord's channels and people: sending to each may be refused, and is noted."""

    def __init__(self, *, no_channel: bool = False, **refusals: Exception) -> None:
        self.no_channel, self.refusals = no_channel, refusals
        self.sent: list[tuple[str, str | None]] = []

    def get_guild(self, _guild_id: int) -> None:
        return None

    async def fetch_channel(self, _channel_id: int) -> None:
        if self.no_channel:
            raise refused(10_003, 404)

    def get_partial_messageable(self, _channel_id: int) -> Any:
        return self.messageable("channel")

    async def fetch_user(self, _user_id: int) -> Any:
        async def create_dm() -> Any:
            return self.messageable("person")

        return SimpleNamespace(create_dm=create_dm)

    def messageable(self, name: str) -> Any:
        async def send(*, content: str | None, **_more: object) -> Any:
            if name in self.refusals:
                raise self.refusals[name]
            self.sent.append((name, content))
            return SimpleNamespace(id=9)

        return SimpleNamespace(send=send)


class Answer(Ways):
    """The interaction's own answer takes what is edited into it, unless it is told otherwise."""

    def __init__(self, client: Any, *refusals: Exception) -> None:
        session: Any = None
        super().__init__(client, session)
        self.refusals = list(refusals)
        self.edited: list[Card] = []

    async def edit(self, _job: Job, card: Card) -> int:
        if self.refusals:
            raise self.refusals.pop(0)
        self.edited.append(card)
        return 8


async def said(plainly: bool) -> Card:
    files = (CardFile("song.mid", b"MThd", ""), CardFile("song.ogg", b"OggS", ""))
    return Card(content="plain" if plainly else "a word", files=files)


def job(**of_reply: Any) -> Job:
    return replace(a_job(), reply=a_reply(NOON, **of_reply))


async def answered(ways: Ways, job: Job) -> tuple[int | None, bool]:
    message_id, _card, is_edit = await ways.answer(job, said, is_alive=True, nonce="1")
    return message_id, is_edit


async def test_the_interactions_own_answer_comes_first() -> None:
    client = Client()
    assert await answered(Answer(client), job()) == (8, True)
    assert client.sent == []


async def test_where_it_is_closed_the_channel_has_the_answer_for_its_asker() -> None:
    client = Client()
    assert await answered(Answer(client, refused(50_027)), job()) == (9, False)
    assert client.sent == [("channel", "<@7> a word")]


@pytest.mark.parametrize("of_reply", [{"may_post": False}, {"channel_id": None}, {"is_private": True}])
async def test_where_the_bot_may_not_post_the_person_has_it(of_reply: dict[str, Any]) -> None:
    client = Client()
    assert await answered(Answer(client, refused(50_027)), job(**of_reply)) == (9, False)
    assert [name for name, _ in client.sent] == ["person"]


@pytest.mark.parametrize("is_private", [False, True])
async def test_what_is_lacking_in_the_channel_is_told_to_the_person(is_private: bool) -> None:
    client = Client(channel=LACKING)
    await answered(Answer(client, LACKING), job(is_private=is_private))
    ((name, content),) = client.sent
    assert name == "person"
    assert ("There I need: View Channel" in str(content)) is not is_private


@pytest.mark.parametrize("of_reply", [{}, {"may_post": False}, {"channel_id": None}])
async def test_an_answer_that_somebody_deleted_is_not_given_again(of_reply: dict[str, Any]) -> None:
    client = Client(no_channel=bool(of_reply))  # where it may not post, it does not look
    with pytest.raises(AnswerDeletedError):
        await answered(Answer(client, DELETED), job(**of_reply))
    assert client.sent == []


async def test_an_answer_that_went_with_its_channel_is_given_elsewhere() -> None:
    client = Client(no_channel=True, channel=refused(10_003, 404))
    assert await answered(Answer(client, DELETED), job()) == (9, False)
    assert [name for name, _ in client.sent] == ["person"]


async def test_what_passes_is_left_to_another_time() -> None:
    client = Client()
    with pytest.raises(discord.HTTPException):
        await answered(Answer(client, BUSY), job())
    assert client.sent == []


async def test_without_any_way_the_answer_is_kept() -> None:
    client = Client(channel=LACKING, person=refused(50_007, 403))
    assert await answered(Answer(client, LACKING), job()) == (None, False)


@pytest.mark.parametrize("code", [200_000, 50_035])
async def test_a_word_that_is_not_wanted_is_left_out(code: int) -> None:
    ways = Answer(Client(), refused(code))
    assert await answered(ways, job()) == (8, True)
    assert ways.edited[0].content == "plain"


async def test_files_are_left_out_from_the_last_until_it_fits() -> None:
    ways = Answer(Client(), refused(40_005), refused(0, 413))
    assert await answered(ways, job()) == (8, True)
    assert ways.edited[0].files == ()
    too_large = Answer(Client(), *[refused(0, 413)] * 3)
    with pytest.raises(discord.HTTPException):
        await answered(too_large, job())
