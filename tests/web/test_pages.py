"""The pages for people, as a browser and as Discord's reviewers get them."""

from html.parser import HTMLParser

import aiohttp
import pytest

from bot.settings import load
from bot.site import pages
from bot.web.pages import Pages, Section
from tests.web.conftest import Door, Open

LINK = "https://discord.com/oauth2/authorize?client_id=1&scope=bot+applications.commands&permissions=274877942784"


class Read(HTMLParser):
    """The tags of a page, its links and its words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"]

    def handle_data(self, data: str) -> None:
        self.words += data


async def read(door: Door, path: str, method: str = "GET") -> tuple[aiohttp.ClientResponse, str]:
    async with door.session.request(method, door.url + path) as answer:
        return answer, await answer.text()


@pytest.fixture
async def home(open_door: Open) -> Door:
    """A bot on kie.ai that is logged in."""
    return await open_door(pages=pages(load(None, kie_api_key="key", keep_days="3"), lambda: LINK))


async def test_the_page_says_what_this_is_and_invites(home: Door) -> None:
    answer, text = await read(home, "/")
    page = Read(text)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "turn it into MIDI" in page.words
    assert page.links == ["https://kie.ai", LINK, "privacy", "terms"]


async def test_nothing_runs_on_a_page_and_nothing_is_loaded(home: Door) -> None:
    for path in ("/", "/privacy", "/terms"):
        answer, text = await read(home, path)
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not {"script", "img", "link", "iframe", "form"} & Read(text).tags


async def test_head_is_answered_as_get_is_without_the_page(home: Door) -> None:
    for path in ("/", "/privacy", "/terms", "/livez"):
        answer, text = await read(home, path, "HEAD")
        assert (answer.status, text) == (200, "")


async def test_privacy_is_what_the_settings_make_of_it(home: Door) -> None:
    _, text = await read(home, "/privacy")
    page = Read(text)
    assert "until 3 days after a song is finished" in page.words
    assert "kie.ai gets the audio" in page.words
    assert "https://kie.ai" in page.links
    assert "[" not in page.words


async def test_terms_are_what_the_settings_make_of_them(open_door: Open) -> None:
    door = await open_door(pages=pages(load(None, songs_per_user="7", max_song_mb="42"), lambda: None))
    _, text = await read(door, "/terms")
    words = Read(text).words
    assert "up to 42 MB" in words
    assert "7 songs in 24 hours" in words
    assert "credits" not in words


@pytest.mark.parametrize(
    ("count", "told"),
    [
        ("1", ("You may send 1 song in", "A server may send 1 song in", "1 day after")),
        ("2", ("You may send 2 songs in", "A server may send 2 songs in", "2 days after")),
    ],
)
async def test_one_is_told_as_one(open_door: Open, count: str, told: tuple[str, ...]) -> None:
    settings = load(None, songs_per_user=count, songs_per_server=count, keep_days=count)
    _, text = await read(await open_door(pages=pages(settings, lambda: None)), "/terms")
    words = Read(text).words
    assert [one for one in told if one not in words] == []


async def test_before_the_login_there_is_no_link(open_door: Open) -> None:
    door = await open_door(pages=pages(load(None), lambda: None))
    _, text = await read(door, "/")
    assert Read(text).links == ["privacy", "terms"]


async def test_texts_are_escaped(open_door: Open) -> None:
    hostile = '<script>alert("x")</script> [a](https://x.example/"><b>) `<i>` **<u>** [b](javascript:1)'
    texts = [Section(hostile, [hostile, f"- {hostile}"])]
    door = await open_door(pages=Pages(texts, texts, texts, lambda: 'https://x.example/"><script>'))
    for path in ("/", "/privacy", "/terms"):
        _, text = await read(door, path)
        page = Read(text)
        assert page.tags <= {
            "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "ul", "li", "a", "code", "strong",
        }  # fmt: skip
        assert not [link for link in page.links if link.startswith("javascript")]
        assert '<script>alert("x")</script>' in page.words
