"""What hosts ask, and that nothing else is answered."""

import socket

import pytest

from bot.errors import SettingsError
from bot.web.receiver import Receiver, serve
from tests.web.conftest import Door, Open
from tests.web.wire import sent


async def test_a_living_process_says_so_even_before_it_is_ready(open_door: Open) -> None:
    door = await open_door(ready=lambda: "not connected to Discord yet")
    assert await door.request("GET", "/livez") == (200, {"status": "alive"})
    expected = {"status": "not ready", "reason": "not connected to Discord yet"}
    assert await door.request("GET", "/readyz") == (503, expected)


async def test_a_ready_bot_says_so(door: Door) -> None:
    assert await door.request("GET", "/readyz") == (200, {"status": "ready"})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 404),
        ("GET", "/callbacks", 404),
        ("GET", "/favicon.ico", 404),
        ("GET", "/livez/..%2f..%2fetc/passwd", 404),
        ("POST", "/livez", 405),
        ("DELETE", "/readyz", 405),
        ("GET", "/callbacks/j/0/midi/s", 405),
        ("PUT", "/callbacks/j/0/midi/s", 405),
        ("POST", "/callbacks/j/0/other/s", 404),
        ("POST", "/callbacks/j/100/midi/s", 404),
        ("POST", "/callbacks/j/0/midi/s/", 404),
    ],
)
async def test_nothing_else_is_served(door: Door, method: str, path: str, status: int) -> None:
    assert (await door.request(method, path))[0] == status


async def test_a_port_in_use_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"^PORT: {port} on 127\.0\.0\.1 cannot be used \(Address"):
            async with serve(Receiver(hmac_key=None, ready=lambda: None), "127.0.0.1", port):
                pass


async def test_an_address_that_is_not_ours_is_a_sentence() -> None:
    with pytest.raises(SettingsError, match=r"^HOST: x y is no address of this machine"):
        async with serve(Receiver(hmac_key=None, ready=lambda: None), "x y", 0):
            pass


async def test_a_connect_to_nowhere_is_answered(door: Door) -> None:
    for data in (b"CONNECT  \r\nHost: x\r\n\r\n", b"\r\nCONNECT  \r\n\r\n"):
        assert (await sent(door, data)).startswith(b"HTTP/0.9 404 ")
