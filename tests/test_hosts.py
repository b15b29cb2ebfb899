"""What each host's variables tell."""

from pathlib import Path

import pytest

from bot.hosts import host_name, is_container_service, keeps_files, public_address

IN_ORDER = [
    ("RENDER_EXTERNAL_URL", "https://pianola.onrender.com/", "https://pianola.onrender.com"),
    ("RAILWAY_PUBLIC_DOMAIN", "pianola.up.railway.app", "https://pianola.up.railway.app"),
    ("KOYEB_PUBLIC_DOMAIN", "pianola.koyeb.app", "https://pianola.koyeb.app"),
    ("FLY_APP_NAME", "pianola", "https://pianola.fly.dev"),
    ("HEROKU_APP_DEFAULT_DOMAIN_NAME", "pianola-1a2b.herokuapp.com", "https://pianola-1a2b.herokuapp.com"),
]


@pytest.mark.parametrize(("variable", "value", "address"), IN_ORDER)
def test_each_host_tells_its_public_address(variable: str, value: str, address: str) -> None:
    assert public_address({variable: value}) == address


@pytest.mark.parametrize("first", range(len(IN_ORDER)))
def test_the_first_in_the_order_counts(first: int) -> None:
    environment = {variable: value for variable, value, _ in reversed(IN_ORDER[first:])}
    assert public_address(environment) == IN_ORDER[first][2]


@pytest.mark.parametrize("environment", [{}, {"DYNO": "web.1"}, {"RENDER_EXTERNAL_URL": ""}, {"PORT": "80"}])
def test_where_no_host_tells_an_address_none_is_guessed(environment: dict[str, str]) -> None:
    assert public_address(environment) is None


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"RENDER": "true"}, "Render"),
        ({"RAILWAY_ENVIRONMENT_NAME": "production"}, "Railway"),
        ({"RAILWAY_ENVIRONMENT": "production"}, "Railway"),
        ({"KOYEB_APP_NAME": "pianola"}, "Koyeb"),
        ({"FLY_APP_NAME": "pianola"}, "Fly.io"),
        ({"DYNO": "web.1"}, "Heroku"),
        ({"RENDER": ""}, None),
        ({"PORT": "8080", "HOME": "/home"}, None),
    ],
)
def test_a_host_is_known_by_its_variables(environment: dict[str, str], name: str | None) -> None:
    assert host_name(environment) == name


@pytest.mark.parametrize(
    ("sign", "environment", "ids", "expected"),
    [
        (".dockerenv", {}, (1, 0, 1), True),
        (".dockerenv", {}, (7, 1, 1), True),
        (".dockerenv", {}, (7, 1, 7), True),
        (".dockerenv", {}, (340, 1, 300), False),
        ("run/.containerenv", {}, (1, 0, 1), True),
        ("none", {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, (1, 0, 1), True),
        (".dockerenv", {}, (340, 339, 300), False),
        ("none", {}, (1, 0, 1), False),
        ("none", {"KUBERNETES_SERVICE_HOST": ""}, (1, 0, 1), False),
    ],
    ids=[
        "docker",
        "under an init",
        "in a session of its own under an init",
        "left behind by a shell",
        "podman",
        "kubernetes",
        "a shell in docker",
        "no container",
        "empty sign",
    ],
)
def test_what_a_container_was_started_for_is_a_service(
    tmp_path: Path, sign: str, environment: dict[str, str], ids: tuple[int, int, int], expected: bool
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / sign).touch()
    assert is_container_service(environment, root=tmp_path, ids=ids) is expected


MOUNTS = """\
overlay / overlay rw 0 0
proc /proc proc rw 0 0
/dev/sdb {root}/data ext4 rw 0 0
tmpfs {root}/data/memory tmpfs rw 0 0
/dev/sdc {root}/two\\040words ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("directory", "environment", "expected"),
    [
        ("data", {}, True),
        ("data/not/made/yet", {"RENDER": "true"}, True),
        ("two words/data", {"FLY_APP_NAME": "pianola"}, True),
        ("data", {"DYNO": "web.1"}, False),
        ("data/memory", {}, False),
        ("elsewhere", {}, False),
        ("database", {}, False),
    ],
)
def test_a_directory_on_a_volume_is_kept(
    tmp_path: Path, directory: str, environment: dict[str, str], expected: bool
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS.format(root=tmp_path))
    assert keeps_files(environment, tmp_path / directory, mounts=mounts) is expected


def test_where_no_system_tells_its_mounts_nothing_is_promised(tmp_path: Path) -> None:
    assert keeps_files({}, tmp_path, mounts=tmp_path / "none") is False
