"""The signature of a callback: base64 of HMAC-SHA256 over `taskId.timestamp`. The body is not signed."""

import base64
import hashlib
import hmac

TIMESTAMP_HEADER = "X-Webhook-Timestamp"
SIGNATURE_HEADER = "X-Webhook-Signature"

TOLERANCE_SECONDS = 300
"""The service documents no tolerance; five minutes either way holds drifting clocks and its quick repeats."""

_LONGEST_TIMESTAMP = 20
"""Digits in the largest 64-bit number: longer text is no time, and `int` of a long text is slow."""


def sign(key: str, task_id: str, timestamp: str) -> str:
    """The value of `X-Webhook-Signature`; `timestamp` is Unix seconds, as the header's own text."""
    message = f"{task_id}.{timestamp}".encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.digest(key.encode(), message, hashlib.sha256)).decode()


def verify(
    key: str,
    task_id: str,
    timestamp: str,
    signature: str,
    *,
    now: float,
    tolerance_seconds: float = TOLERANCE_SECONDS,
) -> bool:
    """Whether `signature` is right and its time is within `tolerance_seconds` of `now` (Unix seconds).

    The comparison takes the same time wherever the two differ. Any text is safe to give.
    """
    expected = sign(key, task_id, timestamp).encode()
    if not hmac.compare_digest(expected, signature.encode("utf-8", "surrogatepass")):
        return False
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        return False
    return abs(now - int(timestamp)) <= tolerance_seconds
