"""MusicXML -> pages: engraved by Verovio, painted by resvg with one font on every machine."""

import io
import re
import tempfile
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from xml.sax.saxutils import escape, unescape

import resvg_py
import verovio
from PIL import Image, ImageFont

from bot.music.roll.canvas import fitted
from bot.music.roll.labels import drawable
from bot.music.roll.typefaces import typeface
from bot.score.errors import TOO_MANY_PAGES
from bot.score.letters import on_page

_A4 = {"pageWidth": 2100, "pageHeight": 2970}
"""Tenths of a millimetre."""
_A_STAFF = 250
"""Of the page's height: what it takes at least, with its distance to the next one."""
_HIGHEST_PAGE = 60_000
"""The engraver's own limit."""
_SHARPEST = 2.0
"""Of many staves on one sheet of paper each is small: so many times more dots. A page at that is 75 MB until it is written."""
_IN_CHAT = {"pageWidth": 1500, "pageHeight": 1600, "adjustPageHeight": True}
"""Narrower than paper: on a phone a staff is 19 pixels high and can be read, of A4 13."""
_MANY_STAVES = 3
_OF_MANY = {"pageWidth": 2000, "pageHeight": 2400, "adjustPageHeight": True}
"""From four staves on, or only one line of them would be seen."""
_OPTIONS = {
    "footer": "none",
    "breaks": "auto",
    "scale": 40,
    "mnumInterval": 0,
    "svgViewBox": True,
    "pageMarginLeft": 100,
}
"""On the left twice the usual margin: the engraver takes names for a tenth narrower than this font writes them."""

_PICTURE_WIDTH = 1200
_PAPER_DPI = 220
_PAPER_WIDTH = round(210 / 25.4 * _PAPER_DPI)
_MOST_PAGES = 60
_MOST_BARS = 10_000
"""Of all instruments together: a page has room for some 130 that are empty. Engraving so many takes 5 s."""
_FIRST_BARS = 250
"""More than a first page has room for. Engraving all of six hours with little in them took ten times as long."""

_TEMPO = re.compile(
    r"<metronome><beat-unit>quarter</beat-unit>(<beat-unit-dot/>)?<per-minute>(\d+)</per-minute></metronome>"
)
_PART = re.compile(r"(?<=<part )(id=[^>]*>)(.*?)(?=</part>)", re.DOTALL)
_BAR_END = "</measure>"
_NAME = re.compile(r"<(?P<what>work-title|part-name)>(?P<text>[^<]*)</(?P=what)>")
_TITLE_SIZE, _NAME_SIZE, _MARGINS = 607, 405, 1500
"""As the engraver writes them, in hundredths of a millimetre."""
_STAFF_LINE = re.compile(r'<path d="M-?\d+ (\d+) L')
_SIGN = re.compile(r'<tspan font-family="Leipzig" font-size="\d+px">(.)</tspan>')
_BETWEEN = re.compile(r"(</?tspan[^>]*>)\s+(?=</?tspan)")
"""Line ends between the parts of one word, which would be shown as spaces."""

_TEXT = re.compile(r">([^<>]+)</tspan>")

_IN_LETTERS = {"\ue260": "b", "\uea64": "b", "\ue262": "#", "\uea66": "#"}
"""Signs in chord names: the engraver's own font is a web font, which resvg does not read."""


def picture(musicxml: str) -> bytes:
    """The first page as a PNG, at a size to be read in a chat; as high as one line of all staves is."""
    page = _OF_MANY if _staves(musicxml) > _MANY_STAVES else _IN_CHAT
    svg = next(_engraved(_PART.sub(_beginning, musicxml), page))
    return _painted(svg, _PICTURE_WIDTH)


def pdf(musicxml: str) -> bytes:
    """All pages, for paper.

    Raises:
        ValueError: they are over 60.
    """
    if musicxml.count(_BAR_END) > _MOST_BARS:
        raise ValueError(TOO_MANY_PAGES)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "sheet.pdf"
        # One by one: Pillow holds a page as 5 MB until it is written.
        for number, (svg, grown) in enumerate(_for_paper(musicxml)):
            sharper = min(grown, _SHARPEST)
            page = _on_paper(_painted(svg, round(_PAPER_WIDTH * sharper)))
            page.save(file, format="PDF", append=number > 0, resolution=_PAPER_DPI * sharper)
        return file.read_bytes()


def _beginning(part: re.Match[str]) -> str:
    head, bars = part.groups()
    return head + "".join(
        bar + _BAR_END for bar in bars.split(_BAR_END, _FIRST_BARS)[:_FIRST_BARS] if bar.strip()
    )


def _staves(musicxml: str) -> int:
    return musicxml.count("</score-part>") + musicxml.count("<staves>2</staves>")


def _for_paper(musicxml: str) -> Iterator[tuple[str, float]]:
    """Pages of A4's shape, each with how many times A4 it is: as large as one line of all staves needs."""
    grown = max(1.0, _staves(musicxml) * _A_STAFF / _A4["pageHeight"])
    while True:
        page = {side: round(length * grown) for side, length in _A4.items()}
        svgs = list(_engraved(musicxml, page, _MOST_PAGES))
        reached = max(map(_deepest, svgs)) / (page["pageHeight"] * 10 - _MARGINS)
        if reached <= 1 or page["pageHeight"] >= _HIGHEST_PAGE:
            break
        grown = min(grown * reached * 1.03, _HIGHEST_PAGE / _A4["pageHeight"])
    for svg in svgs:
        yield svg, grown


def _deepest(svg: str) -> int:
    """Where the lowest line of a staff is, in hundredths of a millimetre."""
    return max(map(int, _STAFF_LINE.findall(svg)), default=0)


def _engraved(musicxml: str, page: Mapping[str, int | bool], most: int | None = None) -> Iterator[str]:
    """The pages; of a sheet that has more than `most` none."""
    verovio.enableLog(verovio.LOG_OFF)
    engraver = verovio.toolkit()
    engraver.setOptions({**_OPTIONS, **page})
    # The note of a metronome mark is a letter of that web font, too.
    musicxml = _TEMPO.sub(_in_words, musicxml)
    if not engraver.loadData(_in_letters(musicxml, page["pageWidth"] * 10 - _MARGINS)):
        raise ValueError("the engraver does not read it")
    pages = engraver.getPageCount()
    if most is not None and pages > most:
        raise ValueError(TOO_MANY_PAGES)
    for number in range(1, pages + 1):
        yield engraver.renderToSVG(number)


def _in_words(tempo: re.Match[str]) -> str:
    beats = " (dotted quarters)" if tempo[1] else ""
    return f"<words>{tempo[2]} BPM{beats}</words>"


def _in_letters(musicxml: str, width: int) -> str:
    """With a title and names of letters that the font has, and no longer than there is room for."""
    numbers = count(1)

    def written(name: re.Match[str]) -> str:
        text = unescape(name["text"])
        if name["what"] == "work-title":
            text = fitted(drawable(text, ""), _TITLE_SIZE, width)
        else:
            text = fitted(on_page(text, next(numbers)), _NAME_SIZE, width // 4)
        return f"<{name['what']}>{escape(text)}</{name['what']}>"

    return _NAME.sub(written, musicxml)


def _painted(svg: str, width: int) -> bytes:
    # Around a page's number there are dashes that the font has not.
    svg = svg.replace("\N{EN DASH}", "-")
    # The engraver gives each text size 0 and its spans the real one; resvg leaves such texts out.
    svg = _BETWEEN.sub(r"\1", svg.replace('font-size="0px"', 'font-size="405px"'))
    svg = _SIGN.sub(lambda sign: f"<tspan>{_IN_LETTERS.get(sign[1], '')}</tspan>", svg)
    with tempfile.NamedTemporaryFile(suffix=".ttf") as file:
        name = _font(Path(file.name))
        faces = {path for text in _TEXT.findall(svg) if (path := typeface(unescape(text)))}
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=svg,
                background="#ffffff",
                width=width,
                skip_system_fonts=True,
                font_files=[file.name, *sorted(faces)],
                font_family=name,
                serif_family=name,
            )
        )


def _font(file: Path) -> str:
    """Pillow's own font, written to a file: it comes inside the library, so it is on every machine. Returns its name."""
    font = ImageFont.load_default(10)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow has no outline font")
    file.write_bytes(font.font_bytes)
    return str(font.getname()[0])


def _on_paper(png: bytes) -> Image.Image:
    """Black and white, as printers print: 40 kB a page, where grey is 300."""
    with Image.open(io.BytesIO(png)) as page:
        return page.convert("L").point(lambda light: 255 * (light > 160)).convert("1")
