# ruff: noqa: INP001 (run with -m: it reads the texts out of the program)
"""Keep the translations in `bot/catalogues` in step with the texts in the code.

    uv run python -m scripts.catalogues            take new texts in, unused ones out, and compile
    uv run python -m scripts.catalogues --check    exit 1, with a line for each thing that is missing or wrong

A catalogue is a .po file, which people edit, and the .mo file that is made of it, which the program reads: a
hundredth of the time, and without Babel. Hosts run the code as it stands, so both are kept.
"""

import argparse
import ast
import asyncio
import io
import re
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from discord.ext import commands

from bot.chat.discord.client import COGS
from bot.errors import PianolaError, SettingsError, template_of
from bot.language import CATALOGUES

ROOT = CATALOGUES.parent.parent

LANGUAGES = ("de", "es-ES", "fr", "ja", "ko", "pt-BR", "zh-CN")
"""Discord's names of the languages that Pianola speaks beside English."""

SAYING = {"say": 1, "self": 1, "text": 1, "plural": 2, "Plural": 2}
"""The calls that hold texts, and how many; `self` is how a `Language` says its own."""

COMMAND_NAME = re.compile(r"[-_'\w]{1,32}")
"""What Discord takes as the name of a command or an option, beside that it must be in lower case."""

_UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
"""Babel writes dates into what it makes; with one and the same, equal texts give equal bytes."""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and change nothing")
    if parser.parse_args().check:
        found = list(problems())
        sys.stderr.writelines(f"catalogues: {problem}\n" for problem in found)
        return 1 if found else 0
    for language in LANGUAGES:
        renew(language)
    return 0


def texts_in_use() -> Catalog:
    """Every text of the code, without translations, each with the files where it stands."""
    catalogue = Catalog(charset="utf-8")
    for path in sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/**/*.py")]):
        for text in _said_in(path.read_text(encoding="utf-8")):
            catalogue.add(text, locations=[(path.relative_to(ROOT).as_posix(), 0)])
    for error in _told_errors():
        catalogue.add(template_of(error), locations=[(error.__module__.replace(".", "/") + ".py", 0)])
    for context, text in sorted(
        set(asyncio.run(_command_texts())), key=lambda found: (found[0] or "", found[1])
    ):
        catalogue.add(text, context=context, locations=[("cogs", 0)])
    return catalogue


def _said_in(source: str) -> list[str | tuple[str, ...]]:
    """The texts of a module, in their order. Babel's own extractor does not look into f-strings on Python 3.11."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            texts = node.args[: SAYING.get(getattr(node.func, "attr", getattr(node.func, "id", "")), 0)]
            literals = [
                text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)
            ]
            if literals and len(literals) == len(texts):
                found.append((node.lineno, node.col_offset, literals))
    return [literals[0] if len(literals) == 1 else tuple(literals) for _, _, literals in sorted(found)]


def _told_errors(above: type[PianolaError] = PianolaError) -> Iterator[type[PianolaError]]:
    """All that reach a person in Discord; what is wrong with the settings is the owner's."""
    if above is not SettingsError:
        yield above
    for error in above.__subclasses__():
        yield from _told_errors(error)


async def _command_texts() -> list[tuple[str | None, str]]:
    """Names, in their own context, and other texts of all commands, as Discord is told them."""
    # Commands are only described here: none of what they call is needed.
    bot = commands.Bot(commands.when_mentioned, intents=discord.Intents.none())
    for cog in COGS:
        await bot.load_extension(cog)
    return [
        found for command in bot.tree.get_commands() for found in _texts_of(command.to_dict(bot.tree), "name")
    ]


def _texts_of(payload: dict[str, Any], context: str | None) -> Iterator[tuple[str | None, str]]:
    yield context, payload["name"]
    if description := payload.get("description"):
        yield None, description
    for option in payload.get("options", []):
        yield from _texts_of(option, "name")
    for choice in payload.get("choices", []):
        yield from _texts_of(choice, None)


def renew(language: str) -> None:
    """Bring one catalogue in step with the code: what is new waits in it for a translation."""
    kept = read(language)
    kept.update(texts_in_use(), no_fuzzy_matching=True)
    po, mo = _paths(language)
    CATALOGUES.mkdir(exist_ok=True)
    po.write_bytes(_as_po(kept))
    mo.write_bytes(_as_mo(read(language)))


def read(language: str) -> Catalog:
    """The catalogue of a language as it stands; an empty one where there is none."""
    po, _ = _paths(language)
    locale = Locale.parse(language, sep="-")
    if not po.exists():
        return Catalog(locale, charset="utf-8")
    return read_po(io.BytesIO(po.read_bytes()), locale)


def problems() -> Iterator[str]:
    """A line for each thing that is missing, superfluous or wrong in a catalogue."""
    used = {_key(message) for message in texts_in_use() if message.id}
    for language in LANGUAGES:
        catalogue = read(language)
        known = {_key(message): message for message in catalogue if message.id}
        yield from (f"{language}: no translation of {_shown(key)}" for key in used - known.keys())
        yield from (f"{language}: nobody says {_shown(key)}" for key in known.keys() - used)
        yield from (f"{language}: {problem}" for message in known.values() for problem in _flaws(message))
        _, mo = _paths(language)
        if not mo.exists() or mo.read_bytes() != _as_mo(catalogue):
            yield f"{language}: the .mo file is not made of the .po file: run without --check"


def _flaws(message: Message) -> Iterator[str]:
    said = message.string if isinstance(message.string, tuple) else (message.string,)
    shown = _shown(_key(message))
    if not all(said) or message.fuzzy:
        yield f"no translation of {shown}"
        return
    ids = message.id if isinstance(message.id, tuple) else (message.id,)
    allowed, needed = set.union(*map(_names, ids)), set.intersection(*map(_names, ids))
    for translation in (*ids, *said):
        if '"' in translation:
            yield f"straight quotation marks: {translation!r}"
        # One kind in all texts; Korean has pairs of them as quotation marks.
        if translation.count("’") > translation.count("‘"):
            yield f"a curly apostrophe: {translation!r}"
        if not needed <= _names(translation or "") <= allowed:
            yield f"other {{names}} in the translation of {shown}: {translation!r}"
    # The one command whose name is shown as a menu's entry has capitals and blanks.
    if message.context == "name" and " " not in str(message.id):
        name = str(message.string)
        if not COMMAND_NAME.fullmatch(name) or name != name.lower():
            yield f"not a name that Discord takes for {shown}: {name!r}"


def _names(template: Any) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _key(message: Message) -> tuple[str | None, Any]:
    return message.context or None, message.id


def _shown(key: tuple[str | None, Any]) -> str:
    context, text = key
    first = text[0] if isinstance(text, tuple) else text
    return f"{first!r} ({context})" if context else f"{first!r}"


def _paths(language: str) -> tuple[Path, Path]:
    return CATALOGUES / f"{language}.po", CATALOGUES / f"{language}.mo"


def _as_po(catalogue: Catalog) -> bytes:
    """With the header that editors need, and no dates or names."""
    body = io.BytesIO()
    write_po(
        body,
        catalogue,
        width=100,
        omit_header=True,
        ignore_obsolete=True,
        include_previous=False,
        include_lineno=False,
    )
    header = [
        f"Language: {catalogue.locale_identifier}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        f"Plural-Forms: {catalogue.plural_forms}",
    ]
    lines = "".join(f'"{line}\\n"\n' for line in header)
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode() + body.getvalue()


def _as_mo(catalogue: Catalog) -> bytes:
    catalogue.creation_date = catalogue.revision_date = _UNDATED
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()


if __name__ == "__main__":
    sys.exit(main())
