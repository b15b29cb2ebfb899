"""Every kind of file becomes the same mono samples, in blocks, and no file gets out of hand."""

import io
import struct
import wave
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.kie.song_errors import NoSoundError, SongError, SongTooLongError, UnreadableSongError
from bot.studio.transcriber.decode import RATE_HZ, blocks, measure
from tests.studio import sounds

LIMIT = 60.0


def decoded(path: Path, *, limit_seconds: float = LIMIT) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.concatenate(list(blocks(path, limit_seconds=limit_seconds)))


def saved(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "song"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", sounds.ENCODERS)
def test_every_kind_is_read_at_the_models_rate(tmp_path: Path, kind: str) -> None:
    path = saved(tmp_path, sounds.encoded(sounds.tone(69, 2.0, decay=0), kind))

    samples = decoded(path)

    assert samples.dtype == np.float32
    assert samples.size / RATE_HZ == pytest.approx(2.0, abs=0.1)
    spectrum = np.abs(np.fft.rfft(samples[: 2 * RATE_HZ // 2]))
    assert np.argmax(spectrum) * RATE_HZ / (2 * RATE_HZ // 2) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("kind", sorted(set(sounds.ENCODERS) - {"ogg"}))
def test_every_kind_is_measured(tmp_path: Path, kind: str) -> None:
    path = saved(tmp_path, sounds.encoded(sounds.silence(3.0), kind))

    assert measure(path, limit_seconds=LIMIT) == pytest.approx(3.0, abs=0.1)


def pcm(samples: np.ndarray[tuple[int, int], np.dtype[np.float64]], letters: bytes = b"RIFF") -> bytes:
    """A wav of [samples, channels] in 16 bits; RIFX has all its numbers from their big end."""
    end = ">" if letters == b"RIFX" else "<"
    channels = samples.shape[1]
    data = (samples * 20_000).astype(f"{end}i2").tobytes()
    form = struct.pack(
        f"{end}HHIIHH", 1, channels, sounds.RATE_HZ, sounds.RATE_HZ * 2 * channels, 2 * channels, 16
    )
    head = b"WAVEfmt " + struct.pack(f"{end}I", 16) + form + b"data" + struct.pack(f"{end}I", len(data))
    return letters + struct.pack(f"{end}I", len(head) + len(data)) + head + data


@pytest.mark.parametrize(
    "parts", [(1, -1, 0), (1, -1, 1, -1), (0.5, -1, 0.5), (0, 0, 1, -1), (-1, 1, 1, 1, -1, -1)], ids=str
)
def test_of_more_channels_inverted_ones_take_nothing_away_either(
    tmp_path: Path, parts: tuple[float, ...]
) -> None:
    tone = sounds.tone(60)
    heard = decoded(saved(tmp_path, pcm(np.stack([part * tone for part in parts], axis=1) / 6)))
    usual = decoded(saved(tmp_path, pcm(np.stack([abs(part) * tone for part in parts], axis=1) / 6)))
    assert np.abs(np.abs(heard) - np.abs(usual)).max() < 0.01


def test_an_inverted_channel_takes_nothing_away(tmp_path: Path) -> None:
    tone = sounds.tone(60, decay=0)
    usual = decoded(saved(tmp_path, pcm(np.stack([tone, tone], axis=1) / 3)))
    inverted = decoded(saved(tmp_path, pcm(np.stack([tone, -tone], axis=1) / 3)))
    assert np.abs(inverted - usual).max() < 0.01


def test_what_is_on_one_side_alone_is_heard(tmp_path: Path) -> None:
    tone = sounds.tone(60, decay=0) / 3
    left = decoded(saved(tmp_path, pcm(np.stack([tone, 0 * tone], axis=1))))
    right = decoded(saved(tmp_path, pcm(np.stack([0 * tone, tone], axis=1))))
    assert np.abs(np.abs(left) - np.abs(right)).max() < 0.01
    assert np.abs(left).max() > 0.1


def test_a_wav_from_its_big_end_sounds_the_same(tmp_path: Path) -> None:
    tone = (sounds.tone(60) / 3)[:, None]
    usual = decoded(saved(tmp_path, pcm(tone)))
    assert np.abs(decoded(saved(tmp_path, pcm(tone, b"RIFX"))) - usual).max() < 0.001


@pytest.mark.parametrize("channels", [1, 2, 6, 17])
def test_channels_become_one(tmp_path: Path, channels: int) -> None:
    one = decoded(saved(tmp_path, sounds.wav_bytes(sounds.tone(60))))

    many = decoded(saved(tmp_path, sounds.wav_bytes(sounds.tone(60), channels=channels)))

    assert many.size == one.size
    loudness = np.abs(many).max() / np.abs(one).max()
    assert 0.5 < loudness < 5


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 32_000, 48_000, 96_000, 192_000])
def test_any_usual_rate_is_taken(tmp_path: Path, rate_hz: int) -> None:
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(bytes(2 * rate_hz))

    assert decoded(saved(tmp_path, whole.getvalue())).size == pytest.approx(RATE_HZ, abs=64)


@pytest.mark.parametrize("rate_hz", [1, 1_000, 2_000_000])
def test_an_absurd_rate_is_refused(tmp_path: Path, rate_hz: int) -> None:
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        2036,
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        rate_hz,
        rate_hz * 2,
        2,
        16,
        b"data",
        2000,
    )

    with pytest.raises(UnreadableSongError):
        decoded(saved(tmp_path, header + bytes(2000)))


def test_numbers_that_are_none_become_silence(tmp_path: Path) -> None:
    values = np.full(4_410, np.nan, "<f4")
    values[::2] = np.inf
    size = values.nbytes
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + size,
        b"WAVE",
        b"fmt ",
        16,
        3,
        1,
        44_100,
        176_400,
        4,
        32,
        b"data",
        size,
    )

    samples = decoded(saved(tmp_path, header + values.tobytes()))

    assert np.isfinite(samples).all()


def test_a_header_that_claims_more_than_there_is_gives_what_is_there(tmp_path: Path) -> None:
    data = bytearray(sounds.wav_bytes(sounds.tone(60, 1.0)))
    data[40:44] = struct.pack("<I", 0xFFFFFFF0)

    path = saved(tmp_path, bytes(data))

    assert measure(path, limit_seconds=LIMIT) == pytest.approx(1.0, abs=0.05)
    assert decoded(path).size == pytest.approx(RATE_HZ, abs=64)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "webm"])
def test_too_long_is_refused_before_and_while_decoding(tmp_path: Path, kind: str) -> None:
    path = saved(tmp_path, sounds.encoded(sounds.silence(30), kind))

    with pytest.raises(SongTooLongError) as refused:
        measure(path, limit_seconds=10)
    with pytest.raises(SongTooLongError):
        decoded(path, limit_seconds=10)

    assert refused.value.sentence == "This song is 30 s long, and I take up to 10 s. Send me a part of it."


def test_a_song_of_exactly_the_limit_is_taken(tmp_path: Path) -> None:
    path = saved(tmp_path, sounds.wav_bytes(sounds.silence(10)))

    assert measure(path, limit_seconds=10) == pytest.approx(10)
    assert decoded(path, limit_seconds=10).size == pytest.approx(10 * RATE_HZ, abs=64)


def test_a_video_without_sound_has_none(tmp_path: Path) -> None:
    with pytest.raises(NoSoundError):
        measure(saved(tmp_path, sounds.silent_video()), limit_seconds=LIMIT)


@given(
    data=st.binary(max_size=400),
    start=st.sampled_from([b"", b"RIFF", b"ID3\x04", b"OggS", b"fLaC", b"\xff\xfb\x90"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_any_bytes_give_samples_or_a_readable_error(tmp_path: Path, data: bytes, start: bytes) -> None:
    path = saved(tmp_path, start + data)

    with suppress(SongError):
        measure(path, limit_seconds=LIMIT)
        for block in blocks(path, limit_seconds=LIMIT):
            assert np.isfinite(block).all()


@given(
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=40)), max_size=8),
    kind=st.sampled_from(["mp3", "flac", "m4a", "ogg", "wav", "webm"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_damaged_file_gives_what_is_left_or_a_readable_error(
    tmp_path: Path, cuts: list[tuple[float, bytes]], kind: str
) -> None:
    data = bytearray(sounds.encoded(sounds.tone(60, 0.5), kind))
    for place, bad in cuts:
        start = int(place * (len(data) - 1))
        data[start : start + len(bad)] = bad
    path = saved(tmp_path, bytes(data))

    with suppress(SongError):
        measure(path, limit_seconds=LIMIT)
        for block in blocks(path, limit_seconds=LIMIT):
            assert np.isfinite(block).all()


@pytest.mark.parametrize("payload", [b"", b"nothing", bytes(range(200))])
def test_frames_with_nothing_inside_cost_what_their_sound_is_worth(tmp_path: Path, payload: bytes) -> None:
    junk = sounds.adts(payload) * 30_000
    with pytest.raises(SongTooLongError):
        measure(saved(tmp_path, junk), limit_seconds=LIMIT)
    # A sound in front of them does not let them in.
    with pytest.raises(SongTooLongError):
        measure(saved(tmp_path, sounds.encoded(sounds.tone(60), "aac") + junk), limit_seconds=LIMIT)


def test_sound_in_crumbs_is_given_up_and_a_little_of_it_is_taken(tmp_path: Path) -> None:
    assert measure(saved(tmp_path, sounds.crumbs(2_000)), limit_seconds=LIMIT) == pytest.approx(
        2_000 / sounds.RATE_HZ
    )
    with pytest.raises(UnreadableSongError):
        measure(saved(tmp_path, sounds.crumbs(100_000)), limit_seconds=LIMIT)
