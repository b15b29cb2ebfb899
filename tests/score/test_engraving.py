import base64
import io
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import mido
import numpy as np
import pytest
import resvg_py
import verovio
from PIL import Image

from bot.helper import HelperError
from bot.music.roll.canvas import text_width
from bot.music.song import Note, Song, Track
from bot.music.timeline.bars import Bars, Origin
from bot.score import engraving, pages
from bot.score.engraving import Form, engraved
from bot.score.errors import TOO_MANY_PAGES, SheetError, SheetTooLongError
from bot.score.musicxml import musicxml
from bot.score.score import score_of
from tests.music.harmonies import STYLES, compose
from tests.score.reading import notes_of

MUSESCORE = shutil.which("musescore3") or shutil.which("mscore3")


def document(style: str = "block", bars: int = 16, title: str = "Any Song") -> str:
    return musicxml(score_of(compose(np.random.default_rng(4), style, bars=bars).song, title=title))


@pytest.mark.parametrize(("meter", "told"), [((0, 4, 4), "120 BPM"), ((0, 6, 8), "80 BPM (dotted quarters)")])
def test_which_beats_a_tempo_counts_is_told(meter: tuple[int, int, int], told: str) -> None:
    flute = Track.of([Note(72, beat / 2, beat / 2 + 0.5, 80) for beat in range(12)], name="", program=73)
    bars = Bars(480, ((0, 500_000),), (meter,), origin=Origin.GIVEN)
    svg = next(pages._engraved(musicxml(score_of(Song((flute,), bars=bars), title="")), pages._IN_CHAT))
    assert told in " ".join("".join(ET.fromstring(svg).itertext()).split())  # noqa: S314 (made just now)


@pytest.mark.slow
async def test_the_first_page_is_a_picture() -> None:
    with Image.open(io.BytesIO(await engraved(document(), Form.PICTURE))) as picture:
        assert picture.format == "PNG"
        assert picture.width == 1200
        ink = np.asarray(picture.convert("L")) < 128
    assert 0.005 < ink.mean() < 0.3


@pytest.mark.slow
async def test_letters_are_painted_though_no_font_is_installed() -> None:
    """A title is ink where there is none without it."""
    pictures = [await engraved(document(title=title), Form.PICTURE) for title in ("", "Wonderful Song")]
    inks = []
    for one in pictures:
        with Image.open(io.BytesIO(one)) as picture:
            inks.append(float((np.asarray(picture.convert("L"))[:110] < 128).sum()))
    assert inks[1] > inks[0] + 500


@pytest.mark.slow
async def test_all_pages_are_a_pdf() -> None:
    pdf = await engraved(document(bars=48), Form.PDF)
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/MediaBox") >= 2
    assert len(pdf) < 1_000_000


def band(count: int, name: str = "Any", title: str = "Any Song", pitch: int = 60) -> str:
    notes = [Note(pitch, beat / 2, beat / 2 + 0.4, 80) for beat in range(8)]
    tracks = tuple(Track.of(notes, name=name, program=73) for _ in range(count))
    return musicxml(score_of(Song(tracks), title=title))


@pytest.mark.parametrize(("count", "pitch"), [(15, 60), (15, 120), (40, 60)])
def test_no_staff_is_below_the_edge(monkeypatch: pytest.MonkeyPatch, count: int, pitch: int) -> None:
    painted = []

    def paint(svg: str, _width: int) -> bytes:
        painted.append(svg)
        file = io.BytesIO()
        Image.new("L", (10, 10)).save(file, format="PNG")
        return file.getvalue()

    monkeypatch.setattr(pages, "_painted", paint)
    pages.pdf(band(count, pitch=pitch))
    pages.picture(band(count, pitch=pitch))
    assert len(painted) >= 2
    for svg in painted:
        boxes = re.findall(r'viewBox="0 0 \d+ (\d+)"', svg)
        lines = [int(y) for y in re.findall(r'<path d="M-?\d+ (\d+) L', svg)]
        assert len(set(lines)) >= 5 * count
        assert max(lines) + 500 < int(boxes[-1])


def test_long_and_foreign_names_have_room(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []

    class Engraver(verovio.toolkit):
        def loadData(self, given: str) -> bool:  # noqa: N802  # the engraver's own
            loaded.append(given)
            return bool(super().loadData(given))

    monkeypatch.setattr(verovio, "toolkit", Engraver)
    pages.picture(band(2, name="Wide " * 12, title="W" * 190))
    pages.picture(band(2, name="\u30d9\u30fc\u30b9"))
    title, *names = re.findall("<(?:work-title|part-name)>(.*?)<", loaded[0])
    assert re.fullmatch("W{10,40}…", title)
    assert all(re.fullmatch(r"[Wide ]{5,40}…", name) for name in names)
    assert re.findall("<part-name>(.*?)<", loaded[1]) == ["Track 1", "Track 2"]


@pytest.mark.parametrize("name", ["Instrument number 4 with a long name", "m" * 40, "W" * 40])
@pytest.mark.parametrize("program", [0, 25, 73])
def test_the_first_letters_of_a_long_name_are_on_the_page(
    monkeypatch: pytest.MonkeyPatch, name: str, program: int
) -> None:
    painted: list[str] = []
    monkeypatch.setattr(pages, "_painted", lambda svg, _: painted.append(svg))
    notes = [Note(50 + beat * 3, beat / 2, beat / 2 + 0.4, 80) for beat in range(8)]
    tracks = tuple(Track.of(notes, name=name, program=program) for _ in range(2))
    pages.picture(musicxml(score_of(Song(tracks), title="")))
    labels = re.findall(
        r'class="label">\s*<text x="(\d+)".*?<tspan font-size="405px">([^<]*)<', painted[0], re.DOTALL
    )
    offset = re.findall(r'class="page-margin" transform="translate\((\d+)', painted[0])
    assert len(labels) == 2
    assert all(int(end) + int(offset[0]) > text_width(text, 405) for end, text in labels)


def test_the_number_of_a_page_is_in_letters_of_the_font(monkeypatch: pytest.MonkeyPatch) -> None:
    painted = []

    def paint(*, svg_string: str, **_: object) -> bytes:
        painted.append(svg_string)
        file = io.BytesIO()
        Image.new("L", (10, 10)).save(file, format="PNG")
        return file.getvalue()

    monkeypatch.setattr(resvg_py, "svg_to_bytes", paint)
    pages.pdf(document(bars=48))
    assert len(painted) >= 2
    assert not any("–" in svg for svg in painted)


def test_more_pages_than_anybody_prints_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_MOST_PAGES", 1)
    with pytest.raises(ValueError, match=TOO_MANY_PAGES):
        pages.pdf(document(bars=48))


def of_hours(bars: int) -> str:
    """A note every ten bars, at 120 BPM: a file of 500 bytes has six hours of it."""
    notes = [Note(60, bar * 2, bar * 2 + 1, 80) for bar in range(0, bars, 10)]
    return musicxml(score_of(Song((Track.of(notes, name=""),), bars=Bars.plain()), title=""))


def test_a_first_page_is_the_same_and_no_more_work_in_a_song_of_hours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engraver, given = pages._engraved, list[str]()

    def engraved_too(document: str, page: dict[str, int | bool]) -> Iterator[str]:
        given.append(document)
        return engraver(document, page)

    monkeypatch.setattr(pages, "_engraved", engraved_too)
    long, longer = (pages.picture(of_hours(bars)) for bars in (300, 2000))
    assert longer == long
    assert len(given[1]) == pytest.approx(len(given[0]), rel=0.01)


def test_a_song_of_hours_is_refused_before_its_pages_are_engraved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_engraved", lambda *_: pytest.fail("it was engraved"))
    with pytest.raises(ValueError, match=TOO_MANY_PAGES):
        pages.pdf(of_hours(10_800))


async def test_whoever_asks_for_too_many_pages_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuses(*_: str, given: bytes, seconds: float) -> bytes:
        raise HelperError(
            f"it ended with 1 after {seconds} s and {len(given)} bytes: ValueError: {TOO_MANY_PAGES}"
        )

    monkeypatch.setattr(engraving, "answer", refuses)
    with pytest.raises(SheetTooLongError):
        await engraved("", Form.PDF)


@pytest.mark.slow
async def test_what_is_no_score_is_an_error_and_no_page() -> None:
    with pytest.raises(SheetError):
        await engraved("no score", Form.PICTURE)


@pytest.mark.parametrize("style", STYLES)
def test_the_engraver_reads_every_note(style: str) -> None:
    written = document(style)
    engraver = verovio.toolkit()
    assert engraver.loadData(written)
    midi = mido.MidiFile(file=io.BytesIO(base64.b64decode(engraver.renderToMIDI())))
    struck = [event for track in midi.tracks for event in track if event.type == "note_on" and event.velocity]
    assert len(struck) == len(notes_of(written, on_strings=True))


@pytest.mark.slow
@pytest.mark.skipif(MUSESCORE is None, reason="MuseScore (Debian's musescore3) is not installed")
def test_musescore_reads_every_note_and_complains_of_nothing(tmp_path: Path) -> None:
    jobs, written = [], {}
    for style in STYLES:
        path = tmp_path / f"{style}.musicxml"
        written[path] = document(style)
        path.write_text(written[path])
        jobs.append({"in": str(path), "out": str(path.with_suffix(".again.musicxml"))})
    (tmp_path / "jobs.json").write_text(json.dumps(jobs))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    command = [str(MUSESCORE), "-j", str(tmp_path / "jobs.json")]
    ran = subprocess.run(command, env=environment, capture_output=True, check=True, timeout=110)  # noqa: S603  # our own files
    assert b"rror" not in ran.stderr
    for path, source in written.items():
        again = ET.parse(path.with_suffix(".again.musicxml")).iter("note")  # noqa: S314  # MuseScore wrote it just now
        begun = [
            note for note in again if note.find("rest") is None and note.find("tie[@type='stop']") is None
        ]
        assert len(begun) == len(notes_of(source, on_strings=True))
