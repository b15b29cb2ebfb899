"""An interaction that was not answered, as the client gets it."""

from types import SimpleNamespace

import discord


class Press:
    """A press of what has this custom id; `said` is what it was answered, for its presser's eyes only."""

    def __init__(
        self, custom_id: str = "", kind: discord.InteractionType = discord.InteractionType.component
    ) -> None:
        self.type = kind
        self.data = {"custom_id": custom_id, "values": ["3"]}
        self.user = SimpleNamespace(id=5)
        self.guild_id = None
        self.locale = "en-US"
        self.response = self
        self.said: list[str] = []

    def is_done(self) -> bool:
        return False

    async def send_message(self, text: str, *, ephemeral: bool) -> None:
        assert ephemeral
        self.said.append(text)
