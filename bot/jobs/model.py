"""A job: one song on its way from a command to a reply. Plain values; the store keeps them."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

import msgspec

from bot.errors import PianolaError, from_code
from bot.jobs.song_part import SongPart, Source
from bot.kie.separation import Separation
from bot.kie.strength import Strength
from bot.music.meter.chosen import ChosenBars
from bot.music.meter.kept import KeptBars
from bot.music.said import Said
from bot.music.view.view import View


class State(StrEnum):
    """Where a job is. Jobs move down this list only; the last three are final."""

    RECEIVED = "received"
    UPLOADING = "uploading"
    SEPARATING = "separating"
    TRANSCRIBING = "transcribing"
    RENDERING = "rendering"
    DELIVERING = "delivering"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self in FINAL

    @property
    def rank(self) -> int:
        """The place in the order; a job's rank never falls."""
        return _RANKS[self]


FINAL = frozenset({State.DONE, State.FAILED, State.CANCELLED})
_RANKS = {state: rank for rank, state in enumerate(State)}


HERE = "builtin"
"""The name of the built-in studio, as a job's."""

KIE = "kie"
"""The name of kie.ai, the one studio that separates songs."""


class Reply(msgspec.Struct, frozen=True):
    """Where the answer goes, as the interaction said it. Enough for a process that never saw the interaction.

    `may_post` says whether the bot could post in that channel on its own, decided when the command came in:
    afterwards nobody tells. `is_private`: for the asker's eyes only, from the acknowledgement on.
    """

    application_id: int
    interaction_id: int
    token: str
    token_expires_at: datetime
    user_id: int
    channel_id: int | None
    guild_id: int | None
    locale: str
    file_limit: int
    may_post: bool
    is_private: bool = False


class Cost(NamedTuple):
    """Credits, as the studio said them or by the price list."""

    credits: float
    is_said: bool


class Question(StrEnum):
    """What a job can wait to be told."""

    TRACK = "track"
    """Which track of a music task: answered with its place, counted from 0."""

    PRICE = "price"
    """Whether to go on at this price: answered with `yes`, with `two` for two stems instead, or by a cancel."""


class Hold(msgspec.Struct, frozen=True):
    """A question that a job waits with, and until when. `price` and `credits_left` are for `PRICE`; None: not known."""

    question: Question
    since: datetime
    until: datetime
    price: float = 0.0
    credits_left: float | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One song and all that is known of it.

    `revision` counts the writes, so that two writers cannot both win. `callback_base` is where the process that took
    the command can be reached: a worker has no address of its own. `separation_type` None is the one of the settings;
    `chose_separation`: it is the asker's own wish, not a rule of the server. `stem` is the one to be transcribed, or taken
    out. `studio` names who does the work, and `begins_with` is the first
    stage in which there was any left. `answers` are those that the asker gave to earlier holds, and `held_seconds` the
    time they took, which counts for nothing. `instruments` and `notes` count what was heard. `passed_over` names the files
    that were given beside the song, and `undelivered` counts earlier songs of this person that could not be posted.
    `is_unwanted`: somebody cancelled it while something was being ordered that costs; it ends as soon as that is known.
    `said` are instruments by the asker's word, and `strength` is how many notes they want of a studio of ours,
    where that `has_strengths`.
    `is_learned`: its `separation_type` is nobody's wish, but what gave notes before.
    `is_in_overtime`: its time was over, and what was ready or ordered by then was worth some minutes more.
    `bars` are those that the asker chose for the song, instead of the heard ones, and `kept_bars` those that its copies have.
    `view` is what of the song is shown, and in which key; what is kept of it is always whole.
    `is_acknowledged`: it is known that Discord took our acknowledgement, and not that of another process without our database.
    """

    id: str
    state: State
    title: str
    reply: Reply
    parts: tuple[SongPart, ...]
    created_at: datetime
    deadline_at: datetime
    callback_secret: str
    callback_base: str | None = None
    stem: str | None = None
    separation_type: Separation | None = None
    chose_separation: bool = False
    has_preview: bool = True
    studio: str = ""
    begins_with: State = State.UPLOADING
    hold: Hold | None = None
    answers: dict[Question, str] = {}
    held_seconds: float = 0.0
    stage_since: datetime
    finished_at: datetime | None = None
    message_id: int | None = None
    instruments: int | None = None
    notes: int | None = None
    passed_over: tuple[str, ...] = ()
    undelivered: int = 0
    is_unwanted: bool = False
    said: tuple[Said, ...] = ()
    strength: Strength = Strength.USUAL
    has_strengths: bool = True
    is_learned: bool = False
    is_in_overtime: bool = False
    is_acknowledged: bool = True
    bars: ChosenBars | None = None
    kept_bars: KeptBars | None = None
    view: View | None = None
    error_code: str | None = None
    error_values: dict[str, str | int | float] = {}
    revision: int = 0

    @property
    def error(self) -> PianolaError | None:
        """Why the job failed, ready to be told."""
        return from_code(self.error_code, self.error_values) if self.error_code else None

    def worked(self, now: datetime) -> timedelta:
        """The time that the job has been under way at `now`, without what it waited for answers."""
        return now - self.created_at - timedelta(seconds=self.held_seconds)

    @property
    def is_spoiler(self) -> bool:
        """Whether its files are hidden until somebody wants to see them."""
        return any(part.is_spoiler for part in self.parts)

    @property
    def cover(self) -> bytes:
        """The picture of a song of one file, as a small JPEG; empty where there is none, or it was hidden."""
        return self.parts[0].cover if len(self.parts) == 1 and not self.is_spoiler else b""

    @property
    def sound_seconds(self) -> float | None:
        """How much sound there is to work on, in all files; None where that is not known."""
        lengths = [part.seconds or (part.music.seconds if part.music else None) for part in self.parts]
        known = [length for length in lengths if length]
        return sum(known) if len(known) == len(lengths) else None

    @property
    def is_separated(self) -> bool:
        """Whether its studio takes songs apart; of old jobs it is not known which studio had them."""
        return self.studio in {KIE, ""}

    @property
    def can_be_retold(self) -> bool:
        """Whether a studio of ours heard it, which can tell it in another way; not for how long."""
        return not self.is_separated and any(part.separation and part.separation.id for part in self.parts)

    @property
    def can_be_tried_again(self) -> bool:
        """Whether it is known where its sound was last; a separation is enough where its studio outlives the song."""
        return all(
            part.source or part.upload_url or (self.is_separated and not part.needs_upload)
            for part in self.parts
        )

    @property
    def is_score(self) -> bool:
        """Whether the song was given as a MIDI file."""
        return any(part.is_score for part in self.parts)

    @property
    def pace(self) -> str:
        """What the time it takes goes by: jobs of one pace have the same work done at the same studio."""
        return pace_of(self.studio, self.begins_with, self.separation_type)

    def task_id(self, part: int, step: str) -> str | None:
        """The task whose callbacks name this part and `step`; None as long as it is not known, or where there is no such part."""
        if part >= len(self.parts):
            return None
        task = self.parts[part].separation if step == "separation" else self.parts[part].midi
        return task.id if task else None

    @property
    def took(self) -> timedelta | None:
        """How long it was under way; None before its end."""
        return self.worked(self.finished_at) if self.finished_at else None

    @property
    def cost(self) -> Cost | None:
        """What its own tasks cost; None where nothing was paid, or nobody knows."""
        tasks = [task for part in self.parts for task in (part.separation, part.midi)]
        sent = [task for task in tasks if task and task.listed_credits is not None and not task.is_of_before]
        said = [task.credits for task in sent if task.credits is not None]
        if sent and len(said) == len(sent):
            return Cost(sum(said), is_said=True)
        listed = sum((task.listed_credits or 0.0) if task.credits is None else task.credits for task in sent)
        return Cost(listed, is_said=False) if listed else None

    @property
    def separations(self) -> list[str]:
        """The ids of the separations that there surely are; one that was given is known by its stems, or by what came of it."""
        return [
            part.separation.id
            for part in self.parts
            if part.separation
            and part.separation.id
            and part.separation.is_done
            and (part.kind is not Source.TASK or part.music or part.stems or (part.midi and part.midi.id))
        ]

    @property
    def passes_over_separation(self) -> bool:
        """Whether its asker chose a separation, and gave a song that has one, which is used."""
        given = (part.separation for part in self.parts if part.kind is Source.TASK and not part.music)
        return self.chose_separation and any(task and not task.is_of_before for task in given)

    @property
    def can_be_cancelled(self) -> bool:
        """Whether neither its result nor its failure is decided."""
        return self.state.rank < State.RENDERING.rank and self.error_code is None

    @property
    def is_paying(self) -> bool:
        """Whether something was ordered that costs, and its id is not known yet, without which it would be paid again."""
        sent = [part.separation for part in self.parts if part.separation]
        return any(task.id is None and task.listed_credits for task in sent)

    def cancelled(self, now: datetime) -> Self:
        """The job without a result to come."""
        if self.is_paying:
            return msgspec.structs.replace(self, is_unwanted=True)
        return self.moved(State.CANCELLED, now)

    def held(self, hold: Hold) -> Self:
        """The job, waiting for an answer."""
        return msgspec.structs.replace(self, hold=hold)

    def answered(self, answer: str, now: datetime) -> Self:
        """The job with the answer to its question, and the time that it waited for it given back."""
        if self.hold is None:
            raise ValueError("nothing was asked")
        waited = now - self.hold.since
        return msgspec.structs.replace(
            self,
            hold=None,
            answers={**self.answers, self.hold.question: answer},
            held_seconds=self.held_seconds + waited.total_seconds(),
            deadline_at=self.deadline_at + waited,
        )

    def moved(self, state: State, now: datetime) -> Self:
        """The job in a later state."""
        if state.rank <= self.state.rank:
            raise ValueError(f"a job cannot go from {self.state} to {state}")
        finished = now if state.is_final else None
        return msgspec.structs.replace(self, state=state, stage_since=now, finished_at=finished)

    def with_part(self, number: int, part: SongPart) -> Self:
        """The job with one part replaced."""
        return msgspec.structs.replace(self, parts=(*self.parts[:number], part, *self.parts[number + 1 :]))


def pace_of(studio: str, begins_with: State, separation_type: Separation | None = None) -> str:
    """The pace of the jobs that begin with this work at this studio."""
    return f"{studio} {begins_with} {separation_type or ''}".rstrip()


def first_stage(parts: Sequence[SongPart]) -> State:
    """Where the work on these parts begins: what is uploaded, separated or notes already is not done again."""
    if any(part.is_score for part in parts):
        return State.RENDERING
    if all(part.separation and part.separation.is_done for part in parts):
        return State.TRANSCRIBING
    return State.UPLOADING if any(part.needs_upload for part in parts) else State.SEPARATING


def new_job_id() -> str:
    """80 random bits as 20 characters: unguessable in a button's id, and short enough for a message's nonce (25)."""
    return secrets.token_hex(10)


def new_callback_secret() -> str:
    """The unguessable piece of a job's callback address: 256 bits."""
    return secrets.token_urlsafe(32)
