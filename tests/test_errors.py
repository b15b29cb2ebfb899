"""Every error of the tree: a whole sentence for people, and a code that finds it again."""

import ast
import importlib
import inspect
import string
from pathlib import Path

import pytest

import bot
from bot.errors import PianolaError, SettingsError, StudioError, from_code
from bot.kie.song_errors import SongTooLongError
from bot.language import fill

ROOT = Path(bot.__file__).parent.parent
SOURCES = [*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/**/*.py")]


def _tree(kind: type[PianolaError] = PianolaError) -> list[type[PianolaError]]:
    for path in ROOT.glob("bot/**/errors.py"):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    below = [found for child in kind.__subclasses__() for found in _tree(child)]
    return [kind, *(child for child in below if child.__module__.startswith("bot."))]


TREE = {kind.__name__: kind for kind in _tree()}


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _raised() -> list[tuple[str, str, set[str]]]:
    """Every place in the code that makes an error of the tree: file and line, its class, the values it gives."""
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TREE:
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                found.append((place, node.func.id, {word.arg or "" for word in node.keywords}))
            elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and node.exc.id in TREE:
                found.append((f"{path.relative_to(ROOT)}:{node.lineno}", node.exc.id, set()))
    return found


def _flaw(kind: type[PianolaError]) -> str | None:
    sentence = " ".join((inspect.getdoc(kind) or "").split())
    if not vars(kind).get("__doc__"):
        return "says its parent's sentence"
    if not (sentence[0].isupper() or sentence[0] in "`{") or not sentence.endswith("."):
        return "is no whole sentence"
    return "does not fit into a message of 2000 characters" if len(fill(sentence, {})) > 1900 else None


def test_each_error_says_a_whole_sentence() -> None:
    assert {name: flaw for name, kind in TREE.items() if (flaw := _flaw(kind))} == {}


def test_each_place_gives_what_the_sentence_wants() -> None:
    wrong = {
        place: missing
        for place, name, given in _raised()
        # One with a constructor of its own fills the sentence by itself.
        if "__init__" not in vars(TREE[name])
        and (missing := names_in(inspect.getdoc(TREE[name]) or "") - given)
    }
    assert wrong == {}


def test_the_places_were_found() -> None:
    assert len({name for _, name, _ in _raised()}) >= 20


@pytest.mark.parametrize("code", ["", "GoneInThisVersionError", "ValueError", "__class__"])
def test_a_code_of_another_version_is_a_plain_failure(code: str) -> None:
    error = from_code(code, {"reason": "x"})
    assert type(error) is PianolaError
    assert error.sentence == "Something went wrong on our side. Please try again in a minute."


def test_a_missing_value_is_a_question_mark_and_no_trace() -> None:
    assert from_code("FileTooLargeError", {"name": "a.wav"}).sentence.startswith(
        "`a.wav` is too large: I take up to ? MB."
    )


def test_braces_in_a_value_stay_as_they_are() -> None:
    assert fill("{name} is here", {"name": "{0.__class__} {other}"}) == "{0.__class__} {other} is here"


def test_what_is_for_the_log_is_not_in_the_sentence() -> None:
    error = StudioError("key=hunter2")
    assert "hunter2" not in error.sentence
    assert error.detail == str(error) == "key=hunter2"


def test_a_song_that_is_too_long_says_how_long() -> None:
    sentence = SongTooLongError(3 * 3600, 30 * 60).sentence
    assert sentence.startswith("This song is 3 h")
    assert "I take up to 30 min." in sentence


def test_a_wrong_setting_says_what_is_wrong() -> None:
    assert SettingsError("PORT: no").sentence == "Please check the settings. PORT: no."
