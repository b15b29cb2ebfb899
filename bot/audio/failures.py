"""Why a download failed, in words that tell nobody what is inside of our network."""

import aiohttp

from bot.audio.errors import AddressFailedError
from bot.language import text


def failed(error: Exception) -> AddressFailedError:
    """What `error` means to a person."""
    reason = text("the connection broke off")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return nowhere(type(error).__name__)
    if isinstance(error, (aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch)):
        reason = text("its certificate is not valid")
    elif isinstance(error, TimeoutError):
        reason = text("it took too long to answer")
    elif isinstance(error, aiohttp.ClientConnectorError):
        reason = text("nothing answers there")
    # Its type only: the text of some holds the whole address, which may carry a token.
    return AddressFailedError(type(error).__name__, reason=reason)


def nowhere(detail: str) -> AddressFailedError:
    """The host does not exist, or is not public: two answers would tell which names our own network has."""
    return AddressFailedError(detail, reason=text("there is no such host on the internet"))


def too_slow() -> AddressFailedError:
    """It sends, but would never be done."""
    return AddressFailedError("too slow", reason=text("its server sends it too slowly"))
