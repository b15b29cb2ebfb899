"""MusicXML read again: notes with their times, and whether each bar is full."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

DIVISIONS = 12


@dataclass(frozen=True, slots=True)
class ReadNote:
    """In units from the part's beginning; `pitch` sounds as a MIDI pitch, of drums the place on the staff as its name."""

    part: int
    staff: int
    voice: int
    start: int
    units: int
    pitch: int | str


_TONES = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))


def parts_of(document: str) -> list[ET.Element]:
    return ET.fromstring(document).findall("part")  # noqa: S314  # written just now


def bars_of(part: ET.Element) -> list[ET.Element]:
    return part.findall("measure")


def notes_of(document: str, *, on_strings: bool = False) -> list[ReadNote]:
    """All notes (those of tablatures only if `on_strings`), those that are tied as one; raises AssertionError where a bar's voices are not as long as each other."""
    found: list[ReadNote] = []
    for number, part in enumerate(parts_of(document)):
        begun, up = 0, _transposed(part)
        tied: dict[tuple[int, int, int | str], int] = {}
        for measure in bars_of(part):
            length = _length(measure)
            for start, element, voice, staff in _walk(measure, length):
                if not on_strings and element.find("notations/technical") is not None:
                    continue
                key = (staff, voice, _pitch(element, up))
                units = int(_text(element, "duration"))
                if element.find("tie[@type='stop']") is not None:
                    at = tied.pop(key)
                    before = found[at]
                    assert before.start + before.units == begun + start
                    found[at] = ReadNote(number, staff, voice, before.start, before.units + units, key[2])
                else:
                    at = len(found)
                    found.append(ReadNote(number, staff, voice, begun + start, units, key[2]))
                if element.find("tie[@type='start']") is not None:
                    tied[key] = at
            begun += length
        assert not tied
    return found


def _walk(measure: ET.Element, length: int) -> Iterator[tuple[int, ET.Element, int, int]]:
    place = start = 0
    for element in measure:
        if element.tag == "backup":
            assert place == length
            place -= int(_text(element, "duration"))
        elif element.tag == "forward":
            place += int(_text(element, "duration"))
        elif element.tag == "note":
            if element.find("chord") is None:
                start = place
                place += int(_text(element, "duration"))
            if element.find("rest") is None:
                yield start, element, int(_text(element, "voice")), int(element.findtext("staff") or 1)
    assert place == length


def _length(measure: ET.Element) -> int:
    """By what its first voice has."""
    place = 0
    for element in measure:
        if element.tag == "backup":
            break
        if element.tag in {"note", "forward"} and element.find("chord") is None:
            place += int(_text(element, "duration"))
    return place


def _pitch(element: ET.Element, up: int) -> int | str:
    pitch = element.find("pitch")
    if pitch is None:
        unpitched = element.find("unpitched")
        assert unpitched is not None
        return (
            _text(unpitched, "display-step")
            + _text(unpitched, "display-octave")
            + (element.findtext("notehead") or "")
        )
    step, octave = _text(pitch, "step"), int(_text(pitch, "octave"))
    return 12 * (octave + 1) + _TONES[step] + int(pitch.findtext("alter") or 0) + up


def _transposed(part: ET.Element) -> int:
    transpose = part.find("measure/attributes/transpose")
    if transpose is None:
        return 0
    return int(_text(transpose, "chromatic")) + 12 * int(transpose.findtext("octave-change") or 0)


def _text(element: ET.Element, name: str) -> str:
    found = element.findtext(name)
    assert found is not None
    return found
