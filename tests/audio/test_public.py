"""Addresses that nobody outside may lead us to, in all their disguises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio.public import is_public


@pytest.mark.parametrize(
    "host",
    [
        "1.1.1.1",
        "8.8.8.8",
        "2606:4700:4700::1111",
        "64:ff9b::808:808",
        "2606:4700::200:5efe:808:808",
        "168.63.129.17",
    ],
)
def test_public_addresses_are_public(host: str) -> None:
    assert is_public(host)


@pytest.mark.parametrize(
    "host",
    [
        "0.0.0.0",  # noqa: S104 -- an address to refuse, not one to bind
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.8.9.10",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::7f00:1",
        "2002:808:808::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:7f00:1::8080:8080",
        "2001:0:808:808::80ff:fffe",
        "2001:db8::1",
        # Python 3.11.7 calls these global
        "192.0.0.8",
        "192.0.0.9",
        "192.0.0.192",
        "192.88.99.1",
        "192.31.196.1",
        "2620:4f:8000::1",
        "3fff::1",
        "3fff:fff:ffff::1",
        "5f00::1",
        "100::1",
        "100:0:0:1::1",
        "64:ff9b::c000:c0",
        # where hosts tell a machine its keys
        "168.63.129.16",
        "::ffff:168.63.129.16",
        "100.100.100.200",
        "192.80.8.124",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fd00:42::42",
        # ISATAP, with either kind of IPv4 address in it
        "2606:4700::5efe:7f00:1",
        "2606:4700::5efe:a00:1",
        "2606:4700::200:5efe:c0a8:1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "localhost",
        "",
    ],
)
def test_addresses_of_our_own_side_are_not(host: str) -> None:
    assert not is_public(host)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_a_private_address_stays_private_inside_another(address: object) -> None:
    parts = [int(part) for part in str(address).split(".")]
    pair = f"{parts[0]:02x}{parts[1]:02x}:{parts[2]:02x}{parts[3]:02x}"
    for disguise in (
        f"::ffff:{address}",
        f"64:ff9b::{pair}",
        f"2002:{pair}::1",
        f"::{address}",
        f"2606:4700::5efe:{address}",
    ):
        assert not is_public(disguise)


@given(st.text())
def test_no_text_is_an_error(host: str) -> None:
    assert is_public(host) in {True, False}
