"""All parts, by their names."""

from collections.abc import Mapping

from tests.fuzz import files, payloads, receiver, words
from tests.fuzz.part import Opening, ready

PARTS: Mapping[str, Opening] = {
    "requests": receiver.unsigned,
    "signed requests": receiver.signed_,
    "callbacks": lambda: ready(payloads.callbacks()),
    "notes": lambda: ready(payloads.notes()),
    "midi": lambda: ready(files.midi()),
    "sound": lambda: ready(files.sound()),
    "names": lambda: ready(words.names()),
    "settings": lambda: ready(words.settings_()),
}
