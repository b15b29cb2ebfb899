"""The local page and `try`: a Discord in this process. They need simcord, which a bot of its own does not."""

from importlib.util import find_spec

from bot.errors import SettingsError


def require_playground() -> None:
    """See that it is installed.

    Raises:
        SettingsError: it is not.
    """
    if find_spec("simcord") is None:
        raise SettingsError(
            "DISCORD_TOKEN is missing, and the playground is not installed (`uv sync --group playground`)"
        )
