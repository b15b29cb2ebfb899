"""The staff of strings below a guitar's or bass's own, as MusicXML."""

from collections.abc import Iterator, Mapping

from bot.score.instruments.fretboard import Place
from bot.score.rhythm.bar_content import Written
from bot.score.spelling import Spelled, spell

STAFF = 2
"""Its number in the part."""

_FIRST_VOICE = 5


def clef() -> str:
    """The word TAB."""
    return f'<clef number="{STAFF}"><sign>TAB</sign><line>5</line></clef>'


def strings(tuning: tuple[int, ...]) -> str:
    """How many lines it has, and what each is tuned to: the lowest string is line 1."""
    tuned = "".join(
        f'<staff-tuning line="{line}"><tuning-step>{open_.step}</tuning-step><tuning-octave>{open_.octave}</tuning-octave></staff-tuning>'
        for line, open_ in enumerate(spell(tuning[::-1], 0, is_minor=False), 1)
    )
    return f'<staff-details number="{STAFF}"><staff-lines>{len(tuning)}</staff-lines>{tuned}</staff-details>'


def tab_values(
    one: Written,
    voice: int,
    places: Mapping[tuple[int, int], Place],
    names: Mapping[tuple[int, int], Spelled],
) -> Iterator[str]:
    """One value of the staff above on its strings; rests, and what no hand can play, are time that nobody writes."""
    sound = one.sound
    played = (
        [] if sound is None else [pitch for pitch in sorted(sound.pitches) if (sound.start, pitch) in places]
    )
    if sound is None or not played:
        yield f"<forward><duration>{one.units}</duration></forward>"
        return
    for order, pitch in enumerate(played):
        name, place = names[sound.start, pitch], places[sound.start, pitch]
        alter = f"<alter>{name.alter}</alter>" if name.alter else ""
        chord = "<chord/>" if order else ""
        ties = '<tie type="stop"/>' * one.ties_from + '<tie type="start"/>' * one.ties_on
        notations = '<tied type="stop"/>' * one.ties_from + '<tied type="start"/>' * one.ties_on
        notations += "" if order else one.tuplets
        yield (
            f"<note>{chord}<pitch><step>{name.step}</step>{alter}<octave>{name.octave}</octave></pitch>"
            f"<duration>{one.units}</duration>{ties}<voice>{_FIRST_VOICE + voice}</voice>{one.type_lines}<stem>none</stem>"
            f"<staff>{STAFF}</staff><notations>{notations}<technical><string>{place.string}</string>"
            f"<fret>{place.fret}</fret></technical></notations></note>"
        )
