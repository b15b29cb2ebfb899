"""Addresses as people write them: what can be one, and what it stands for."""

import re
from ipaddress import ip_address

import yarl

from bot.audio.errors import AddressRefusedError
from bot.audio.pages import refuse_page
from bot.language import text

LONGEST_ADDRESS = 2000

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)", re.IGNORECASE)
"""A host and its port look like one, but for the digits."""

_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.?", re.IGNORECASE
)
_BARE_HOST = re.compile(r"[^\s/?#@:]+\.[^\W\d_](?:[^\W_]|-)+\.?(?=[:/?#]|$)")
"""A name with an ending, which is what a host has without `https://` in front."""

_FILE = re.compile(r"[^/?#:]*\.(?:aac|aiff?|flac|m4a|midi?|mp[234]|og[ag]|opus|wav|webm|wma)", re.IGNORECASE)
"""A file's name, which somebody meant to attach: no country or kind of host ends so."""


def read_address(given: str) -> yarl.URL:
    """The web address that somebody gave; without a scheme it is taken as https.

    Raises:
        AddressRefusedError: it is none.
        WebPageGivenError: it is known to be a page.
    """
    # Discord shows a link without a preview if it stands in angle brackets; people paste those too.
    address = given.strip().removeprefix("<").removesuffix(">").strip()
    if len(address) > LONGEST_ADDRESS:
        raise AddressRefusedError(reason=text("it is longer than {most} characters"), most=LONGEST_ADDRESS)
    try:
        url = yarl.URL(_with_scheme(address))
        host = url.host
        _ = url.port  # raises where it is no number
    except ValueError as error:
        raise no_address() from error
    if url.scheme not in {"http", "https"}:
        raise AddressRefusedError(reason=text("it does not begin with http:// or https://"))
    if not host:
        raise AddressRefusedError(reason=text("it names no host"))
    if url.user or url.password:
        raise AddressRefusedError(reason=text("it has a user name or password in it"))
    if not _is_host(url.raw_host or ""):
        raise no_address()
    refuse_page(host, url.path)
    return url


def _with_scheme(address: str) -> str:
    rest = address.removeprefix("//")
    if _SCHEME.match(address):
        return address
    if _FILE.fullmatch(rest) or not (_BARE_HOST.match(rest) or _is_numeric(rest)):
        raise no_address()
    return f"https://{rest}"


def _is_numeric(address: str) -> bool:
    host = re.split(r"[:/?#]", address, maxsplit=1)[0]
    return host.count(".") == 3 and _is_ip(host)


def _is_host(host: str) -> bool:
    return bool(_HOST.fullmatch(host)) or _is_ip(host)


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def no_address() -> AddressRefusedError:
    """It is written as no web address is."""
    return AddressRefusedError(reason=text("it is not a web address"))
