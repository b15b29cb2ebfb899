"""Where a General MIDI sound font lies: inside an installed package, or where the system keeps them."""

from importlib import metadata
from pathlib import Path

_PACKAGE, _PACKED = "pretty_midi", "TimGM6mb.sf2"

_SYSTEM_FOLDERS = (Path("/usr/share/sounds/sf2"), Path("/usr/share/soundfonts"))
_SYSTEM_FONTS = (
    "TimGM6mb.sf2",
    "default-GM.sf2",
    "FluidR3_GM.sf2",
    "default.sf2",
)
"""The smallest first: TimGM6mb has 6 MB, FluidR3 has 148, which only fluidsynth can play from in small memory."""


def sound_font(chosen: Path | None = None) -> Path | None:
    """The `chosen` one if it is a sound font; with none chosen the first there is."""
    if chosen is not None:
        return chosen if _is_sound_font(chosen) else None
    return packed_font() or system_font()


def _is_sound_font(path: Path) -> bool:
    """By its first bytes: a synthesizer plays anything else as silence."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    return head[:4] == b"RIFF" and head[8:] == b"sfbk"


def packed_font() -> Path | None:
    """TimGM6mb inside the pretty_midi package, which is read there and never copied."""
    try:
        files = metadata.files(_PACKAGE) or ()
    except metadata.PackageNotFoundError:
        return None
    found = (Path(str(file.locate())) for file in files if file.name == _PACKED)
    return next((path for path in found if path.is_file()), None)


def system_font() -> Path | None:
    """A font from the packages of a Linux system, such as timgm6mb-soundfont."""
    paths = (folder / name for folder in _SYSTEM_FOLDERS for name in _SYSTEM_FONTS)
    return next((path for path in paths if path.is_file()), None)
