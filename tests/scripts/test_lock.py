"""How the pins are kept; what uv resolves is checked by `scripts/lock.py --check` itself, which needs an index."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import lock

PROJECT = f"""[project]
name = "x"  # stays as it is

[tool.uv]
{lock.BEGIN}
anything
{lock.END}

[tool.other]
kept = true
"""

PINS = st.lists(st.from_regex(r"[a-z]{1,8}==[0-9]\.[0-9]( ; python_full_version < '3\.12')?", fullmatch=True))


@given(PINS)
def test_pins_are_read_back_and_all_else_stays(pins: list[str]) -> None:
    written = lock.with_block(PROJECT, pins)
    assert lock.pins_of(written) == pins
    before, _, after = PROJECT.partition(f"{lock.BEGIN}\nanything\n{lock.END}\n")
    assert written.startswith(before)
    assert written.endswith(after)
    assert tomllib.loads(written)["tool"]["other"] == {"kept": True}


@given(PINS, PINS)
def test_a_second_writing_leaves_nothing_of_the_first(first: list[str], second: list[str]) -> None:
    assert lock.with_block(lock.with_block(PROJECT, first), second) == lock.with_block(PROJECT, second)


@pytest.mark.parametrize("text", ["", f"{lock.BEGIN}\n", PROJECT + PROJECT], ids=["none", "no end", "twice"])
def test_missing_or_doubled_markers_are_told_and_nothing_is_written(text: str) -> None:
    with pytest.raises(lock.LockError, match="two lines"):
        lock.with_block(text, ["a==1"])


def test_requirements_are_read_with_markers_and_hashes() -> None:
    text = (
        "aa==1.0 \\\n    --hash=sha256:01 \\\n    --hash=sha256:02\n"
        "bb==2 ; python_full_version < '3.12' \\\n    --hash=sha256:03\n"
    )
    assert lock.parse_requirements(text) == {
        "aa==1.0": {"sha256:01", "sha256:02"},
        "bb==2 ; python_full_version < '3.12'": {"sha256:03"},
    }


@pytest.mark.parametrize(
    ("marked", "short"),
    [
        ("a==1 ; python_full_version < '3.15' and sys_platform != 'never'", "a==1"),
        (
            "a==1 ; python_full_version >= '3.13' and python_full_version < '3.15' and sys_platform != 'never'",
            "a==1 ; python_full_version >= '3.13'",
        ),
        (
            "a==1 ; python_full_version < '3.15' and sys_platform == 'win32' \\",
            "a==1 ; sys_platform == 'win32' \\",
        ),
        ("a==1", "a==1"),
    ],
)
def test_markers_keep_only_what_tells_environments_apart(marked: str, short: str) -> None:
    assert lock.shorten(marked) == short


def compared(root: Path, pins: list[str], requirements: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare a project with what a resolution of `a==1` as the only package gives."""
    (root / "pyproject.toml").write_text(lock.with_block(PROJECT, pins), encoding="utf-8")
    (root / "requirements.txt").write_text(requirements, encoding="utf-8")
    monkeypatch.setattr(
        lock, "resolve", lambda _: (["a==1"], "a==1 \\\n    --hash=sha256:01 --hash=sha256:02\n")
    )
    lock.compare(root)


def test_a_wheel_added_to_a_release_later_is_no_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared(tmp_path, ["a==1"], "a==1 --hash=sha256:01\n", monkeypatch)


@pytest.mark.parametrize(
    ("pins", "requirements", "message"),
    [
        ([], "a==1 --hash=sha256:01\n", r"constraint-dependencies.*a==1 is missing"),
        (["a==1", "b==2"], "a==1 --hash=sha256:01\n", r"constraint-dependencies.*b==2 is needless"),
        (["a==1"], "a==2 --hash=sha256:01\n", r"requirements\.txt.*a==1 is missing, a==2 is needless"),
        (["a==1"], "a==1\n", r"other hashes for a==1"),
        (["a==1"], "a==1 --hash=sha256:99\n", r"other hashes for a==1"),
    ],
)
def test_what_does_not_agree_is_named(
    pins: list[str], requirements: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(lock.LockError, match=message):
        compared(tmp_path, pins, requirements, monkeypatch)


def test_a_block_edited_by_hand_is_told(tmp_path: Path) -> None:
    edited = PROJECT.replace("anything", 'constraint-dependencies = ["a==1"]')
    (tmp_path / "pyproject.toml").write_text(edited, encoding="utf-8")
    with pytest.raises(lock.LockError, match="edited by hand"):
        lock.compare(tmp_path)
