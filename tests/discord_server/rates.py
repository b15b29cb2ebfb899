"""Rate limits: buckets by route and channel or webhook, and 50 requests a second for all."""

import zlib
from collections import defaultdict, deque
from datetime import datetime

from tests.discord_server.clock import Clock

BUCKET, BUCKET_SECONDS = 5, 5.0
GLOBAL, GLOBAL_SECONDS = 50, 1.0


class Rates:
    """Counts requests by the stand-in's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._taken: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self.refused = 0

    def take(self, bucket: str, most: int, seconds: float) -> float | None:
        """Count one request; the seconds to wait where there is no room."""
        now = self._clock.now()
        taken = self._taken[bucket]
        while taken and (now - taken[0]).total_seconds() >= seconds:
            taken.popleft()
        if len(taken) >= most:
            self.refused += 1
            return seconds - (now - taken[0]).total_seconds()
        taken.append(now)
        return None

    def headers(self, bucket: str) -> dict[str, str]:
        """What the answers of a bucket say of it."""
        now = self._clock.now()
        taken = self._taken[bucket]
        kind = bucket.partition(" ")[0]
        left = BUCKET_SECONDS - (now - taken[0]).total_seconds() if taken else 0.0
        return {
            "X-RateLimit-Limit": str(BUCKET),
            "X-RateLimit-Remaining": str(max(0, BUCKET - len(taken))),
            "X-RateLimit-Reset": f"{now.timestamp() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": f"{zlib.crc32(kind.encode()):08x}",
        }


def bucket_of(method: str, path: str) -> str | None:
    """The bucket of a request to messages, `kind major`; other routes have none here.

    Callbacks of interactions are outside every limit.
    """
    pieces = path.strip("/").split("/")
    if pieces[0] == "channels" and "messages" in pieces:
        return f"{method}-channel-messages {pieces[1]}"
    if pieces[0] == "webhooks" and len(pieces) >= 3:
        return f"{method}-webhook {pieces[2]}"
    return None
