"""Addresses that are known to be pages: what is behind them need not be asked."""

from bot.audio.errors import PlayerPageError, WebPageGivenError

_PLAYERS = (
    "youtube.com",
    "youtu.be",
    "spotify.com",
    "spotify.link",
    "soundcloud.com",
    "music.apple.com",
    "bandcamp.com",
    "deezer.com",
    "tidal.com",
    "tiktok.com",
)
"""Whose pages people paste; none has the file behind the address, and some answer robots with no HTML at all."""


def refuse_page(host: str, path: str) -> None:
    """Do nothing for an address that may be a file's.

    Raises:
        PlayerPageError: it opens a player.
        WebPageGivenError: it is a place in Discord.
    """
    host = host.casefold().rstrip(".")
    if _is_at(host, *_PLAYERS):
        raise PlayerPageError
    if _is_at(host, "discord.com") and path.startswith("/channels/"):
        raise WebPageGivenError


def _is_at(host: str, *domains: str) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)
