"""Whether an engine elsewhere can be asked: for `pianola doctor`, without a song."""

from http import HTTPStatus
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout

PATIENCE: Final = ClientTimeout(total=5)


async def trouble(url: str) -> str | None:
    """What is wrong with the MuScriptor server at `url`, in a line; None where it answers."""
    try:
        async with (
            ClientSession(timeout=PATIENCE) as session,
            session.get(f"{url}/health", allow_redirects=False) as answer,
        ):
            if answer.status == HTTPStatus.OK:
                return None
            return f"{url} answers with {answer.status}: is it `muscriptor serve`?"
    except (ClientError, TimeoutError) as error:
        return f"{url} cannot be reached ({type(error).__name__}): is `muscriptor serve` running?"
