"""What a song is taken apart into: chosen, priced, agreed to, and paid once."""

from pathlib import Path

import discord
import pytest

from bot import app
from bot.chat.shown.cards import Card
from bot.chat.shown.controls import Button
from bot.chat.shown.views import view_of
from bot.doctor.examination import findings
from bot.kie.separation import Separation
from bot.language import ENGLISH
from bot.settings import load
from tests.cogs.results import posted, refusal_of, stranger_at
from tests.cogs.test_server_rules import decide
from tests.kie_server import Fault, KieServer, Track
from tests.kie_server.state import SONG
from tests.stage import Stage, midi_of, pianola, pianola_at, text_of, told, wav


def bodies(kie: KieServer, call: str) -> list[dict[str, str]]:
    return [request.body for request in kie.requests if request.call == call]


async def test_all_stems_can_be_asked_for(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.wav", wav()), separation=Separation.ALL_STEMS.value)
        job = await stage.ended()
        assert (await stage.reply()).attachments
    (sent,) = bodies(kie, "separate")
    assert sent["type"] == "split_stem"
    assert "stemName" not in sent
    assert len(job.parts[0].stems) == 12
    assert kie.charges[0] == ("separation", 50.0)


async def test_one_instrument_is_taken_out_and_alone_transcribed(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(
            song=("song.wav", wav()), separation=Separation.ONE_INSTRUMENT.value, stem="lead guitar"
        )
        job = await stage.ended()
        assert (await stage.reply()).attachments
    (separation,), (midi,) = bodies(kie, "separate"), bodies(kie, "generate_midi")
    assert (separation["type"], separation["stemName"]) == ("split_stem_advanced", "Lead Guitar")
    taken_out = job.parts[0].stems[0]
    assert (taken_out.name, taken_out.id) == ("Lead Guitar", midi["audioId"])


@pytest.mark.parametrize(
    ("stem", "sentence"),
    [
        (None, "Tell me which instrument: give its name as `stem`"),
        ("the singer's `dog`", "I can't take `the singer's 'dog'` out of a song."),
    ],
)
async def test_an_instrument_has_to_be_one_that_can_be_taken_out(
    tmp_path: Path, kie: KieServer, stem: str | None, sentence: str
) -> None:
    options = {"song": ("song.wav", wav()), "separation": Separation.ONE_INSTRUMENT.value}
    async with pianola_at(kie, tmp_path) as stage:
        answer = await stage.midi(**options, **({"stem": stem} if stem else {}))
        assert sentence in told(answer)
    assert kie.requests == []


async def test_the_built_in_studio_says_that_it_separates_nothing(tmp_path: Path) -> None:
    async with pianola(tmp_path) as stage:
        answer = told(await stage.midi(song=("song.wav", wav()), separation=Separation.ALL_STEMS.value))
    assert "My studio can't separate songs." in answer


SEPARATED = "This song was already separated, so I used that and ignored `separation`."


async def test_of_a_song_that_is_separated_already_nothing_is_paid_and_this_is_told(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        await stage.midi(task_id=kie.add_separation().id, separation=Separation.ALL_STEMS.value)
        answer = await stage.reply()
        assert answer.attachments
        assert SEPARATED in text_of(answer)
        await stage.world.person.click(answer, label="Run again")
        again = await stage.reply()
        await stage.midi(task_id=kie.add_separation().id)
        unasked = await stage.reply()
    # Who tries again chose nothing.
    assert again.id != answer.id
    assert SEPARATED not in text_of(again) + text_of(unasked)
    assert kie.count("separate") == 0


async def test_of_a_separated_song_without_notes_it_is_told_too(tmp_path: Path, kie: KieServer) -> None:
    kie.notes = {"state": "complete", "instruments": []}
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(task_id=kie.add_separation().id, separation=Separation.ALL_STEMS.value)
        assert SEPARATED in text_of(await stage.reply())


async def test_a_servers_own_separation_is_nobodys_choice(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await decide(stage, separation_type=Separation.ALL_STEMS)
        await stage.midi(task_id=kie.add_separation().id)
        assert SEPARATED not in text_of(await stage.reply())


async def test_of_a_piece_of_music_the_separation_counts(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        music = kie.add_music(Track("Night Drive", 198.44))
        await stage.midi(task_id=music.id, separation=Separation.ALL_STEMS.value)
        assert SEPARATED not in text_of(await stage.reply())
    (sent,) = bodies(kie, "separate")
    assert sent["type"] == "split_stem"


async def test_stems_are_offered_while_one_types(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        person, channel = stage.world.person, stage.world.channel
        any_stem = await person.autocomplete(channel, "midi", "stem", "vo")
        instrument = await person.autocomplete(
            channel, "midi", "stem", "guitar", separation=Separation.ONE_INSTRUMENT.value
        )
        everything = await person.autocomplete(
            channel, "midi", "stem", "", separation=Separation.ONE_INSTRUMENT.value
        )
    assert [choice["value"] for choice in any_stem] == ["Vocals", "Backing Vocals"]
    assert "Lead Electric Guitar" in [choice["value"] for choice in instrument]
    assert len(everything) == 25


async def asked(stage: Stage, **given: object) -> discord.Message:
    """A song that waits for its price to be agreed to; its answer."""
    await stage.midi(song=("Night Drive.wav", wav()), **given)
    return await stage.shown("Shall I go on?")


async def test_a_price_is_told_before_it_is_paid(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        answer = await asked(stage, separation=Separation.ALL_STEMS.value)
        job = await stage.reached("separating")
        assert "costs about 50 credits (list price)" in text_of(answer)
        assert "has 5,916.25 credits" in text_of(answer)
        assert "If nobody answers, I stop <t:" in text_of(answer)
        assert kie.charges == []
        await stage.world.person.click(answer, custom_id=f"pianola:go:{job.id}")
        message = await stage.reply()
    assert (await midi_of(message)).tracks[0].name == "Night Drive"
    assert kie.count("separate") == 1
    assert kie.charges[0] == ("separation", 50.0)


async def test_a_price_that_is_declined_is_not_paid(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        answer = await asked(stage)
        job = await stage.reached("separating")
        await stage.world.person.click(answer, custom_id=f"pianola:cancel:{job.id}")
        assert (await stage.ended()).state == "cancelled"
        left_over = await posted(stage, view_of(Card(controls=(Button("go", job.id),))))
        too_late = await stage.world.person.click(left_over)
        assert refusal_of(too_late) == "That was already answered, or I'm no longer waiting for it."
    assert kie.charges == []


async def test_nobody_but_the_asker_agrees(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        answer = await asked(stage)
        job = await stage.reached("separating")
        for action in ("go", "cancel"):
            pressed = await stranger_at(stage).click(answer, custom_id=f"pianola:{action}:{job.id}")
            assert refusal_of(pressed) == "Only the person who asked for this song can do that."
        assert (await stage.reached("separating")).hold is not None
    assert kie.charges == []


async def test_a_question_survives_a_restart(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        await asked(stage)
        job = await stage.reached("separating")
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        answer = job.reply
        assert await stage.desk.answer(job.id, job.hold.question, "yes", answer) if job.hold else False
        ended = None
        while ended is None or not ended.state.is_final:
            ended = await stage.running.store.get(job.id)
        assert ended.state == "done"
    assert kie.count("separate") == 1


async def two_empties(stage: Stage, kie: KieServer) -> None:
    """Two songs whose two stems had no notes; the next ones have some."""
    kie.notes = {"state": "complete", "instruments": []}
    for _ in range(2):
        await stage.midi(song=("song.wav", wav()))
        assert (await stage.ended()).error_code == "NoNotesError"
    kie.notes = SONG


async def test_after_two_songs_without_notes_all_stems_are_taken_first(
    tmp_path: Path, kie: KieServer
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await two_empties(stage, kie)
        await stage.midi(song=("song.wav", wav()))
        assert "Two stems gave no notes here so far, so I took all stems." in text_of(await stage.reply())
        seen = await stage.running.desk._outcomes.seen()  # type: ignore[union-attr]  # it is there where kie is
        assert seen == {Separation.TWO_STEMS: (0, 2), Separation.ALL_STEMS: (1, 0)}
    assert [body["type"] for body in bodies(kie, "separate")] == ["separate_vocal"] * 2 + ["split_stem"]


async def test_two_stems_that_gave_notes_once_stay_the_first(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await stage.midi(song=("song.wav", wav()))
        assert (await stage.reply()).attachments
        await two_empties(stage, kie)
        await stage.midi(song=("song.wav", wav()))
        assert (await stage.reply()).attachments
    assert {body["type"] for body in bodies(kie, "separate")} == {"separate_vocal"}


async def test_what_the_owner_decided_is_not_learned_away(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, separation_type="separate_vocal") as stage:
        await two_empties(stage, kie)
        await stage.midi(song=("song.wav", wav()))
        assert (await stage.reply()).attachments
    assert {body["type"] for body in bodies(kie, "separate")} == {"separate_vocal"}


@pytest.mark.parametrize(
    ("label", "type_"), [("Go on", "split_stem"), ("Two stems instead", "separate_vocal")]
)
async def test_where_prices_are_agreed_to_all_stems_are_offered(
    tmp_path: Path, kie: KieServer, label: str, type_: str
) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await two_empties(stage, kie)
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        answer = await asked(stage)
        assert "Two stems gave no notes here so far, so this would be all stems." in text_of(answer)
        assert "about 50 credits" in text_of(answer)
        await stage.world.person.click(answer, label=label)
        assert (await stage.reply()).attachments
    assert bodies(kie, "separate")[-1]["type"] == type_


async def test_the_owner_is_told_what_was_seen(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path) as stage:
        await two_empties(stage, kie)
        outcomes = stage.running.desk._outcomes
        assert outcomes is not None
        settings = load(None, kie_api_key=kie.key, kie_api_url=kie.url, data_dir=str(tmp_path))
        told = [
            finding.said(ENGLISH) async for finding in app._surroundings(settings, outcomes, stage.world.bot)
        ]
        assert "songs with notes: 0 of 2 by two stems, 0 of 0 by all stems" in told
    found = [finding.said(ENGLISH) async for finding in findings(settings, {})]
    assert "songs with notes: 0 of 2 by two stems, 0 of 0 by all stems" in found


async def test_what_costs_nothing_is_not_asked(tmp_path: Path, kie: KieServer) -> None:
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        await stage.midi(task_id=kie.add_separation().id)
        assert (await stage.reply()).attachments


async def test_an_account_that_cannot_be_seen_does_not_stop_the_question(
    tmp_path: Path, kie: KieServer
) -> None:
    kie.break_next("credits", Fault("code", code=455), times=10)
    async with pianola_at(kie, tmp_path, confirm_price="true") as stage:
        answer = await asked(stage)
    assert "costs about 10 credits (list price). Shall I go on?" in text_of(answer)
