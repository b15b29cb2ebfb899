"""Servers as there are many: what the gateway tells of each at the start, made from two patterns."""

import json
from collections.abc import Iterator
from typing import Any

from tests.discord_server.gateway import Crowd

_LARGE_EVERY = 10
"""One server in ten is a large one."""

_FIRST = 1 << 55
"""An id of 2022; servers are shared out among shards by the bits from the 22nd on."""

_NUMBER = "@@"
"""Stands in a pattern for the number of the server, so that no two have an id in common."""


def crowd(servers: int) -> Crowd:
    """So many servers, shared out among the shards as Discord does it."""
    small, large = _pattern(channels=12, roles=8, emojis=5), _pattern(channels=80, roles=50, emojis=50)

    def of_shard(shard: int, shards: int) -> Iterator[tuple[int, str]]:
        for number in range(servers):
            guild_id = _FIRST + (number << 22)
            if (guild_id >> 22) % shards == shard:
                pattern = small if number % _LARGE_EVERY else large
                yield (
                    guild_id,
                    pattern.replace('"id": "@@"', f'"id": "{guild_id}"', 1).replace(_NUMBER, f"{number:06d}"),
                )

    return of_shard


def _pattern(*, channels: int, roles: int, emojis: int) -> str:
    """A server with text and voice channels, of which some have overwrites, roles and emojis, as the gateway tells it."""
    told: dict[str, Any] = {
        "id": _NUMBER,
        "name": f"A server of friends {_NUMBER}",
        "owner_id": "1000000000000000001",
        "preferred_locale": "en-US",
        "features": ["COMMUNITY", "NEWS"],
        "member_count": 250,
        "unavailable": False,
        "description": None,
        "icon": "a" * 32,
        "system_channel_id": _id(1, 0),
        "roles": [_role(number) for number in range(roles)],
        "emojis": [_emoji(number) for number in range(emojis)],
        "stickers": [],
        "members": [],
        "channels": [_channel(number) for number in range(channels)],
        "threads": [],
    }
    return json.dumps(told)


def _id(kind: int, number: int) -> str:
    return f"1{kind}{_NUMBER}{number:06d}000"


def _role(number: int) -> dict[str, Any]:
    return {
        "id": _id(2, number),
        "name": f"role {number}",
        "permissions": "1071698660929",
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": number,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def _emoji(number: int) -> dict[str, Any]:
    return {"id": _id(3, number), "name": f"emoji_{number}", "roles": [], "require_colons": True, "managed": False, "animated": False, "available": True}  # fmt: skip


def _channel(number: int) -> dict[str, Any]:
    overwrites = [
        {"id": _id(2, role), "type": 0, "allow": "1024", "deny": "0"}
        for role in range(3 if number % 3 else 0)
    ]
    base: dict[str, Any] = {
        "id": _id(1, number),
        "name": f"channel-{number}",
        "parent_id": None,
        "position": number,
        "permission_overwrites": overwrites,
        "flags": 0,
    }
    if number % 4 == 3:
        return base | {
            "type": 2,
            "bitrate": 64_000,
            "user_limit": 0,
            "rtc_region": None,
            "last_message_id": None,
        }
    topic = "Whatever we talk about here, be kind to each other" if number % 2 else None
    return base | {
        "type": 0,
        "topic": topic,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "last_message_id": _id(4, number),
    }
