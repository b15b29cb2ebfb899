"""What file names tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.studio.names import UNKNOWN, part_of
from bot.studio.replies import GROUP_KEYS


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
        ("Lead Vocals.m4a", "Vocals", "Synth Voice"),
        ("backing-vocals.wav", "Backing_Vocals", "Choir Aahs"),
        ("piano.ogg", "Keyboard", "Acoustic Grand Piano"),
        ("Electric_Piano.ogg", "Keyboard", "Electric Piano 1"),
        ("Gtr L.wav", "Guitar", "Acoustic Guitar (steel)"),
        ("Lead Guitar.wav", "Guitar", "Electric Guitar (clean)"),
        ("Strings.wav", "Strings", "String Ensemble 1"),
        ("synth pad.wav", "Synth", "Pad 2 (warm)"),
        ("Alto Sax.wav", "Woodwinds", "Alto Sax"),
        ("0a1b2c_Synth.mp3", "Synth", "Lead 2 (sawtooth)"),
    ],
)
def test_a_stems_name_tells_group_and_instrument(name: str, group: str, instrument: str) -> None:
    part = part_of(name)

    assert (part.group, part.instrument) == (group, instrument)
    assert part.drum_kit == (group == "Drums")
    assert part.mix == (group == "Instrumental")


@pytest.mark.parametrize("name", ["song.mp3", "", ".wav", "Hatred.mp3", "file"])
def test_other_names_tell_nothing(name: str) -> None:
    assert part_of(name) == UNKNOWN


@given(st.text(max_size=300))
def test_any_name_gives_a_group_that_kie_knows(name: str) -> None:
    assert part_of(name).group in GROUP_KEYS
