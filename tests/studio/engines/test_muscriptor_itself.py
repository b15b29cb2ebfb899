"""MuScriptor's own server code, with a tiny network at random, where a Python has it: `MUSCRIPTOR_PYTHON=/path/to/python`.

It brings torch along, several gigabytes, so no test run of ours installs it.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from bot.studio.engine import Song, Wanted
from bot.studio.engines.muscriptor import MuScriptor
from tests.process.bot_process import free_port
from tests.studio import sounds

PYTHON = os.environ.get("MUSCRIPTOR_PYTHON")

pytestmark = [
    pytest.mark.skipif(PYTHON is None, reason="no MUSCRIPTOR_PYTHON"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    port = free_port()
    command = [str(PYTHON), str(Path(__file__).with_name("tiny_muscriptor.py")), str(port)]
    with subprocess.Popen(command) as process:  # noqa: S603 - what the developer named
        try:
            deadline = time.monotonic() + 120
            while not answers(f"http://127.0.0.1:{port}"):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except URLError:
        return False


@pytest.mark.parametrize(
    ("wanted", "name"),
    [(Wanted("Drums", drum_kit=True), "Drums"), (Wanted("Violin"), "Violin")],
)
def test_its_own_server_is_understood(url: str, tmp_path: Path, wanted: Wanted, name: str) -> None:
    path = tmp_path / "song.wav"
    # Two of its chunks of 5 s, so that progress is told in between.
    path.write_bytes(sounds.wav_bytes(sounds.melody([*sounds.SIMPLE_MELODY] * 2)))
    told: list[float] = []

    found = MuScriptor(url, tmp_path / "cache").transcribe(Song(path, 60), wanted, told.append)

    assert told == [0.0, 0.5, 1.0]
    # Whether a random network says any note is up to it; what it says has the wanted name.
    assert {instrument["name"] for instrument in found["instruments"]} <= {name}
