"""What people write: names, addresses, settings."""

import unicodedata
from typing import Any

from hypothesis import strategies as st

from bot.audio.addresses import read_address
from bot.audio.names import LONGEST_NAME, file_name, name_of_download
from bot.chat.shown.escaping import as_text
from bot.errors import InputError, SettingsError
from bot.jobs.naming import folded, part_names, song_title
from bot.music import names as music_names
from bot.settings import Settings, load
from bot.studio.names import part_of, said
from bot.terminal import shown
from tests.fuzz.part import Part

_ODD = [
    "/", "\\", "..", ".mid", "\0", "\n", "\u202e", "\u200d", "\ud800", "\u200b", "`", "*", "_", "||", "@everyone", "<@1>", "[a](b)", "%00",
    "%ff", "filename*=utf-99''x", "filename*=UTF-8''%E2%82", 'filename="', ";", "CON", "🎹", "e\u0301" * 9, "ｱ", "ﬁ", "ß", "İ", "a" * 300,
    "http://", "https://", "[::1]", "@", ":99999", "xn--", "127.1", "0x7f", "drums", "(1)", "stem",
]  # fmt: skip
_LINKS = [
    "https://x.example/Night%20Drive.mp3",
    "x.example/a.wav",
    "https://x.example/?file=%2e%2e/a.mp3#t=3",
]
_TEXT = st.lists(st.sampled_from(_ODD) | st.text(st.characters(), max_size=6), max_size=6).map("".join)


def _named(given: list[str]) -> str:
    """Names to files, titles and texts that hurt nobody."""
    for each in given:
        # A header comes as bytes, and those that are no UTF-8 as halves of surrogate pairs.
        header = each.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
        for made in (
            file_name(each),
            name_of_download(header, header),
            name_of_download(f"attachment; filename={header}", "x"),
        ):
            assert made
            assert len(made) <= LONGEST_NAME
            assert not {"/", "\\", "\0", "`"} & set(made)
            assert not made.startswith(".")
        for stem in (music_names.file_stem(each), music_names.whole_file_stem(each)):
            assert stem
            assert not {"/", "\\", "\0", " "} & set(stem)
        cleaned = music_names.clean(each)
        assert len(cleaned) <= music_names.MAX_CHARACTERS
        assert all(unicodedata.category(sign) not in {"Cc", "Cs", "Zl", "Zp"} for sign in cleaned)
        as_text(each)
        folded(each)
        part_of(each)
        said(each)
    fit = [file_name(each) for each in given]
    if fit:
        song_title(fit)
        assert len(part_names(fit)) == len(fit)
    try:
        read_address("".join(given))
    except InputError as error:
        return error.code
    return "an address"


_FIELDS = sorted(Settings.model_fields)
_VALUES = (
    st.sampled_from(
        [
            "0",
            "-1",
            "1e9",
            "nan",
            "inf",
            "true",
            "auto",
            "0-3,8",
            "3-1",
            "10,50,20",
            '"',
            "''",
            " ",
            "https://x.example",
            "http://[::1",
        ]
    )
    | _TEXT
    | st.integers().map(str)
)


_SECRETS = ("discord_token", "kie_api_key", "kie_webhook_hmac_key", "metrics_token", "sentry_dsn")
_LONG = 8
"""Characters from which on a secret is in a line by no chance."""


def _set(given: dict[str, Any]) -> str:
    """Settings, or lines that each name one and show nothing that is secret."""
    try:
        settings = load(None, **given)
    except SettingsError as error:
        others = "\n".join(value for name, value in given.items() if name not in _SECRETS)
        secrets = [given[name] for name in _SECRETS if len(given.get(name, "")) > _LONG]
        secrets = [secret for secret in secrets if secret not in others]
        for line in error.problems:
            assert line.partition(":")[0].partition(" ")[0].lower() in Settings.model_fields, line
            assert line == shown(line, keeps_lines=False), line
            assert not any(secret in line for secret in secrets)
        return "refused"
    assert settings.studio_name
    return "settings"


def names() -> Part:
    """Names of files and stems, titles, links."""
    return Part(st.lists(_TEXT | st.sampled_from(_LINKS), max_size=4), _named)


def settings_() -> Part:
    """The environment."""
    return Part(st.dictionaries(st.sampled_from(_FIELDS), _VALUES, max_size=6), _set)
