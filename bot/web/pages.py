"""The few pages for people: what this is, how it is invited, and the two texts that Discord asks for when it verifies a bot."""

import base64
import hashlib
import html
import re
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from aiohttp import web

from bot.version import VERSION

_STYLE: Final = (
    "body{max-width:40em;margin:2em auto;padding:0 1em;font:1.05em/1.5 sans-serif;color:#222;background:#fff}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#1e1f22}a{color:#8ab4ff}}"
)

_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_HEADERS: Final = {
    # Nothing is loaded, run, sent or framed: whatever slips through the escaping stays text.
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_MARKS: Final = re.compile(
    r"\[(?P<words>[^\[\]]+)\]\((?P<address>https://[^\s()]+)\)|`(?P<code>[^`]+)`|\*\*(?P<strong>[^*]+)\*\*"
)
"""What the texts have of Discord's markup."""


class Section(msgspec.Struct, frozen=True):
    """A heading and lines in Discord's markup; a line that begins with "- " is a point of a list."""

    heading: str
    lines: Sequence[str]


class Pages(msgspec.Struct, frozen=True):
    """The texts. `invite` gives the link once the bot is logged in."""

    about: Sequence[Section]
    privacy: Sequence[Section]
    terms: Sequence[Section]
    invite: Callable[[], str | None]

    def add_to(self, router: web.UrlDispatcher) -> None:
        """GET and HEAD of each page."""
        router.add_get("/", self._home)
        router.add_get("/privacy", self._privacy)
        router.add_get("/terms", self._terms)

    async def _home(self, _request: web.Request) -> web.Response:
        link = self.invite()
        invited = f'<p><a href="{html.escape(link)}">Add Pianola to your server</a></p>' if link else ""
        ways = '<p><a href="privacy">Privacy</a> · <a href="terms">Terms</a></p>'
        return _page(
            "Pianola", f"{_sections(self.about)}{invited}{ways}<p>Version {html.escape(VERSION)}</p>"
        )

    async def _privacy(self, _request: web.Request) -> web.Response:
        return _page("Pianola: privacy", _sections(self.privacy) + _BACK)

    async def _terms(self, _request: web.Request) -> web.Response:
        return _page("Pianola: terms", _sections(self.terms) + _BACK)


_BACK: Final = '<p><a href="./">Back</a></p>'


def _page(title: str, body: str) -> web.Response:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{html.escape(title)}</h1>{body}</main></body></html>\n"
    )
    return web.Response(text=text, content_type="text/html", charset="utf-8", headers=_HEADERS)


def _sections(sections: Sequence[Section]) -> str:
    return "".join(_section(one) for one in sections)


def _section(section: Section) -> str:
    points = [line.removeprefix("- ") for line in section.lines if line.startswith("- ")]
    plain = [line for line in section.lines if line and not line.startswith("- ")]
    heading = f"<h2>{html.escape(section.heading)}</h2>" if section.heading else ""
    listed = f"<ul>{''.join(f'<li>{_marked(point)}</li>' for point in points)}</ul>" if points else ""
    return f"{heading}{''.join(f'<p>{_marked(line)}</p>' for line in plain)}{listed}"


def _marked(line: str) -> str:
    """A line as HTML: everything escaped, and of markup only what `_MARKS` knows."""
    parts, at = [], 0
    for mark in _MARKS.finditer(line):
        parts += [html.escape(line[at : mark.start()]), _tag(mark)]
        at = mark.end()
    return "".join([*parts, html.escape(line[at:])])


def _tag(mark: re.Match[str]) -> str:
    if address := mark["address"]:
        return f'<a href="{html.escape(address)}">{html.escape(mark["words"])}</a>'
    if code := mark["code"]:
        return f"<code>{html.escape(code)}</code>"
    return f"<strong>{html.escape(mark['strong'])}</strong>"
