"""Which stem of a separation is transcribed: by its name or id, and what is told where there is none of that name."""

from typing import Any

import pytest
from msgspec.structs import replace

from bot.errors import NoStemsError, PianolaError, StemNotFoundError, StemNotMadeError
from bot.jobs.model import Job
from bot.jobs.song_part import Music, SongPart, Source
from bot.jobs.work.stem_choice import audio_id, unseen_audio_id
from bot.kie.separation import Separation
from bot.kie.stems import Stem
from tests.jobs.storage.test_store import a_job

SENT = SongPart(Source.ADDRESS, "a.wav", None)
GIVEN = SongPart(Source.TASK, "", "an-id")
OF_MUSIC = SongPart(Source.TASK, "", "an-id", music=Music("an-id", ()))
ID = "0123456789abcdef" * 2


def stem(name: str, stem_id: str | None = "") -> Stem:
    return Stem(f"id of {name}" if stem_id == "" else stem_id, name, "https://cdn.example.com/a.mp3")


STEMS = (stem("Backing Vocals"), stem("Vocals"), stem("Drums", None), stem("Electric Guitar"))


def wanting(wanted: str | None, **changes: Any) -> Job:
    return replace(a_job(), stem=wanted, **changes)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (None, None),
        ("Vocals", "id of Vocals"),
        ("vocals ", "id of Vocals"),
        (" id of Vocals", "id of Vocals"),
        ("guitar", "id of Electric Guitar"),
    ],
)
def test_a_stem_is_chosen_by_its_whole_name_before_a_part_of_one(
    wanted: str | None, chosen: str | None
) -> None:
    assert audio_id(wanting(wanted), SENT, STEMS) == chosen


@pytest.mark.parametrize("part", [SENT, OF_MUSIC])
def test_of_one_instrument_what_was_taken_out_is_transcribed(part: SongPart) -> None:
    job = wanting("guitar", separation_type=Separation.ONE_INSTRUMENT)
    assert audio_id(job, part, (stem("Nothing", None), stem("Lead"), *STEMS)) == "id of Lead"


def test_of_a_separation_that_was_given_the_name_decides() -> None:
    job = wanting("guitar", separation_type=Separation.ONE_INSTRUMENT)
    assert audio_id(job, GIVEN, STEMS) == "id of Electric Guitar"


@pytest.mark.parametrize(
    ("part", "stems", "wanted", "error"),
    [
        (SENT, STEMS, "Harp", StemNotMadeError),
        (GIVEN, STEMS, "Harp", StemNotFoundError),
        (GIVEN, STEMS, "?!", StemNotFoundError),
        (SENT, (stem("Vocals", None),), "Vocals", NoStemsError),
    ],
)
def test_a_stem_that_is_not_there_is_no_other(
    part: SongPart, stems: tuple[Stem, ...], wanted: str, error: type[PianolaError]
) -> None:
    with pytest.raises(error):
        audio_id(wanting(wanted), part, stems)


@pytest.mark.parametrize(("wanted", "known"), [(f" {ID}", ID), ("Vocals", None), (None, None)])
def test_where_nobody_can_say_which_there_are_an_id_is_one_all_the_same(
    wanted: str | None, known: str | None
) -> None:
    assert unseen_audio_id(wanting(wanted)) == known
