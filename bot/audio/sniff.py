"""What a file is, from its first bytes: names and declared types lie, and text called .mp3 costs a paid request."""

from bot.audio.errors import (
    ArchiveGivenError,
    EmptyFileError,
    NotAudioError,
    PlaylistGivenError,
    WebPageGivenError,
)
from bot.audio.frames import adts_bytes, begins_chain, holds_chain, mpeg_bytes
from bot.audio.names import file_name

FIRST_BYTES = 16_384
"""Enough to see ten frames of mp3 and a page's `<html>` after a long comment."""

_MIDI_WITHIN = 1024
"""Where a MIDI file begins that others wrapped."""


def check(first: bytes, *, name: str) -> str:
    """The media type of a file that begins with `first`: its first 16 KiB, or all of it if it is shorter.

    That of a MIDI file is audio/midi. Raises `EmptyFileError`, `WebPageGivenError`, `ArchiveGivenError`, `PlaylistGivenError` or `NotAudioError`. Says nothing about whether the
    rest of the file is sound, or whether a video has sound.
    """
    shown = file_name(name)
    if not first:
        raise EmptyFileError(name=shown)
    if first.startswith(b"MThd") or (first.startswith(b"RIFF") and first[8:12] == b"RMID"):
        return "audio/midi"
    if _is_web_page(first):
        raise WebPageGivenError
    if first.startswith(_ARCHIVES):
        raise ArchiveGivenError(name=shown)
    if _is_playlist(first):
        raise PlaylistGivenError(name=shown)
    found = _wrapped_midi(first) or _media_type(first, name.casefold())
    if found:
        return found
    raise NotAudioError(f"begins with {first[:16].hex(' ')}", name=shown)


def _wrapped_midi(first: bytes) -> str | None:
    """A MIDI file behind a byte order mark, MacBinary's 128 bytes or others' that are no audio."""
    return "audio/midi" if b"MThd\0\0\0\6" in first[:_MIDI_WITHIN] else None


def _media_type(first: bytes, name: str) -> str | None:
    audio = _after_tags(first)
    tagged = len(audio) < len(first)
    # Some encoders leave zeros before the first frame, and readers of frames skip them.
    frames = audio.lstrip(b"\0")
    if len(first) >= FIRST_BYTES and not first.strip(b"\0") and name.endswith(_FRAME_SUFFIXES):
        return "audio/mpeg"
    return (
        _riff_or_iff(audio)
        or _by_magic(audio)
        or _by_magic(frames)
        or _mp4(audio, name)
        or _matroska(audio, name)
        or ("audio/aac" if begins_chain(frames, adts_bytes, frames=2) else None)
        or ("audio/mpeg" if begins_chain(frames, mpeg_bytes, frames=2) or tagged else None)
        or ("audio/mpeg" if holds_chain(audio, mpeg_bytes) else None)
        or ("audio/aac" if holds_chain(audio, adts_bytes) else None)
    )


_FRAME_SUFFIXES = (".mp3", ".mp2", ".aac")


def _after_tags(first: bytes) -> bytes:
    """What follows the ID3v2 tags in front of mp3, aac and some flac files; nothing if a picture fills `first`."""
    while first[:3] == b"ID3" and len(first) >= 10 and 2 <= first[3] <= 4 and max(first[6:10]) < 0x80:
        size = first[6] << 21 | first[7] << 14 | first[8] << 7 | first[9]
        first = first[10 + size :]
    return first


def _riff_or_iff(audio: bytes) -> str | None:
    if audio[:4] in {b"RIFF", b"RIFX", b"RF64", b"BW64"} and audio[8:12] == b"WAVE":
        return "audio/wav"
    return "audio/aiff" if audio[:4] == b"FORM" and audio[8:12] in {b"AIFF", b"AIFC"} else None


_MAGIC = (
    # Each with the bytes that come after the letters, so that no text that begins with them is taken for audio.
    (b"fLaC\x00", "audio/flac"),
    (b"fLaC\x80", "audio/flac"),
    (b"OggS\x00", "audio/ogg"),
    (b"caff\x00\x01", "audio/x-caf"),
    (b".snd\x00\x00", "audio/basic"),
    (b"#!AMR\n", "audio/amr"),
    (b"#!AMR-WB\n", "audio/amr-wb"),
    # Sony's Wave64: the letters riff as the beginning of a GUID
    (bytes.fromhex("72 69 66 66 2e 91 cf 11 a5 d6 28 db 04 c1 00 00"), "audio/wav"),
    (bytes.fromhex("30 26 b2 75 8e 66 cf 11 a6 d9 00 aa 00 62 ce 6c"), "audio/x-ms-wma"),
)


def _by_magic(audio: bytes) -> str | None:
    return next((kind for magic, kind in _MAGIC if audio.startswith(magic)), None)


_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"udta", b"junk", b"styp", b"moof", b"sidx"}
"""What files of QuickTime's kind begin with, where not with their brand."""

_PICTURE_BRANDS = {b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"crx "}
_SOUND_BRANDS = {b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "}
_SOUND_SUFFIXES = (".m4a", ".m4b", ".mp4a")


def _mp4(audio: bytes, name: str) -> str | None:
    box, brand = audio[4:8], audio[8:12]
    # The box's size comes first; a printable byte there would make it over 500 MB, which is text.
    if len(audio) < 8 or audio[0] >= 0x20:
        return None
    if box in _BOXES:
        return "video/quicktime"
    if box != b"ftyp" or brand in _PICTURE_BRANDS:
        return None
    if brand in _SOUND_BRANDS or name.endswith(_SOUND_SUFFIXES):
        return "audio/mp4"
    if brand == b"qt  ":
        return "video/quicktime"
    return "video/3gpp" if brand.startswith(b"3g") else "video/mp4"


def _matroska(audio: bytes, name: str) -> str | None:
    if not audio.startswith(bytes.fromhex("1a 45 df a3")):
        return None
    kind = "webm" if b"webm" in audio[:64] else "x-matroska"
    return f"audio/{kind}" if name.endswith((".weba", ".mka", ".opus")) else f"video/{kind}"


_ARCHIVES = (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08")
"""zip, rar, 7z, gzip."""


def _is_playlist(first: bytes) -> bool:
    """M3U or PLS, perhaps with a byte order mark."""
    return first.removeprefix(b"\xef\xbb\xbf").lower().startswith((b"#extm3u", b"[playlist]"))


_PAGE_MARKS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<meta")


def _is_web_page(first: bytes) -> bool:
    """HTML, with a byte order mark, blanks, an XML line or a comment in front."""
    start = first.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<!--", b"<?xml")):
        return b"<html" in start
    return start.startswith(_PAGE_MARKS)
