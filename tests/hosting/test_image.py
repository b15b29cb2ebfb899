"""The image, built from the Dockerfile and run: `uv run pytest -m image`, as root, with buildah and debootstrap.

Docker's own base cannot be fetched everywhere, so the base is Debian from its packages.
"""

import json
import os
import re
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hosting.steps import ROOT
from tests.process.bot_process import free_port
from tests.stage import wav

pytestmark = [pytest.mark.image, pytest.mark.timeout(1800)]

LARGEST_MB = 450
PASSED_ON = ("UV_DEFAULT_INDEX", "UV_NATIVE_TLS", "PIP_INDEX_URL")
"""How this machine reaches a package index, if not by default."""


def run(*command: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)  # noqa: S603 (fixed commands)
    assert not check or done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    return done


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if os.geteuid():
        pytest.skip("building an image here needs root")
    if missing := [name for name in ("buildah", "debootstrap") if run("which", name, check=False).returncode]:
        pytest.skip(f"{' and '.join(missing)} are not installed")
    root = tmp_path_factory.mktemp("base")
    run(
        "debootstrap", "--variant=minbase", "--include=python3,python3-venv,ca-certificates", "bookworm", root
    )
    for needless in (
        "var/cache/apt",
        "var/lib/apt/lists",
        "usr/share/doc",
        "usr/share/man",
        "usr/share/locale",
    ):
        run("rm", "-rf", root / needless)
    container = run("buildah", "from", "scratch").stdout.strip()
    run("buildah", "add", "-q", container, root, "/")
    run("buildah", "commit", "-q", "--rm", container, "localhost/pianola-test-base")
    yield "localhost/pianola-test-base"
    run("buildah", "rmi", "--force", "localhost/pianola-test-base", check=False)


@pytest.fixture(scope="module")
def image(base: str) -> Iterator[str]:
    certificates = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    given = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    given |= {"BASE": base, "SSL_CERT_FILE": certificates, "PIP_CERT": certificates}
    arguments = [word for name, value in given.items() for word in ("--build-arg", f"{name}={value}")]
    at_home = ("--isolation", "chroot", "--network", "host", "--volume", "/etc/ssl/certs:/etc/ssl/certs:ro")
    run("buildah", "bud", *at_home, *arguments, "--format", "docker", "-t", "localhost/pianola-test", ROOT)
    yield "localhost/pianola-test"
    run("buildah", "rmi", "--force", "localhost/pianola-test", check=False)


@pytest.fixture(scope="module")
def container(image: str) -> Iterator[str]:
    name = run("buildah", "from", image).stdout.strip()
    yield name
    run("buildah", "rm", name, check=False)


def command(container: str, *words: str, **settings: str) -> list[str]:
    given = [word for name, value in settings.items() for word in ("--env", f"{name}={value}")]
    return ["buildah", "run", "--isolation", "chroot", "--network", "host", *given, container, "--", *words]


def test_it_is_small_and_says_how_it_is_run(image: str) -> None:
    inspected = json.loads(run("buildah", "inspect", "--type", "image", image).stdout)
    config = inspected["Docker"]["config"]
    assert config["User"] == "10001:10001"
    assert config["Entrypoint"] == ["python", "-m", "bot"]
    assert config["Healthcheck"]["Test"] == ["CMD", "python", "-m", "bot.web.alive"]
    assert not config.get("Volumes")
    listed = json.loads(run("buildah", "images", "--json", image).stdout)
    number, unit = re.fullmatch(r"([\d.]+) (MB|GB)", listed[0]["size"]).groups()  # type: ignore[union-attr] # buildah's own form
    assert float(number) * (1000 if unit == "GB" else 1) < LARGEST_MB


def test_without_a_token_it_says_so_and_ends_with_2(container: str) -> None:
    ended = run(*command(container, "python", "-m", "bot"), check=False)
    assert ended.returncode == 2, ended.stderr
    assert "DISCORD_TOKEN is missing" in ended.stderr


def test_studio_and_previews_are_in_it(container: str) -> None:
    said = run(*command(container, "python", "-m", "bot", "doctor"), check=False).stdout
    assert "the built-in studio does the work" in said
    assert "the built-in studio hears one second of sound" in said
    assert "previews: one second took" in said


HEARD = """
import asyncio, io, os, sys
from pathlib import Path
from bot.music.song import Note, Song, Track
from bot.sound.preview import preview
from bot.studio.transcriber.transcribe import Transcriber
made = asyncio.run(preview(Song((Track.of([Note(60, 0, 1, 90)], name="x", program=0),)), seconds=1))
print(made.ogg[:4].decode(), os.getuid(), Path("written").write_text("x"))
"""


def test_it_makes_sound_as_a_user_who_may_write_to_its_volume_only(container: str) -> None:
    said = run(*command(container, "python", "-c", HEARD)).stdout
    assert said.split() == ["OggS", "10001", "1"]
    assert run(*command(container, "touch", "/opt/pianola/x"), check=False).returncode != 0


def test_it_transcribes(container: str, tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    song.write_bytes(wav((60, 64, 67)))
    run("buildah", "add", "--chown", "10001:10001", container, song, "/tmp/song.wav")  # noqa: S108 (inside the container)
    asked = '{"do": "transcribe", "path": "/tmp/song.wav", "limit_seconds": 60, "instrument": "piano", "drum_kit": false, "out": "/tmp/out"}'
    worker = (
        f"mkdir -p /tmp/cache; echo '{asked}' | python -m bot.studio.engines /tmp/cache 300; wc -c < /tmp/out"
    )
    said = run(*command(container, "sh", "-c", worker)).stdout
    assert "error" not in said, said
    assert int(said.split()[-1]) > 100


def test_it_lives_until_it_is_told_to_stop(container: str) -> None:
    port = str(free_port())
    settings = {"DISCORD_TOKEN": "a.b.c", "PORT": port, "KIE_API_KEY": "none"}
    process = subprocess.Popen(command(container, "python", "-m", "bot", **settings), start_new_session=True)  # noqa: S603 (a fixed command)
    try:
        wait_until(lambda: lives(port))
        healthy = command(container, "python", "-m", "bot.web.alive", PORT=port)
        assert run(*healthy, check=False).returncode == 0
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
        assert not lives(port)
        assert run(*healthy, check=False).returncode == 1
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def lives(port: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def wait_until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < ends, "it does not live after a minute"
        time.sleep(0.2)  # another process gives no other sign
