"""The link with which somebody takes the bot into a server."""

from typing import Final
from urllib.parse import urlencode

PERMISSIONS: Final = 1 << 10 | 1 << 11 | 1 << 15 | 1 << 38
"""View Channels, Send Messages, Attach Files, Send Messages in Threads: 274877942784."""


def invite_link(application_id: int | str) -> str:
    """Opens in any browser; whoever follows it chooses one of the servers that they manage."""
    asked = {
        "client_id": application_id,
        "scope": "bot applications.commands",
        "permissions": PERMISSIONS,
    }
    return f"https://discord.com/oauth2/authorize?{urlencode(asked)}"
