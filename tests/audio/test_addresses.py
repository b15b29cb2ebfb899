"""Addresses as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio.addresses import read_address
from bot.audio.errors import AddressRefusedError, WebPageGivenError
from bot.errors import InputError


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://example.com/a.mp3", "https://example.com/a.mp3"),
        ("HTTPS://Example.COM/A.mp3", "https://example.com/A.mp3"),
        ("Http://example.com:8080/a", "http://example.com:8080/a"),
        ("  <https://example.com/a.mp3> ", "https://example.com/a.mp3"),
        ("example.com/a.mp3", "https://example.com/a.mp3"),
        ("example.com:8443/a.mp3", "https://example.com:8443/a.mp3"),
        ("www.example.co.uk?song=1", "https://www.example.co.uk/?song=1"),
        ("files.example.com", "https://files.example.com"),
        ("//example.com/a.mp3", "https://example.com/a.mp3"),
        ("bücher.example/ä.mp3", "https://xn--bcher-kva.example/%C3%A4.mp3"),
        ("1.2.3.4/a.mp3", "https://1.2.3.4/a.mp3"),
        ("https://[2606:4700::1]/a.mp3", "https://[2606:4700::1]/a.mp3"),
        ("https://my_bucket.example.com/a.mp3", "https://my_bucket.example.com/a.mp3"),
    ],
)
def test_what_can_be_an_address_is_one(written: str, address: str) -> None:
    assert str(read_address(written)) == address


@pytest.mark.parametrize(
    "written",
    [
        "ftp://example.com/a.mp3",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:audio/mpeg;base64,AAAA",
        "mailto:somebody@example.com",
        "C:\\Music\\song.mp3",
        "song.mp3",
        "Night Drive.wav",
        "my song",
        "song",
        "1.5",
        "...",
        "",
        "   ",
        "<>",
        "http://",
        "http://:80/",
        "http://[::1",
        "http://exa mple.com/a.mp3",
        "https://a..b/song.mp3",
        "https://-/song.mp3",
        "https://user:secret@example.com/a.mp3",
        "https://example.com:0x50/a.mp3",
        "https://example.com:99999/a.mp3",
        "https://example.com/" + "a" * 3000,
    ],
)
def test_what_cannot_be_one_is_refused(written: str) -> None:
    with pytest.raises(AddressRefusedError) as caught:
        read_address(written)
    assert "secret" not in caught.value.sentence


@pytest.mark.parametrize(
    "written", ["youtu.be/abc", "YouTube.com/watch?v=1", "https://open.spotify.com/track/1"]
)
def test_a_page_is_one_however_it_is_written(written: str) -> None:
    with pytest.raises(WebPageGivenError):
        read_address(written)


@given(
    st.text(),
    st.sampled_from(["", "http://", "https://", "HTTPS://", "https://127.0.0.1/", "http://a:", "a.b:"]),
)
def test_any_text_is_an_address_or_a_typed_error(text: str, start: str) -> None:
    try:
        url = read_address(start + text)
    except InputError:
        return
    assert url.scheme in {"http", "https"}
    assert url.host
    assert read_address(str(url)) == url
