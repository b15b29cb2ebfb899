"""Where answers go: the one reply that tests need, in its ordinary form."""

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from bot.jobs.model import Reply


def a_reply(since: datetime, interaction_id: int = 1, user_id: int = 7, **otherwise: Any) -> Reply:
    """To a command that was typed in a server at that time."""
    reply = Reply(
        application_id=1,
        interaction_id=interaction_id,
        token="token",
        token_expires_at=since + timedelta(minutes=15),
        user_id=user_id,
        channel_id=2,
        guild_id=3,
        locale="en-GB",
        file_limit=10_485_760,
        may_post=True,
    )
    return replace(reply, **otherwise)
