"""A score -> MusicXML 4.0, as partwise documents of notation programs are."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import isclose
from xml.sax.saxutils import escape, quoteattr

from bot.music.chords.chord import Chord, Quality, note
from bot.music.timeline.beat import DOTTED_QUARTER
from bot.score import tablature
from bot.score.instruments.drum_kit import piece
from bot.score.instruments.writing import Clef
from bot.score.rhythm.bar_content import Written, bar_content
from bot.score.rhythm.units import QUARTER, Bar
from bot.score.rhythm.voices import Sound, by_bars
from bot.score.score import Part, Score, Staff
from bot.score.spelling import Spelled, key_alter, spell
from bot.score.tablature import tab_values

_KINDS = {
    Quality.MAJOR: "major", Quality.MINOR: "minor", Quality.SEVENTH: "dominant", Quality.MAJOR_SEVENTH: "major-seventh",
    Quality.MINOR_SEVENTH: "minor-seventh", Quality.DIMINISHED: "diminished", Quality.HALF_DIMINISHED: "half-diminished",
    Quality.DIMINISHED_SEVENTH: "diminished-seventh", Quality.AUGMENTED: "augmented", Quality.POWER: "power",
    Quality.SUSPENDED_FOURTH: "suspended-fourth", Quality.SUSPENDED_SECOND: "suspended-second",
}  # fmt: skip
_SIGNS = {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
_MOST_SIGNS = 7
_DRUM_CHANNEL = 10
_SAME_TEMPO = 1e-3
"""Bars begin on whole ticks, so that what is steady is measured a little off."""
_LIKE_THE_SECOND = 0.03
"""A song's first beat is heard this much too long or too short in a bar: nobody would write that down."""


def musicxml(score: Score) -> str:
    """The whole document."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">',
        '<score-partwise version="4.0">',
        f"<work><work-title>{escape(score.title)}</work-title></work>",
        "<identification><encoding><software>Pianola</software></encoding></identification>",
        "<part-list>",
    ]
    for number, part in enumerate(score.parts, 1):
        lines += _listed(part, number)
    lines.append("</part-list>")
    for number, part in enumerate(score.parts, 1):
        lines.append(f'<part id="P{number}">')
        lines += _PartWriter(score, part, number).lines()
        lines.append("</part>")
    lines.append("</score-partwise>\n")
    return "\n".join(lines)


def _listed(part: Part, number: int) -> Iterator[str]:
    yield f'<score-part id="P{number}"><part-name>{escape(part.name or f"Instrument {number}")}</part-name>'
    if part.is_drums:
        pitches = _drums(part)
        yield from (
            f'<score-instrument id="P{number}-I{pitch}"><instrument-name>Drum {pitch}</instrument-name></score-instrument>'
            for pitch in pitches
        )
        yield from (
            f'<midi-instrument id="P{number}-I{pitch}"><midi-channel>{_DRUM_CHANNEL}</midi-channel>'
            f"<midi-unpitched>{pitch + 1}</midi-unpitched></midi-instrument>"
            for pitch in pitches
        )
    else:
        yield f'<score-instrument id="P{number}-I1"><instrument-name>{escape(part.name or "Instrument")}</instrument-name></score-instrument>'
        yield f'<midi-instrument id="P{number}-I1"><midi-program>{part.program + 1}</midi-program></midi-instrument>'
    yield "</score-part>"


def _drums(part: Part) -> list[int]:
    voices = [voice for staff in part.staves for voice in staff.voices]
    return sorted({pitch for voice in voices for sound in voice for pitch in sound.pitches})


class _PartWriter:
    """Writes one part, bar by bar."""

    def __init__(self, score: Score, part: Part, number: int) -> None:
        self._score, self._part, self._number = score, part, number
        sharps = score.key.sharps + (0 if part.is_drums else part.writing.signs)
        self._shift = part.writing.signs
        self._staves = len(part.staves) + bool(part.tuning)
        if sharps > _MOST_SIGNS:
            sharps, self._shift = sharps - 12, self._shift - 12
        self._sharps = 0 if part.is_drums else sharps
        self._names = [[self._spelled(voice) for voice in staff.voices] for staff in part.staves]
        self._sounding = [by_bars(staff.voices, score.bars) for staff in part.staves]
        self._tempos_told = _told(score.tempos)

    def _spelled(self, voice: Sequence[Sound]) -> dict[tuple[int, int], Spelled]:
        """By start and pitch."""
        if self._part.is_drums:
            return {}
        up = self._part.writing.transposed
        places = [(sound.start, pitch) for sound in voice for pitch in sorted(sound.pitches)]
        names = spell([pitch + up for _, pitch in places], self._sharps, is_minor=self._score.key.is_minor)
        return dict(zip(places, names, strict=True))

    def lines(self) -> Iterator[str]:
        chords = list(self._score.chords) if self._number == 1 and not self._part.is_drums else []
        before: Bar | None = None
        for place, bar in enumerate(self._score.bars):
            implicit = ' implicit="yes"' if bar.number < 1 else ""
            yield f'<measure number="{bar.number}"{implicit}>'
            yield from self._attributes(bar, before)
            if self._number == 1:
                yield from self._directions(place)
            while chords and chords[0][0] < bar.end:
                unit, chord = chords.pop(0)
                yield _harmony(chord, self._shift, unit - bar.start)
            yield from self._bar(bar)
            if bar is self._score.bars[-1]:
                yield '<barline location="right"><bar-style>light-heavy</bar-style></barline>'
            yield "</measure>"
            before = bar

    def _attributes(self, bar: Bar, before: Bar | None) -> Iterator[str]:
        is_counted_alike = before is not None and before[2:4] == bar[2:4]
        if is_counted_alike:
            return
        time = f"<time><beats>{bar.numerator}</beats><beat-type>{bar.denominator}</beat-type></time>"
        if before is not None:
            yield f"<attributes>{time}</attributes>"
            return
        mode = "minor" if self._score.key.is_minor else "major"
        clefs = self._part.writing.clefs
        yield f"<attributes><divisions>{QUARTER}</divisions><key><fifths>{self._sharps}</fifths><mode>{mode}</mode></key>{time}"
        if self._staves > 1:
            yield f"<staves>{self._staves}</staves>"
        yield from (_clef(clef, number) for number, clef in enumerate(clefs, 1))
        if self._part.tuning:
            yield tablature.clef() + tablature.strings(self._part.tuning)
        yield from self._transpose()
        yield "</attributes>"

    def _transpose(self) -> Iterator[str]:
        up = self._part.writing.transposed
        if not up:
            return
        octaves, rest = divmod(abs(up), 12)
        # Of a whole tone the letter moves by one, of a fifth by four, of a sixth by five.
        letters = {0: 0, 2: 1, 7: 4, 9: 5}[rest]
        sign = -1 if up > 0 else 1
        octave = f"<octave-change>{sign * octaves}</octave-change>" if octaves else ""
        yield f"<transpose><diatonic>{sign * letters}</diatonic><chromatic>{sign * rest}</chromatic>{octave}</transpose>"

    def _directions(self, place: int) -> Iterator[str]:
        yield from self._tempo(place)
        if self._score.is_swung and not place:
            yield '<direction placement="above"><direction-type><words font-weight="bold">Swing</words></direction-type></direction>'

    def _tempo(self, place: int) -> Iterator[str]:
        """Played wherever it changes, told on paper only where it is held."""
        tempos = self._score.tempos
        changes = not place or not _is_same(tempos[place - 1], tempos[place])
        sound = f'<sound tempo="{tempos[place]:.2f}"/>' if changes else ""
        told = self._tempos_told.get(place)
        if told is None:
            if sound:
                yield sound
            return
        # In a pickup the beats of what it leads to are counted.
        bar = max(self._score.bars[place : place + 2 - bool(place)], key=lambda bar: bar.length)
        dot, beats = ("<beat-unit-dot/>", told / float(DOTTED_QUARTER)) if bar.is_compound else ("", told)
        yield (
            f'<direction placement="above"><direction-type><metronome><beat-unit>quarter</beat-unit>{dot}'
            f"<per-minute>{round(beats)}</per-minute></metronome></direction-type>{sound}</direction>"
        )

    def _bar(self, bar: Bar) -> Iterator[str]:
        is_first = True
        for number, staff in enumerate(self._part.staves, 1):
            contents = self._contents(staff, number - 1, bar)
            signs: dict[tuple[str, int], int] = {}
            # Signs hold for all voices of a staff, in the order of time.
            marked = self._marked(contents, number - 1, signs)
            for place, content in enumerate(contents):
                if not is_first:
                    yield f"<backup><duration>{bar.length}</duration></backup>"
                is_first = False
                for one in content:
                    yield from self._written(one, number, place, marked, has_two=len(contents) > 1)
            if self._part.tuning:
                yield from self._strings(contents, bar)

    def _strings(self, contents: list[list[Written]], bar: Bar) -> Iterator[str]:
        for place, content in enumerate(contents):
            yield f"<backup><duration>{bar.length}</duration></backup>"
            names = self._names[0][place] if self._names[0] else {}
            for one in content:
                yield from tab_values(one, place, self._part.places, names)

    def _contents(self, staff: Staff, number: int, bar: Bar) -> list[list[Written]]:
        rows = next(self._sounding[number])
        wanted = [(place, row) for place, row in enumerate(rows) if place == 0 or row] or [(0, [])]
        return [bar_content(row, bar, staff.thirds, shows_rests=place == 0) for place, row in wanted]

    def _marked(
        self, contents: list[list[Written]], staff: int, signs: dict[tuple[str, int], int]
    ) -> set[tuple[int, int, int]]:
        """Which notes (by voice, start of the written value, pitch) have a sign before them."""
        marked: set[tuple[int, int, int]] = set()
        if self._part.is_drums:
            return marked
        every = [
            (one.start, place, one) for place, content in enumerate(contents) for one in content if one.sound
        ]
        for _, place, one in sorted(every, key=lambda each: each[:2]):
            if one.sound is None:
                continue
            for pitch in sorted(one.sound.pitches):
                name = self._names[staff][place][one.sound.start, pitch]
                key = (name.step, name.octave)
                if one.ties_from:
                    continue
                if signs.get(key, key_alter(name.step, self._sharps)) != name.alter:
                    marked.add((place, one.start, pitch))
                signs[key] = name.alter
        return marked

    def _written(
        self, one: Written, staff: int, place: int, marked: set[tuple[int, int, int]], *, has_two: bool
    ) -> Iterator[str]:
        if one.value is None:
            yield f"<forward><duration>{one.units}</duration></forward>"
            return
        voice = (staff - 1) * 4 + place + 1
        staff_line = f"<staff>{staff}</staff>" if self._staves > 1 else ""
        tail = f"<voice>{voice}</voice>" + one.type_lines
        if one.sound is None:
            measure = ' measure="yes"' if one.is_whole_bar else ""
            yield f"<note><rest{measure}/><duration>{one.units}</duration>{tail}{staff_line}{one.tuplet_notation}</note>"
            return
        stem = f"<stem>{'down' if place else 'up'}</stem>" if has_two else ""
        for order, pitch in enumerate(sorted(one.sound.pitches)):
            chord = "<chord/>" if order else ""
            ties = '<tie type="stop"/>' * one.ties_from + '<tie type="start"/>' * one.ties_on
            what, sign, head = self._head(one, pitch, staff - 1, place, marked)
            notations = '<tied type="stop"/>' * one.ties_from + '<tied type="start"/>' * one.ties_on
            if not order:
                notations += one.tuplets
            notations = f"<notations>{notations}</notations>" if notations else ""
            beams = one.beam_lines if not order else ""
            instrument = (
                f"<instrument id={quoteattr(f'P{self._number}-I{pitch}')}/>" if self._part.is_drums else ""
            )
            yield (
                f"<note>{chord}{what}<duration>{one.units}</duration>{ties}{instrument}<voice>{voice}</voice>"
                f"{one.type_only}{sign}{one.modification}{stem}{head}{staff_line}{beams}{notations}</note>"
            )

    def _head(
        self, one: Written, pitch: int, staff: int, place: int, marked: set[tuple[int, int, int]]
    ) -> tuple[str, str, str]:
        """Pitch, sign and head of a note."""
        if self._part.is_drums:
            drum = piece(pitch)
            head = f"<notehead>{drum.head}</notehead>" if drum.head != "normal" else ""
            step = f"<display-step>{drum.step}</display-step><display-octave>{drum.octave}</display-octave>"
            return f"<unpitched>{step}</unpitched>", "", head
        sound = one.sound
        assert sound is not None  # noqa: S101  # only of notes
        name = self._names[staff][place][sound.start, pitch]
        alter = f"<alter>{name.alter}</alter>" if name.alter else ""
        sign = f"<accidental>{_SIGNS[name.alter]}</accidental>" if (place, one.start, pitch) in marked else ""
        return f"<pitch><step>{name.step}</step>{alter}<octave>{name.octave}</octave></pitch>", sign, ""


def _told(tempos: Sequence[float]) -> dict[int, float]:
    """The tempos on paper, by bars: those that are held, for of a beat that was heard no two bars are alike."""
    if len(tempos) == 1:
        return {0: tempos[0]}
    same = [_is_same(*two) for two in pairwise(tempos)]
    told = {
        place: tempos[place] for place, held in enumerate(same) if held and not (place and same[place - 1])
    }
    if 0 not in told and 1 in told and isclose(tempos[0], tempos[1], rel_tol=_LIKE_THE_SECOND):
        told[0] = told.pop(1)
    # What reads the same as the mark before it is not written again.
    marks = [(0, 0.0), *sorted(told.items())]
    return {place: tempo for (_, last), (place, tempo) in pairwise(marks) if round(tempo) != round(last)}


def _is_same(tempo: float, other: float) -> bool:
    return isclose(tempo, other, rel_tol=_SAME_TEMPO)


def _clef(clef: Clef, number: int) -> str:
    octaves = f"<clef-octave-change>{clef.octaves}</clef-octave-change>" if clef.octaves else ""
    line = "" if clef.sign == "percussion" else f"<line>{clef.line}</line>"
    return f'<clef number="{number}"><sign>{clef.sign}</sign>{line}{octaves}</clef>'


def _harmony(chord: Chord, shift: int, place: int) -> str:
    def tone(fifths: int, what: str) -> str:
        name = note(fifths + shift)
        alter = name.count("♯") - name.count("♭")
        signs = f"<{what}-alter>{alter}</{what}-alter>" if alter else ""
        return f"<{what}-step>{name[0]}</{what}-step>{signs}"

    bass = f"<bass>{tone(chord.bass_fifths, 'bass')}</bass>" if chord.bass else ""
    text = quoteattr(chord.quality.suffix.replace("♭", "b"))
    offset = f"<offset>{place}</offset>" if place else ""
    return f"<harmony><root>{tone(chord.fifths, 'root')}</root><kind text={text}>{_KINDS[chord.quality]}</kind>{bass}{offset}</harmony>"
