"""Letters that Pillow's own font has not, where this machine has a font for them, and where it has none."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import ImageFont

from bot.language import ENGLISH, language_of
from bot.music.roll import typefaces
from bot.music.roll.canvas import Canvas, text_width
from bot.music.roll.labels import drawable, lettered
from bot.music.roll.typefaces import FOLDERS, OWN, typeface

CYRILLIC = "Ночной поезд"
HOSTS = tuple(FOLDERS)


@pytest.fixture
def fonts(monkeypatch: pytest.MonkeyPatch) -> str:
    """The fonts that this machine has; the one that has Cyrillic letters."""
    monkeypatch.setattr(typefaces, "FOLDERS", HOSTS)
    typefaces.forget()
    found = typeface(CYRILLIC)
    if found is None:
        pytest.skip("no font with Cyrillic letters is installed (Debian's fonts-dejavu-core)")
    return found


def test_without_fonts_a_title_in_another_script_is_no_row_of_boxes() -> None:
    assert typeface(CYRILLIC) is None
    assert drawable(CYRILLIC, "") == ""


def test_a_font_of_the_machine_writes_it_whole(fonts: str) -> None:
    assert drawable(f"  {CYRILLIC}\t(live)", "") == f"{CYRILLIC} (live)"
    font = ImageFont.truetype(fonts, 20)
    missing = bytes(font.getmask("\U0010ffff"))
    assert all(bytes(font.getmask(letter)) != missing for letter in set(CYRILLIC) - {" "})


@pytest.mark.usefixtures("fonts")
@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Ночной – поезд", "Ночной – поезд"),
        ("Ночь № 5 × 2", "Ночь № 5 × 2"),
        ("[Ночь] \U0010ffff", "[Ночь]"),
        ("Ночь\u200d - \U0001fae8\ufe0f", "Ночь"),
        ("За\u0301мок", "Замок"),
    ],
)
def test_signs_beside_its_letters_stay_where_a_font_has_them_and_take_nothing_with_them(
    name: str, written: str
) -> None:
    assert drawable(name, "") == written


class _Georgian:
    """A font of one script's letters, as Noto's are: a box stands for every other."""

    def getmask(self, sign: str) -> bytes:
        return sign.encode() if "\u10a0" <= sign <= "\u10ff" else b"box"


def test_a_font_that_lacks_a_name_s_latin_letters_does_not_write_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "noto-georgian.ttf").touch()
    monkeypatch.setattr(typefaces, "FOLDERS", (tmp_path,))
    monkeypatch.setattr(ImageFont, "truetype", lambda *_: _Georgian())
    typefaces.forget()
    assert drawable("თბილისი", "") == "თბილისი"
    assert drawable("თბილისი (live)", "") == "live"


@pytest.mark.usefixtures("fonts")
def test_it_is_drawn_as_wide_as_it_is_reckoned() -> None:
    canvas = Canvas()
    before = canvas.pixels.copy()
    end = canvas.write(CYRILLIC, 10, 50, size=30)
    assert end == 10 + text_width(CYRILLIC, 30)
    (columns,) = (canvas.pixels != before).any(axis=0).nonzero()
    assert 10 <= columns.min() < 16
    assert end - 8 < columns.max() <= end + 2


@pytest.mark.usefixtures("fonts")
@pytest.mark.parametrize("name", ["Für Elise", "Fis♯ – Solo", "", "808", "Piano 🎹"])
def test_what_the_own_font_can_nearly_write_stays_in_it(name: str) -> None:
    assert set(drawable(name, "-")) <= OWN


@pytest.mark.usefixtures("fonts")
@pytest.mark.parametrize("name", ["مرحبا", "שלום", "नमस्ते", "🎹🎹", "\U0010ffff"])
def test_scripts_whose_signs_depend_on_their_neighbours_are_left_aside(name: str) -> None:
    assert typeface(name) is None
    assert drawable(name, "Track 1") == "Track 1"


def test_a_reader_whose_letters_no_font_has_reads_english() -> None:
    assert lettered(language_of("ja"), "Drums") == ENGLISH("Drums")


def test_a_font_that_was_taken_away_meanwhile_costs_no_picture(
    fonts: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copied = tmp_path / "noto.ttf"
    shutil.copy(fonts, copied)
    monkeypatch.setattr(typefaces, "FOLDERS", (tmp_path,))
    typefaces.forget()
    assert typeface(CYRILLIC) == str(copied)
    copied.unlink()
    assert Canvas().write(CYRILLIC, 10, 50, size=31) > 10


def test_someone_without_a_home_has_the_fonts_of_the_machine() -> None:
    """As in a container that runs as a number, where a helper is not told `HOME`."""
    homeless = (
        "import os, pwd\n"
        "os.environ.pop('HOME', None)\n"
        "def nobody(uid): raise KeyError(uid)\n"
        "pwd.getpwuid = nobody\n"
        "from bot.music.roll.typefaces import FOLDERS\n"
        "print(FOLDERS[0])\n"
    )
    ran = subprocess.run([sys.executable, "-c", homeless], check=True, capture_output=True, text=True)  # noqa: S603 (this very Python)
    assert ran.stdout.strip() == str(HOSTS[0])


def test_a_file_that_is_no_font_and_a_folder_that_is_none_are_no_trouble(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "noto.ttf").write_bytes(b"no font")
    monkeypatch.setattr(typefaces, "FOLDERS", (tmp_path, tmp_path / "none", tmp_path / "noto.ttf"))
    typefaces.forget()
    assert typeface(CYRILLIC) is None
