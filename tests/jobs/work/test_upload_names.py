"""What files are called at the studio."""

import pytest

from bot.jobs.work.upload_names import upload_name

TITLES = (
    *("Tom Odell - Another Love.wav", "KICK BACK.mp3", "Hat Trick.wav", "Tom's Diner.wav", "The Clap.flac"),
    *("Drum and Bass Anthem.wav", "Jingle Bells.wav", "All About That Bass.wav", "voice-message.ogg"),
    *(
        "Guitar Hero.wav",
        "Piano Man.wav",
        "Drums of War.wav",
        "Back in Black.wav",
        "Helicopter.mp3",
        "All_About_That_Bass.mp3",
        "jingle_bells.wav",
    ),
)


@pytest.mark.parametrize("name", TITLES)
def test_a_title_is_never_an_instrument(name: str) -> None:
    assert upload_name([name], 0).startswith("song.")


@pytest.mark.parametrize(
    "name",
    [
        "drums.wav",
        "Schlagzeug.wav",
        "Batería.wav",
        "ドラム.wav",
        "x (drums).wav",
        "x - Drums.wav",
        "drumloop.wav",
    ],
)
def test_nothing_in_the_name_of_a_lone_song_makes_drums_of_it(name: str) -> None:
    assert upload_name([name], 0) == "song.wav"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("bass.wav", "Electric-Bass-finger"),
        ("Tom Petty - Free Fallin (bass).wav", "Electric-Bass-finger"),
        ("Night Drive - Piano.wav", "Acoustic-Grand-Piano"),
        ("Night Drive - piano_01.wav", "Acoustic-Grand-Piano"),
        ("song_piano_01.wav", "Acoustic-Grand-Piano"),
        ("피아노.wav", "Acoustic-Grand-Piano"),
        ("Violão.wav", "Acoustic-Guitar-steel"),
    ],
)
def test_a_whole_name_or_what_is_set_apart_in_it_is_the_instrument(name: str, word: str) -> None:
    assert upload_name([name], 0) == f"{word}.wav"


def test_of_several_files_it_is_what_they_do_not_share() -> None:
    names = [
        "Tom Sawyer - vocals.wav",
        "Tom Sawyer - Schlagzeug.wav",
        "Tom Sawyer - Bajo.wav",
        "Tom Sawyer - x.wav",
    ]
    assert [upload_name(names, number) for number in range(4)] == [
        "Voice-Oohs.wav",
        "Drums.wav",
        "Electric-Bass-finger.wav",
        "song.wav",
    ]


def test_an_ending_that_is_none_stays_here() -> None:
    assert upload_name(["bass.../../x"], 0) == "song"
    assert upload_name(["piano"], 0) == "Acoustic-Grand-Piano"
