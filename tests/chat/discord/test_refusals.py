"""What is told of a refusal where this process knows nothing of the server: another has its shard, or none, as in a worker."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.chat.discord.refusals import needed_permissions
from bot.clock import utc_now
from tests.jobs.replies import a_reply


class Elsewhere:
    """A client without the server."""

    def get_guild(self, _guild_id: int) -> None:
        return None


def refused(code: int) -> discord.HTTPException:
    answer: Any = SimpleNamespace(status=403, reason="Forbidden")
    return discord.Forbidden(answer, {"code": code, "message": "no"})


@pytest.mark.parametrize(("code", "is_told"), [(50_013, True), (10_003, False), (50_007, False)])
def test_lacking_permissions_are_told_whoever_has_the_shard(code: int, is_told: bool) -> None:
    client: Any = Elsewhere()
    needed = needed_permissions(client, a_reply(utc_now(), guild_id=5, channel_id=6), refused(code))
    assert ("Attach Files" in needed) is is_told
    assert ("Send Messages" in needed) is is_told
