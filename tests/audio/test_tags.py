"""What songs' files say of themselves."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio.tags import MOST_COVER_BYTES, Tags, tags_of
from tests.audio.tagged import flac_head, id3, mp3, picture


def test_title_artist_and_cover_are_read_and_the_file_is_left_at_its_beginning() -> None:
    cover = picture()
    file = io.BytesIO(mp3("Nachtfahrt", "Die Übenden", cover))
    assert tags_of(file) == Tags("Nachtfahrt", "Die Übenden", cover)
    assert file.tell() == 0


def test_those_of_flac_too() -> None:
    cover = picture(kind="PNG")
    assert tags_of(io.BytesIO(flac_head("Drive", "Us", cover))) == Tags("Drive", "Us", cover)


def test_a_file_without_tags_says_nothing() -> None:
    assert tags_of(io.BytesIO(mp3())) == Tags()


def test_a_cover_that_is_none_for_its_size_is_left_out_and_the_title_stays() -> None:
    found = tags_of(io.BytesIO(mp3("Drive", "", bytes(MOST_COVER_BYTES + 1))))
    assert found == Tags("Drive")


def test_endless_words_are_cut() -> None:
    assert len(tags_of(io.BytesIO(mp3("x" * 100_000))).title) == 200


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ID3\x03\x00\x00\x7f\x7f\x7f\x7f",
        id3("Drive", "", b"")[:20],
        b"fLaC" + b"\x04\xff\xff\xff" * 1000,
        b"RIFF\xff\xff\xff\xffWAVEid3 \xff\xff\xff\xff",
        b"\0\0\0\x08moov" * 10_000,
    ],
)
def test_what_leads_astray_says_nothing(data: bytes) -> None:
    assert not tags_of(io.BytesIO(data)).cover


@given(st.binary(max_size=400), st.integers(0, 200))
def test_no_damage_does_harm(junk: bytes, place: int) -> None:
    data = bytearray(id3("Drive", "Us", b"cover"))
    data[place : place + len(junk)] = junk
    assert isinstance(tags_of(io.BytesIO(bytes(data))), Tags)
