"""What songs and their parts are called after their files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.naming import part_names, song_title, tagged_title

NAMES = st.lists(st.text(min_size=1, max_size=30).map(lambda name: f"{name}.wav"), min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("files", "title"),
    [
        (["Night Drive.wav"], "Night Drive"),
        (["no ending"], "no ending"),
        (["a.b.mp3"], "a.b"),
        ([".wav"], ".wav"),
        ([""], "song"),
        (["Sea - bass.wav", "Sea - lead.wav"], "Sea"),
        (["Sea (bass).wav", "Sea (lead).wav"], "Sea"),
        (["Sea_bass.flac", "Sea_lead.wav"], "Sea"),
        (["bass.wav", "lead.wav"], "song"),
        (["Sea.wav", "Sea.wav"], "Sea"),
        (["夜 - ベース.wav", "夜 - 歌.wav"], "夜"),
    ],
)
def test_a_song_is_called_what_its_files_share(files: list[str], title: str) -> None:
    assert song_title(files) == title


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["Sea - bass.wav", "Sea - lead.wav"], ["bass", "lead"]),
        (["Sea (bass).wav", "Sea (lead guitar).wav"], ["bass", "lead guitar"]),
        (["bass.wav", "bassoon.wav"], ["bass", "bassoon"]),
        (["bassist.wav", "bassoon.wav"], ["bassist", "bassoon"]),
        (["bass.wav", "drums.wav"], ["bass", "drums"]),
        (["Sea - Bass (finger).wav", "Sea - Lead.wav"], ["Bass (finger)", "Lead"]),
        (["Sea - .wav", "Sea - lead.wav"], ["Sea - ", "Sea - lead"]),
        (["Sea.wav", "Sea.wav"], ["Sea", "Sea"]),
    ],
)
def test_a_part_is_called_by_what_is_its_own(files: list[str], names: list[str]) -> None:
    assert part_names(files) == names


@pytest.mark.parametrize(
    ("title", "artist", "called"),
    [
        ("Night Drive", "Ann", "Ann - Night Drive"),
        ("Night Drive", "", "Night Drive"),
        ("Night Drive", "Various Artists", "Night Drive"),
        ("", "Ann", ""),
        ("Track 01", "Ann", ""),
        ("Untitled (2)", "Ann", ""),
        ("17", "Ann", ""),
        ("Night Drive", "\u200b\u200d", "Night Drive"),
        ("\u3164", "Ann", ""),
    ],
)
def test_a_song_is_called_by_its_tags_where_they_say_something(title: str, artist: str, called: str) -> None:
    assert tagged_title(title, artist) == called


@given(NAMES)
def test_no_name_is_ever_missing(files: list[str]) -> None:
    assert song_title(files)
    names = part_names(files)
    assert len(names) == len(files)
    assert all(names)


@given(st.text(min_size=1, max_size=20), st.lists(st.text("abcxyz", min_size=1), min_size=2, unique=True))
def test_parts_with_files_of_their_own_have_names_of_their_own(song: str, parts: list[str]) -> None:
    named = part_names([f"{song} - {part}.wav" for part in parts])
    assert len(set(named)) == len(parts)


@pytest.mark.parametrize("unseen", ["\u3164", "\u200d", "\u2800 "])
def test_a_file_whose_name_nobody_would_see_is_called_something(unseen: str) -> None:
    assert song_title([f"{unseen}.mp3"]) == "song"
    assert "song" in part_names([f"{unseen}.mp3", "bass.mp3"])
