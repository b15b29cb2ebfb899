"""What the studio keeps: uploads, and the tasks made of them."""

from dataclasses import dataclass
from enum import StrEnum

from bot.kie.strength import Strength
from bot.studio.names import StemName, part_of, said


class Kind(StrEnum):
    """What a task does."""

    SEPARATION = "separation"
    MIDI = "midi"


class State(StrEnum):
    """Where a task is. Both ends are final."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored file. `id` is also the secret part of its address; `folder` is where its owner wanted it."""

    id: str
    name: str
    size: int
    media_type: str
    created_ms: int
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One separation or transcription.

    `upload_id` is None where the address given was none of ours. `audio_id` names the one stem. `seconds` is known
    once the file was measured; `starts` counts how often the work was begun. `instrument` is what the
    asker says that the track is.
    """

    id: str
    kind: Kind
    state: State
    upload_id: str | None
    file_name: str
    audio_id: str
    callback_url: str
    created_ms: int
    completed_ms: int | None = None
    seconds: float = 0.0
    error_number: int | None = None
    error_message: str | None = None
    starts: int = 0
    called_back: bool = False
    strength: Strength = Strength.USUAL
    instrument: str | None = None

    @property
    def part(self) -> StemName:
        """What the asker says that it is, or else what the uploaded file's name tells."""
        return said(self.instrument) if self.instrument else part_of(self.file_name)
