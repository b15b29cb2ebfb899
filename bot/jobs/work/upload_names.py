"""What a file is called at the studio: nothing of a song's title, and the instrument where its name says one."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from bot.jobs.naming import part_names
from bot.music.instruments.programs import GM_NAMES, sound_of_file

_PLAIN = re.compile(r"[^A-Za-z0-9]+")
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}")


def upload_name(names: Sequence[str], number: int) -> str:
    """The name under which file `number` of a song's files goes up: an instrument in General MIDI's words, or `song`.

    Studios listen in another way for drums than for all else. A song that comes alone may be called after anything, so
    that nothing in its name makes drums of it: what is heard decides.
    """
    sound = sound_of_file(part_names(names)[number])
    if sound is None or (sound.is_drums and len(names) == 1):
        word = "song"
    else:
        word = "Drums" if sound.is_drums else _PLAIN.sub("-", GM_NAMES[sound.program]).strip("-")
    ending = PurePath(names[number]).suffix
    return word + (ending if _ENDING.fullmatch(ending) else "")
