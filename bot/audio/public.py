"""Which addresses on the network anybody may reach: what users give must not lead into ours."""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(host: str) -> bool:
    """Whether the numeric address `host` is one of the public internet, and so is each address inside of it."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    inner = _inside(address)
    return all(map(_is_public, inner)) if inner else _is_public(address)


def _inside(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address carries: a translator or tunnel on the way would go there."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address.sixtofour:
        return [address.sixtofour]
    if address.teredo:
        return list(address.teredo)
    if address in _NAT64:
        return [ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)]
    return []


def _is_public(address: Address) -> bool:
    if address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global
