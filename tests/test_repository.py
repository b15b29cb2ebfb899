"""What must hold of the repository as a whole: which room imports which, and which files agree with which."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Each room, and what of ours it may import beside itself. The modules that are in no room see the rooms together and know all.
ARROWS = {
    "bot.music": {"bot.errors", "bot.language", "bot.loose_json", "bot.music.smf", "bot.nesting"},
    "bot.music.smf": {"bot.music.columns", "bot.music.errors", "bot.music.overlaps"},
    "bot.audio": {"bot.errors", "bot.helper", "bot.modest", "bot.language", "bot.version"},
    "bot.kie": {"bot.measures", "bot.errors", "bot.language", "bot.loose_json", "bot.version", "bot.nesting"},
    "bot.jobs": {
        "bot.clock",
        "bot.errors",
        "bot.jobs.storage",
        "bot.jobs.work.studios",
        "bot.kie",
        "bot.music.meter.chosen",
        "bot.music.meter.kept",
        "bot.music.names",
        "bot.music.said",
        "bot.music.view.view",
    },
    "bot.jobs.storage": {
        "bot.measures",
        "bot.clock",
        "bot.errors",
        "bot.jobs.model",
        "bot.jobs.naming",
        "bot.kie.payloads",
        "bot.kie.separation",
    },
    "bot.jobs.storage.databases": {
        "bot.errors",
        "bot.jobs.naming",
        "bot.jobs.storage.tables",
        "bot.private_files",
    },
    "bot.jobs.engines": {"bot.clock", "bot.jobs.storage"},
    "bot.jobs.work": {
        "bot.measures",
        "bot.clock",
        "bot.errors",
        "bot.helper",
        "bot.modest",
        "bot.jobs.model",
        "bot.jobs.naming",
        "bot.jobs.song_part",
        "bot.jobs.storage",
        "bot.rounds",
        "bot.kie",
        "bot.music",
    },
    "bot.web": {
        "bot.measures",
        "bot.errors",
        "bot.jobs",
        "bot.kie.errors",
        "bot.kie.payloads",
        "bot.kie.signature",
        "bot.rounds",
        "bot.version",
    },
    "bot.chat.asked": {
        "bot.audio",
        "bot.chat.discord.refusals",
        "bot.chat.shown",
        "bot.clock",
        "bot.errors",
        "bot.jobs",
        "bot.kie.separation",
        "bot.language",
        "bot.music",
    },
    "bot.chat.shown": {
        "bot.errors",
        "bot.jobs",
        "bot.kie",
        "bot.language",
        "bot.music",
    },
    "bot.chat.shown.pianola": {
        "bot.chat.shown",
        "bot.errors",
        "bot.findings",
        "bot.jobs",
        "bot.kie.separation",
        "bot.language",
        "bot.settings",
        "bot.version",
    },
    "bot.chat.shown.result": {
        "bot.audio",
        "bot.chat.shown",
        "bot.clock",
        "bot.errors",
        "bot.jobs",
        "bot.kie.strength",
        "bot.language",
        "bot.music",
        "bot.rounds",
        "bot.score",
        "bot.sound",
        "bot.video",
    },
    "bot.chat.discord": {
        "bot.measures",
        "bot.background",
        "bot.invite",
        "bot.chat.shown",
        "bot.clock",
        "bot.errors",
        "bot.jobs",
        "bot.language",
        "bot.music",
        "bot.findings",
        "bot.shards",
        "bot.settings",
    },
    "bot.score": {"bot.errors", "bot.helper", "bot.modest", "bot.music"},
    "bot.sound": {"bot.errors", "bot.helper", "bot.modest", "bot.music"},
    "bot.video": {"bot.errors", "bot.helper", "bot.modest", "bot.language", "bot.music", "bot.sound"},
    "bot.studio": {
        "bot.background",
        "bot.errors",
        "bot.helper",
        "bot.kie.signature",
        "bot.kie.strength",
        "bot.music.instruments.programs",
        "bot.nesting",
        "bot.private_files",
        "bot.web.malformed",
        "bot.web.tally",
        "bot.kie.song_errors",
        "bot.rounds",
    },
    "bot.studio.engines": {
        "bot.modest",
        "bot.kie.song_errors",
        "bot.kie.strength",
        "bot.music.instruments.programs",
        "bot.studio.engine",
        "bot.studio.transcriber",
        "bot.studio.whole",
        "bot.version",
    },
    "bot.studio.transcriber": {
        "bot.audio.frames",
        "bot.modest",
        "bot.kie.song_errors",
        "bot.kie.strength",
        "bot.studio.engine",
        "bot.studio.whole",
    },
    "bot.playground": {
        "bot.background",
        "bot.errors",
        "bot.chat",
        "bot.jobs",
        "bot.language",
        "bot.music",
        "bot.sound",
        "bot.terminal",
        "bot.web.malformed",
        "bot.web.tally",
    },
    "bot.doctor": {
        "bot.errors",
        "bot.findings",
        "bot.hosts",
        "bot.invite",
        "bot.jobs.storage",
        "bot.kie",
        "bot.language",
        "bot.music",
        "bot.passing_folders",
        "bot.shards",
        "bot.settings",
        "bot.sound",
        "bot.studio",
        "bot.version",
        "bot.terminal",
    },
    "cogs": {
        "bot.errors",
        "bot.language",
        "bot.chat",
        "bot.jobs",
        "bot.kie.separation",
        "bot.music.view.view",
        "bot.rounds",
        "bot.score",
        "bot.video",
    },
}

# Libraries that belong to some rooms alone; `bot` stands for the modules that are in no room.
OWNERS = {
    "discord": {
        "bot", "bot.chat.asked", "bot.chat.discord", "bot.chat.shown", "bot.chat.shown.pianola", "bot.chat.shown.result",
        "bot.doctor", "bot.playground", "cogs",
    },
    "simcord": {"bot.playground"},
    # The receiver knows its errors: they are a 503, so that kie.ai repeats.
    "sqlalchemy": {"bot.jobs.engines", "bot.jobs.storage", "bot.jobs.storage.databases", "bot.web"},
    "procrastinate": {"bot.jobs.engines"},
    "psycopg": {"bot.jobs.storage.databases"},
    "mido": {"bot.music"},
    "PIL": {"bot.audio", "bot.music", "bot.score"},
    "verovio": {"bot.score"},
    "guitarpro": {"bot.score"},
    "resvg_py": {"bot.score"},
    "av": {"bot.sound", "bot.studio.transcriber", "bot.video"},
    "onnxruntime": {"bot.studio.transcriber"},
    "soxr": {"bot.studio.transcriber"},
}  # fmt: skip

LOCK_FILES = {"uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml"}
INDEX_ADDRESS = re.compile(
    r"https?://[^\s\"'`)]*(?:pypi|pythonhosted|npmjs|/simple\b|/packages/)", re.IGNORECASE
)
MACHINE_PATH = re.compile(r"(?<![\w.~$}/])/(?:work|root|farm|home/\w+|tmp/bash_jobs)/")
LONGEST_MODULE_LINES = 400
WEIGHTS = Path("bot/studio/transcriber/weights")
WEIGHT_FORMATS = {
    ".onnx", ".pt", ".pth", ".safetensors", ".npz", ".npy", ".bin", ".tflite", ".h5", ".sf2", ".sf3",
}  # fmt: skip
MOST_WEIGHT_BYTES = 4_000_000


@cache
def tracked() -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - the git of whoever runs the tests
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in tracked()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if pattern.search(line)
    ]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    """The longest room that holds `module`; `bot` for a module that is in none."""
    rooms = (room for room in ARROWS if module == room or module.startswith(f"{room}."))
    return max(rooms, key=len, default=module.split(".", maxsplit=1)[0])


def house_of(module: str) -> str:
    """The package of `bot` that `module` is in, with all its rooms."""
    return ".".join(module.split(".")[:2])


@cache
def imported_by(path: Path) -> tuple[str, ...]:
    """Full names of the modules (or things in them) that the file at `path` imports, wherever in it."""
    names: list[str] = []
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.Import):
            names.extend(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative imports hide which room they lead to"
            names.extend(f"{node.module}.{name.name}" for name in node.names)
    return tuple(names)


def source_files() -> list[Path]:
    return [path for path in python_files() if path.relative_to(ROOT).parts[0] in {"bot", "cogs"}]


def test_every_package_is_in_a_room_of_the_table() -> None:
    packages = {module_of(path) for path in source_files() if path.name == "__init__.py"}
    assert {package for package in packages if room_of(package) == "bot"} <= {"bot", "bot.chat"}
    assert set(ARROWS) <= packages


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    allowed = ARROWS[room] | {room}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in source_files()
        if room_of(module_of(path)) == room
        for name in imported_by(path)
        if name.startswith(("bot.", "cogs."))
        and not any(name == below or name.startswith(f"{below}.") for below in allowed)
    ]
    assert wrong == []


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_uses_what_it_may_import(room: str) -> None:
    """An arrow that nobody uses any more is taken away, so that the table stays the picture of the house."""
    used = {name for path in source_files() if room_of(module_of(path)) == room for name in imported_by(path)}
    unused = {
        below
        for below in ARROWS[room]
        if not any(name == below or name.startswith(f"{below}.") for name in used)
    }
    assert unused == set()


def test_the_leaves_are_known_to_the_program_alone() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in source_files()
        if module_of(path) not in {"bot.app", "bot.cli", "bot.studio_access", "bot.__main__"}
        and room_of(module_of(path)) != "bot.doctor"
        for name in imported_by(path)
        if house_of(name) in {"bot.studio", "bot.playground"} and house_of(name) != house_of(module_of(path))
    ]
    assert wrong == []


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_stays_in_its_rooms(library: str) -> None:
    users = {
        room_of(module_of(path))
        for path in source_files()
        for name in imported_by(path)
        if name.split(".")[0] == library
    }
    assert users <= OWNERS[library]


def test_no_file_holds_the_address_of_a_package_index() -> None:
    assert lines_with(INDEX_ADDRESS) == []


def test_no_lock_file_is_tracked() -> None:
    assert [path.name for path in tracked() if path.name in LOCK_FILES] == []


def test_no_file_names_a_place_on_a_machine() -> None:
    assert lines_with(MACHINE_PATH) == []


def test_no_module_is_too_long_to_read() -> None:
    lengths = {str(path.relative_to(ROOT)): len(text_of(path).splitlines()) for path in python_files()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE_LINES} == {}


def test_only_weights_of_our_own_are_kept_and_their_card_tells_of_each() -> None:
    weights = [path for path in tracked() if path.suffix in WEIGHT_FORMATS]
    card = text_of(ROOT / WEIGHTS / "README.md")

    assert {path.parent.relative_to(ROOT) for path in weights} == {WEIGHTS}
    assert sum(path.stat().st_size for path in weights) <= MOST_WEIGHT_BYTES
    assert [path.name for path in weights if f"`{path.name}`" not in card] == []


def test_hosts_start_the_program_as_web() -> None:
    assert text_of(ROOT / "Procfile") == "web: python -m bot\n"


def test_every_threat_names_tests_that_are_there() -> None:
    rows = [row for row in text_of(ROOT / "THREATS.md").splitlines() if row.startswith("| ")][1:]
    for row in rows:
        named = re.findall(r"`(tests/[^`]+)`", row)
        assert named, row
        assert [path for path in named if not (ROOT / path).is_file()] == []
