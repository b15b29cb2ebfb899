"""Which addresses on the network anybody may reach: what users give must not lead into ours.

The table is ours, because Python's own is as old as the Python that is installed. Its sources are IANA's registries
"IPv4 Special-Purpose Address Space" and "IPv6 Special-Purpose Address Space" (2025), and what hosts
document of the addresses where they tell a machine its keys. All of it is refused, also what the registries call
globally reachable (anycast of name servers and tunnels): no song is there.
"""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network, RFC 791
        "10.0.0.0/8",  # private use, RFC 1918
        "100.64.0.0/10",  # shared by carriers, RFC 6598; Alibaba's 100.100.100.200
        "127.0.0.0/8",  # loopback, RFC 1122
        "169.254.0.0/16",  # link-local, RFC 3927; most hosts' 169.254.169.254
        "172.16.0.0/12",  # private use, RFC 1918
        "192.0.0.0/24",  # protocol assignments, RFC 6890; Oracle's 192.0.0.192
        "192.0.2.0/24",  # documentation, RFC 5737
        "192.31.196.0/24",  # AS112, RFC 7535
        "192.52.193.0/24",  # automatic multicast tunnels, RFC 7450
        "192.88.99.0/24",  # relays of 6to4, RFC 7526
        "192.168.0.0/16",  # private use, RFC 1918
        "192.175.48.0/24",  # AS112, RFC 7534
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "198.51.100.0/24",  # documentation, RFC 5737
        "203.0.113.0/24",  # documentation, RFC 5737
        "224.0.0.0/4",  # multicast, RFC 5771
        "240.0.0.0/4",  # reserved and broadcast, RFC 1112
        "168.63.129.16/32",  # Azure: the machine's agent
        "192.80.8.124/32",  # Equinix Metal: metadata
        "161.26.0.0/16",  # IBM Cloud: services for its machines alone
        "166.8.0.0/14",  # IBM Cloud: the same
        "2001::/23",  # protocol assignments (Teredo, benchmarks, ORCHID, drones), RFC 2928
        "2001:db8::/32",  # documentation, RFC 3849
        "2002::/16",  # 6to4, RFC 7526 gave it up; newer Pythons call it global no more
        "2620:4f:8000::/48",  # AS112, RFC 7534
        "3fff::/20",  # documentation, RFC 9637
    )
)

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
"""Nothing else of IPv6 is public: not fc00::/7 (AWS's fd00:ec2::254, Google's fd20:ce::254), not 5f00::/16."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""How a host with IPv6 alone reaches all of IPv4, RFC 6052."""

_ISATAP = 0x0000_5EFE
_EITHER_ISATAP = 0xFDFF_FFFF
"""The bits before the IPv4 address in RFC 5214; one of them says whether that address is unique in the world."""


def is_public(host: str) -> bool:
    """Whether the numeric address `host` is one of the public internet, and so is each address inside of it."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return _is_public(address)
    carried = address.ipv4_mapped or (_last_32_bits(address) if address in _NAT64 else None)
    if carried is not None:
        return _is_public(carried)
    if int(address) >> 32 & _EITHER_ISATAP == _ISATAP and not _is_public(_last_32_bits(address)):
        # A tunnel on the way would go there.
        return False
    return _is_public(address)


def _last_32_bits(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    # A newer Python may know of what was assigned after the table above.
    return address.is_global and not any(address in network for network in _SPECIAL)
