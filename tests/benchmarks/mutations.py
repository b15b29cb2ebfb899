"""10 000 damaged answers: each must become a file that mido reads, or the one typed error; prints JSON."""

import collections
import io
import json
import random
import time

import mido

from bot.errors import NotesError
from bot.music.read.parse import read_notes
from bot.music.summary import summarise
from bot.music.write.encode import encode
from tests.benchmarks.answers import answer
from tests.music.payloads import DOCUMENTED

ROUNDS = 10_000

_TOKENS = (
    b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"-1", b"1e-400", b"128", b"21601", b'""', b'"nan"', b'"1_0"', b"{}", b"[]",
    b"[" * 5000, b'{"a":' * 2000, b",", b":", b'"', b"\\ud800", b"\xff", b"\x00", b'"notes":', b'"instruments":', b"9" * 400,
    b'"pitch":60,', "٣".encode(),
)  # fmt: skip


def main() -> None:
    """Damage, read, write, count."""
    rng = random.Random(7)  # noqa: S311  # damage is no secret
    whole = [
        json.dumps(DOCUMENTED).encode(),
        answer(40),
        answer(200),
        json.dumps(answer(40).decode()).encode(),
    ]
    outcomes: collections.Counter[str] = collections.Counter()
    longest = 0.0
    for _ in range(ROUNDS):
        body = _damaged(rng.choice(whole), rng)
        began = time.perf_counter()
        outcome = _outcome(body)
        longest = max(longest, time.perf_counter() - began)
        outcomes[outcome] += 1
    print(json.dumps({"rounds": ROUNDS, **outcomes, "longest_ms": round(longest * 1000, 1)}))


def _outcome(body: bytes) -> str:
    try:
        song = read_notes(body)
    except NotesError:
        return "typed_errors"
    summarise(song)
    file = mido.MidiFile(file=io.BytesIO(encode(song, title="Damaged")), charset="utf-8")
    written = sum(m.type == "note_on" and m.velocity > 0 for track in file.tracks for m in track)
    if written != song.note_count:
        raise SystemExit(f"{written} notes in the file, {song.note_count} in the song, from {body!r}")
    return "songs" if song.report.lines() else "songs_unharmed"


def _damaged(body: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(body))
        kind = rng.choice((0, 1, 2, 3, 3, 3, 4))
        if kind == 0:
            body = body[:at] + bytes((rng.randrange(256),)) + body[at + 1 :]
        elif kind == 1:
            body = body[:at] + body[at + rng.randrange(1, 40) :] or b"x"
        elif kind == 2:
            body = body[:at] + rng.choice(_TOKENS) + body[at + rng.randrange(3) :]
        elif kind == 3:
            body = _value_replaced(body, at, rng)
        else:
            end = at + rng.randrange(1, 200)
            body = body[:end] + body[at:end] + body[end:]
    return body


def _value_replaced(body: bytes, at: int, rng: random.Random) -> bytes:
    """Put another token in the place of the value behind the next colon, so that the whole often stays JSON."""
    colon = body.find(b":", at)
    ends = [place for mark in b",}]" if (place := body.find(bytes((mark,)), colon)) > 0]
    if colon < 0 or not ends:
        return body
    return body[: colon + 1] + rng.choice(_TOKENS) + body[min(ends) :]


if __name__ == "__main__":
    main()
