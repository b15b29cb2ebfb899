"""What file names tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.studio.names import UNKNOWN, part_of, said
from bot.studio.replies import GROUP_KEYS

TITLES = (
    *("Tom Odell - Another Love.wav", "KICK BACK.mp3", "Hat Trick.wav", "Tom's Diner.wav", "The Clap.flac"),
    *("Drum and Bass Anthem.wav", "Jingle Bells.wav", "All About That Bass.wav", "voice-message.ogg"),
    *("Guitar hero theme.mp3", "Piano Man.wav", "Organic.mp3", "Hornet.wav", "Voicemail.ogg", "Stringer.wav"),
    *(
        "Bassett.mp3",
        "Drummer.wav",
        "Vocalist.mp3",
        "Brassed Off.mp3",
        "Saxony.wav",
        "Applause.mp3",
        "Jingle_Bells_2.wav",
    ),
)


@pytest.mark.parametrize(
    ("name", "group", "instrument"),
    [
        ("Drums.wav", "Drums", "Drums"),
        ("my_song_drums_v2.flac", "Drums", "Drums"),
        ("03-Kick.wav", "Drums", "Drums"),
        ("Bass Drum.wav", "Drums", "Drums"),
        ("BASS.mp3", "Bass", "Electric Bass (finger)"),
        ("song (Bass).mp3", "Bass", "Electric Bass (finger)"),
        ("bass2.wav", "Bass", "Electric Bass (finger)"),
        ("UprightBass.wav", "Bass", "Acoustic Bass"),
        ("Bassoon.wav", "Woodwinds", "Bassoon"),
        ("Lead Vocals.m4a", "Vocals", "Voice Oohs"),
        ("choir.wav", "Backing_Vocals", "Choir Aahs"),
        ("piano.ogg", "Keyboard", "Acoustic Grand Piano"),
        ("Electric_Piano.ogg", "Keyboard", "Electric Piano 1"),
        ("Gtr L.wav", "Guitar", "Electric Guitar (clean)"),
        ("Lead Guitar.wav", "Guitar", "Electric Guitar (clean)"),
        ("Strings.wav", "Strings", "String Ensemble 1"),
        ("synth pad.wav", "Synth", "Pad 2 (warm)"),
        ("Schlagzeug.wav", "Drums", "Drums"),
        ("Batería.wav", "Drums", "Drums"),
        ("ドラム.wav", "Drums", "Drums"),
        ("drumloop.wav", "Drums", "Drums"),
        ("Tom Petty - Free Fallin (bass).wav", "Bass", "Electric Bass (finger)"),
        ("피아노.wav", "Keyboard", "Acoustic Grand Piano"),
        ("Alto Sax.wav", "Woodwinds", "Alto Sax"),
        ("0a1b2c_Synth.mp3", "Synth", "Lead 2 (sawtooth)"),
    ],
)
def test_a_stems_name_tells_group_and_instrument(name: str, group: str, instrument: str) -> None:
    part = part_of(name)

    assert (part.group, part.instrument) == (group, instrument)
    assert part.drum_kit == (group == "Drums")
    assert part.mix == (group == "Instrumental")


@pytest.mark.parametrize("name", ["song.mp3", "", ".wav", "Hatred.mp3", "file", *TITLES])
def test_other_names_and_titles_tell_nothing(name: str) -> None:
    assert part_of(name) == UNKNOWN


def test_what_somebody_says_keeps_its_name() -> None:
    assert (said("Cello").group, said("Cello").instrument) == ("Strings", "Cello")
    assert said("Schlagzeug").drum_kit
    assert not said("Zither").mix


@given(st.text(max_size=300))
def test_any_name_gives_a_group_that_kie_knows(name: str) -> None:
    assert part_of(name).group in GROUP_KEYS
