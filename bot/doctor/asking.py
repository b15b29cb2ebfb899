"""Asking somebody else on the network, and why there was no answer, in an owner's words."""

import os
import ssl
from typing import Final

import aiohttp

PATIENCE: Final = aiohttp.ClientTimeout(total=10)
"""Whoever answers later than that is no help to a bot either."""


def reason_of(error: BaseException) -> str:
    """Why a request got no answer. No address is in it, which may hold a secret."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not accepted: {error.certificate_error.__class__.__name__}"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "nobody knows this name"
    if isinstance(error, aiohttp.ClientConnectorError):
        return _of_system(error.os_error)
    return _of_system(error) if isinstance(error, OSError) else type(error).__name__


def _of_system(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return "no encrypted connection (TLS)"
    # asyncio puts the address into the text of some of them, never into their number.
    return os.strerror(error.errno) if error.errno and error.errno > 0 else type(error).__name__
