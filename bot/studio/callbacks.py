"""Tells clients that a task is finished, as kie does: signed, with up to three repeats, in the background."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.kie.signature import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from bot.studio.store import UnixClock

log = structlog.get_logger(__name__)

PATIENCE: Final = ClientTimeout(total=15)
"""kie gives a receiver 15 s."""

PAUSES_SECONDS: Final = (1.0, 5.0, 25.0)
"""Before each repeat; kie documents that there are three, not when."""


class Callbacks:
    """Posts bodies, signed when there is a key."""

    def __init__(
        self,
        session: ClientSession,
        *,
        hmac_key: str | None,
        pauses_seconds: Sequence[float] = PAUSES_SECONDS,
        clock: UnixClock = time.time,
    ) -> None:
        """`clock` gives Unix seconds, for the signature."""
        self._session = session
        self._hmac_key = hmac_key
        self._pauses_seconds = pauses_seconds
        self._clock = clock

    async def deliver(self, url: str, *, task_id: str, body: bytes) -> bool:
        """Whether the receiver answered with a 2xx, at the first time or a repeat."""
        for pause in (0.0, *self._pauses_seconds):
            await asyncio.sleep(pause)
            if await self._post(url, task_id, body):
                return True
        log.warning("callback given up", task_id=task_id)
        return False

    async def _post(self, url: str, task_id: str, body: bytes) -> bool:
        headers = {"Content-Type": "application/json", **self._signature(task_id)}
        try:
            async with self._session.post(
                url, data=body, headers=headers, timeout=PATIENCE, allow_redirects=False
            ) as answer:
                log.debug("callback answered", task_id=task_id, status=answer.status)
                return 200 <= answer.status < 300
        except (ClientError, TimeoutError, ValueError) as error:
            # Not the error's text: it holds the address, whose path is a secret of the client.
            log.info("callback did not arrive", task_id=task_id, kind=type(error).__name__)
            return False

    def _signature(self, task_id: str) -> dict[str, str]:
        if self._hmac_key is None:
            return {}
        timestamp = str(int(self._clock()))
        return {TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: sign(self._hmac_key, task_id, timestamp)}
