"""What people wrote, shown as they wrote it: Discord draws nothing of its own in the place of it."""

import re

from discord.utils import escape_markdown

_DRAWN = re.compile(
    r"<(?=[@#:/+]|a:|t:|id:|sound:|mailto:|tel:|sms:|[^\s<>@]+@)|(?<=[a-z]):(?=//)|(?<=discord\.gg)/|(?<=/invite)/",
    re.IGNORECASE,
)
"""The first sign of an emoji, a date, a command, a mention, an address of mail or a number; and what makes a link of an address or an invitation."""


def as_text(written: str) -> str:
    """`written` with a backslash before each sign that Discord would obey."""
    # Its own rule for links would leave the address as it is, to be drawn as one.
    return _DRAWN.sub(r"\\\g<0>", escape_markdown(written, ignore_links=False))
