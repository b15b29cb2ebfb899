"""Settings: what is read from where, and what a wrong value is answered with."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.errors import SettingsError
from bot.settings import Settings, StudioChoice, callback_base, is_loopback, load

SECRETS = ("discord_token", "kie_api_key", "kie_webhook_hmac_key")
ADDRESSES = ("kie_api_url", "kie_upload_url", "studio_url", "engine_url", "public_base_url")

WRONG = {
    "discord_token": ["two words", "line\nbreak", "pässword"],
    "kie_api_key": ["two words"],
    "metrics_token": ["two words"],
    "sentry_dsn": ["two words"],
    "kie_webhook_hmac_key": ["two\twords"],
    "studio": ["both", "Suno"],
    "studio_engine": ["gpu", "MuScriptor"],
    "engine_licence": ["yes", "MIT", "true"],
    "separation_type": ["all", "split_stem_advanced"],
    "separation_credits": ["10,50", "10,50,20,8", "10,-1,20", "10,nan,20", "few", "10;50;20"],
    "confirm_price": ["perhaps"],
    "port": ["http", "-1", "65536", "80.5"],
    "metrics_port": ["http", "-1", "65536"],
    "shard_count": ["0", "16385", "many"],
    "shard_ids": ["all", "0-", "-1", "3-1", "0,,1", "16384", "0-1-2", "1.5", "٣"],
    "database_pooler": ["perhaps"],
    "poll_seconds": ["0", "-1", "nan", "inf", "a minute", "86401"],
    "job_timeout_seconds": ["0", "1e9"],
    "preview_seconds": ["-1", "601", "nan"],
    "video_seconds": ["-1", "301", "nan"],
    "stop_seconds": ["0", "301", "nan", "soon"],
    "keep_days": ["0", "3651", "1.5"],
    "keep_sound_hours": ["0", "337", "a day"],
    "songs_per_user": ["-1", "few"],
    "songs_per_server": ["-1", "1.5"],
    "cooldown_seconds": ["-1", "nan", "86401", "a minute"],
    "max_song_mb": ["0", "501", "1.5"],
    "studio_memory_mb": ["99", "16385", "much"],
    "max_song_minutes": ["0", "241", "long"],
    "log_level": ["LOUD", "7"],
    "log_format": ["xml", "TEXT"],
    **{name: ["nonsense", "ftp://example.com", "https://", "https://[::1"] for name in ADDRESSES},
}

TAKES_ANYTHING = {"host", "data_dir", "database_url", "sound_font"}
"""Texts that only opening them can judge."""


def problem_of(env_file: Path | None = None, **given: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(env_file, **given)
    return caught.value.problem


def test_every_setting_has_a_wrong_value_here_or_takes_anything() -> None:
    assert set(WRONG) | TAKES_ANYTHING == set(Settings.model_fields)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]])
def test_a_wrong_value_is_one_line_that_names_the_setting(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name.upper(), value)
    problem = problem_of()
    assert problem.startswith((f"{name.upper()}: must be", f"{name.upper()}: {value} is "))
    assert problem.isprintable()
    assert "pydantic" not in problem


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("port", "abc", "PORT: abc is no port; ports are 0 to 65535"),
        ("port", "\x1b[2J", "PORT: \\x1b[2J is no port; ports are 0 to 65535"),
        ("keep_days", "1.5", "KEEP_DAYS: 1.5 is not a whole number from 1 to 3650"),
        ("songs_per_user", "few", "SONGS_PER_USER: few is not a whole number from 0 on"),
        ("poll_seconds", "0", "POLL_SECONDS: 0 is not a number above 0 to 86400"),
        ("stop_seconds", "soon", "STOP_SECONDS: soon is not a number from 1 to 300"),
        ("confirm_price", "perhaps", "CONFIRM_PRICE: must be a valid boolean"),
    ],
)
def test_a_wrong_number_is_told_as_a_person_would(name: str, value: str, problem: str) -> None:
    assert problem_of(None, **{name: value}) == problem


def test_all_that_is_wrong_is_told_together() -> None:
    with pytest.raises(SettingsError) as caught:
        load(None, port="abc", keep_days="0", studio="both")
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["STUDIO", "PORT", "KEEP_DAYS"]
    with pytest.raises(SettingsError) as caught:
        load(None, studio="kie", studio_engine="muscriptor")
    named = [problem.partition(" ")[0] for problem in caught.value.problems]
    assert named == ["KIE_API_KEY", "ENGINE_URL", "ENGINE_LICENCE"]


@pytest.mark.parametrize("name", SECRETS)
def test_a_wrong_secret_is_not_shown(name: str) -> None:
    problem = problem_of(None, **{name: "hunter2 hunter2"})
    assert "hunter2" not in problem


def test_no_secret_is_shown_when_another_setting_is_wrong() -> None:
    given = dict.fromkeys((*SECRETS, "database_url"), "hunter2")
    assert "hunter2" not in problem_of(None, port="x", **given)
    assert "hunter2" not in problem_of(None, studio="x", **given)
    assert "hunter2" not in repr(load(None, **given))
    assert "hunter2" not in str(load(None, **given))


@pytest.mark.parametrize("name", SECRETS)
def test_blanks_around_a_pasted_secret_are_dropped(name: str) -> None:
    secret = getattr(load(None, **{name: "  hunter2\r\n"}), name)
    assert secret.get_secret_value() == "hunter2"
    assert getattr(load(None, **{name: "   "}), name) is None


def test_nothing_set_is_the_local_page_with_the_built_in_studio() -> None:
    settings = load()
    assert settings.discord_token is None
    assert not settings.uses_kie


def test_the_file_is_read_and_the_environment_comes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PORT=1234\nKIE_API_KEY='from the file'\nPOLL_SECONDS=3\nUNKNOWN=1\n")
    monkeypatch.setenv("KIE_API_KEY", "from-the-environment")
    monkeypatch.setenv("POLL_SECONDS", "4")
    settings = load(poll_seconds="5")
    assert settings.kie_api_key is not None
    assert (settings.port, settings.kie_api_key.get_secret_value()) == (1234, "from-the-environment")
    assert settings.poll_seconds == 5


def test_a_wrong_value_in_the_file_is_named_too(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("MAX_SONG_MB=plenty\n")
    assert problem_of(file).startswith("MAX_SONG_MB: plenty is not a whole number")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"PORT=\xff\xfe\n")
    assert problem_of(file) == f"{file} is not a text file in UTF-8"


def test_empty_values_are_as_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [name.upper() for name in Settings.model_fields]
    (tmp_path / ".env").write_text("".join(f"{name}=\n" for name in names))
    assert load() == load(None)
    for name in names:
        monkeypatch.setenv(name, "")
    assert load() == load(None)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "ENGINE_URL is missing"),
        ({"engine_url": "http://127.0.0.1:8222"}, "ENGINE_LICENCE=CC-BY-NC-4.0 says that you accept"),
        ({"engine_licence": "CC-BY-NC-4.0"}, "ENGINE_URL is missing"),
    ],
)
def test_muscriptor_needs_its_address_and_its_licence_accepted(given: dict[str, str], missing: str) -> None:
    assert missing in problem_of(None, studio_engine="muscriptor", **given)


def test_an_engine_is_used_only_where_it_is_chosen() -> None:
    given = {"engine_url": "http://127.0.0.1:8222/", "engine_licence": "CC-BY-NC-4.0"}

    assert load(None, **given).muscriptor_url is None
    assert load(None, studio_engine="muscriptor", **given).muscriptor_url == "http://127.0.0.1:8222"


SHARED = {"shard_count": "8", "database_url": "postgresql://localhost/x", "kie_api_key": "key"}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"shard_count": ""}, "SHARD_COUNT is missing: SHARD_IDS are some of so many"),
        ({"shard_count": "2"}, "SHARD_IDS: 3 is none of 2 shards; they are counted from 0, so the last is 1"),
        (
            {"database_url": ""},
            "DATABASE_URL is missing: with SHARD_IDS several processes share a Postgres database",
        ),
        ({"kie_api_key": ""}, "KIE_API_KEY is missing: with SHARD_IDS several processes share the studio"),
    ],
)
def test_some_of_the_shards_need_what_the_processes_share(given: dict[str, str], problem: str) -> None:
    assert problem_of(None, shard_ids="0-3", **SHARED | given).startswith(problem)


@pytest.mark.parametrize(("given", "ids"), [("0", (0,)), ("0-1,3", (0, 1, 3)), ("", None), ('"0-1"', (0, 1))])
def test_shards_are_read_from_the_environment(
    given: str, ids: tuple[int, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**SHARED, "shard_ids": given}.items():
        monkeypatch.setenv(name.upper(), value)
    assert load(None).shard_ids == ids


def test_shards_are_numbers_and_spans() -> None:
    assert load(None, shard_ids=" 5, 0-2,1", **SHARED).shard_ids == (0, 1, 2, 5)
    assert load(None, shard_ids="7", **SHARED).shard_ids == (7,)
    address = {"kie_api_key": "", "studio_url": "https://studio.example"}
    assert load(None, shard_ids="0", **SHARED | address).shard_ids == (0,)


def test_shards_in_one_process_need_no_postgres() -> None:
    assert load(None, shard_count="4").shard_count == 4


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        load(None).port = 1


@pytest.mark.parametrize(
    ("given", "uses_kie"),
    [
        ({}, False),
        ({"kie_api_key": "k"}, True),
        ({"kie_api_key": "k", "studio": "builtin"}, False),
        ({"kie_api_key": "k", "studio": "kie"}, True),
    ],
)
def test_who_transcribes_follows_from_the_key_and_the_choice(given: dict[str, str], uses_kie: bool) -> None:
    assert load(None, **given).uses_kie is uses_kie


def test_kie_without_its_key_is_refused() -> None:
    assert problem_of(studio=StudioChoice.KIE.value).startswith("KIE_API_KEY is missing: ")
    assert problem_of(studio="kie", kie_api_key=" ").startswith("KIE_API_KEY is missing: ")


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("http://127.0.0.1:8090/", "http://127.0.0.1:8090"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:8090", "http://[::1]:8090"),
        (" https://example.com/kie/ ", "https://example.com/kie"),
    ],
)
def test_loopback_may_be_http_and_all_else_is_https(name: str, address: str, kept: str) -> None:
    assert getattr(load(None, **{name: address}), name) == kept


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "address",
    [
        "http://example.com",
        "http://10.0.0.1",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "https://user:hunter2@example.com",
        "https://example.com/?key=hunter2",
        "https://example.com/#part",
        "https://exa mple.com",
        "https://example.com:99999",
        "https://example.com\r\nX: y",
    ],
)
def test_an_address_that_is_not_plain_or_not_safe_is_refused(name: str, address: str) -> None:
    problem = problem_of(None, **{name: address})
    assert problem.startswith(f"{name.upper()}: must be")
    assert "hunter2" not in problem


KIE = {"kie_api_key": "k"}
BUILTIN: dict[str, str] = {}
PUBLIC = {"public_base_url": "https://pianola.example/in/"}


@pytest.mark.parametrize(
    ("given", "host_address", "expected"),
    [
        (KIE, None, None),
        (KIE, "https://host.example", "https://host.example"),
        (KIE | PUBLIC, "https://host.example", "https://pianola.example/in"),
        (KIE | {"kie_api_url": "http://127.0.0.1:9"}, "https://host.example", "http://127.0.0.1:8080"),
        (KIE | {"studio": "builtin"}, "https://host.example", "http://127.0.0.1:8080"),
        (BUILTIN, None, "http://127.0.0.1:8080"),
        (BUILTIN | PUBLIC, None, "https://pianola.example/in"),
        ({"studio_url": "http://localhost:8090"}, None, "http://127.0.0.1:8080"),
        ({"studio_url": "https://studio.example"}, None, None),
        ({"studio_url": "https://studio.example"}, "https://host.example", "https://host.example"),
    ],
)
def test_where_the_studio_reaches_us(
    given: dict[str, str], host_address: str | None, expected: str | None
) -> None:
    assert callback_base(load(None, **given), host_address, 8080) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://localhost", True),
        ("http://127.8.9.1:1/x", True),
        ("http://[::1]", True),
        ("https://example.com", False),
        ("http://0.0.0.0", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_what_is_this_very_machine(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


def test_the_tests_do_not_see_the_settings_of_whoever_runs_them() -> None:
    assert not {name.upper() for name in Settings.model_fields} & set(os.environ)


def test_the_price_list_is_three_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(None).prices == {"separate_vocal": 10, "split_stem": 50, "split_stem_advanced": 20}
    monkeypatch.setenv("SEPARATION_CREDITS", " 8, 40,16.5 ")
    assert load(None).prices == {"separate_vocal": 8, "split_stem": 40, "split_stem_advanced": 16.5}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "builtin"),
        ({"kie_api_key": "key"}, "kie"),
        ({"studio_url": "http://127.0.0.1:9"}, "http://127.0.0.1:9"),
        ({"kie_api_key": "key", "studio": "builtin"}, "builtin"),
    ],
)
def test_a_job_remembers_who_does_its_work(given: dict[str, str], name: str) -> None:
    assert load(None, **given).studio_name == name


@pytest.mark.parametrize("value", ['"hunter2"', "'hunter2'", ' "hunter2" ', '" hunter2"\r\n'])
@pytest.mark.parametrize("name", [*SECRETS, "database_url"])
def test_quotes_around_a_value_are_taken_off_and_told(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name.upper(), value)
    settings = load(None)
    assert getattr(settings, name).get_secret_value() == "hunter2"
    assert settings.quoted == (name.upper(),)


def test_quotes_matter_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PORT": '"81"',
        "STUDIO": "'builtin'",
        "CONFIRM_PRICE": '"true"',
        "HOST": '""',
    }.items():
        monkeypatch.setenv(name, value)
    settings = load(None)
    assert (settings.port, settings.studio, settings.confirm_price) == (81, StudioChoice.BUILTIN, True)
    assert settings.host is None
    assert set(settings.quoted) == {"PORT", "STUDIO", "CONFIRM_PRICE", "HOST"}


@pytest.mark.parametrize("value", ['"hunter2', "hunter2'", "\"hunter2'", '"', "hunter2"])
def test_only_a_pair_of_quotes_is_taken_off(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIE_API_KEY", value)
    settings = load(None)
    assert settings.kie_api_key is not None
    assert settings.kie_api_key.get_secret_value() == value
    assert settings.quoted == ()
