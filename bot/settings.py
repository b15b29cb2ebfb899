"""The environment and `.env`, read once at start into frozen `Settings`; a wrong value is one readable line."""

from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit

from annotated_types import Ge, Gt, Le
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.errors import SettingsError
from bot.kie.separation import Prices, Separation
from bot.shards import MOST_SHARDS, shard_ids
from bot.terminal import shown


class StudioChoice(StrEnum):
    """Who does the transcription."""

    AUTO = "auto"
    KIE = "kie"
    BUILTIN = "builtin"


def is_loopback(address: str) -> bool:
    """Whether an http address points at this very machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_NO_ADDRESS = "must be an address such as https://example.com"


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port beyond 65535, a bracket that is not closed
        raise ValueError(_NO_ADDRESS) from None
    if parts.scheme not in {"http", "https"} or not has_host or not value.isprintable() or " " in value:
        raise ValueError(_NO_ADDRESS)
    if parts.scheme == "http" and not is_loopback(value):
        raise ValueError("must begin with https:// (http is for this machine only)")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be a plain address, with no user, query or fragment")
    return value.rstrip("/")


def _password_in(address: str) -> str | None:
    try:
        return urlsplit(address).password
    except ValueError:
        return None


def _secret(value: object) -> object:
    """Without the blanks that come along when it is pasted; only blanks are nothing."""
    return (value.strip() or None) if isinstance(value, str) else value


def _one_word(value: SecretStr) -> SecretStr:
    """Refuse a line break or another blank: it would break the header that the secret is sent in."""
    if not all("!" <= sign <= "~" for sign in value.get_secret_value()):
        raise ValueError("must be one word of plain letters, digits and signs, as it was given to you")
    return value


def _unquoted(value: object) -> object:
    """The text itself where it stands in quotes; anything else as it is."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1].strip() if is_quoted else value


Secret = Annotated[Annotated[SecretStr, AfterValidator(_one_word)] | None, BeforeValidator(_secret)]
Address = Annotated[str, AfterValidator(_address)]


def _credits(value: object) -> object:
    """Three numbers, as they are written in the environment."""
    if not isinstance(value, str):
        return value
    try:
        prices = tuple(float(price) for price in value.split(","))
    except ValueError:
        prices = ()
    if len(prices) != len(Separation) or not all(0 <= price <= _MOST_CREDITS for price in prices):
        raise ValueError("must be three numbers of credits, such as 10,50,20")
    return prices


_MOST_CREDITS = 100_000
"""500 USD: a slip of the keyboard."""

_FEW_SONGS = 10
"""For which the credits are to last, else it is told in time."""

Credits = Annotated[tuple[float, ...], NoDecode, BeforeValidator(_credits)]


def _shards(value: object) -> object:
    """Numbers of shards, as they are written in the environment."""
    return shard_ids(value) if isinstance(value, str) else value


ShardIds = Annotated[tuple[int, ...] | None, NoDecode, BeforeValidator(_shards)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Settings(BaseSettings):
    """Every setting, under the name it has in the environment, in lower case."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        str_strip_whitespace=True,
    )

    discord_token: Secret = None
    kie_api_key: Secret = None
    kie_api_url: Address = "https://api.kie.ai"
    kie_upload_url: Address = "https://kieai.redpandaai.co"
    kie_webhook_hmac_key: Secret = None
    studio: StudioChoice = StudioChoice.AUTO
    studio_url: Address | None = None
    studio_engine: Literal["builtin", "muscriptor"] = "builtin"
    engine_url: Address | None = None
    engine_licence: Literal["CC-BY-NC-4.0"] | None = None
    separation_type: Literal["auto", "separate_vocal", "split_stem"] = "auto"
    separation_credits: Credits = (10.0, 50.0, 20.0)
    confirm_price: bool = False
    public_base_url: Address | None = None
    host: str | None = None
    port: Annotated[int, Field(ge=0, le=65_535)] | None = None
    database_url: SecretStr | None = None
    database_pooler: bool = False
    shard_count: Annotated[int, Field(ge=1, le=MOST_SHARDS)] | None = None
    shard_ids: ShardIds = None
    data_dir: Path = Path("data")
    poll_seconds: Seconds = 15.0
    job_timeout_seconds: Seconds = 1200.0
    preview_seconds: Annotated[float, Field(ge=0, le=600)] = 30.0
    video_seconds: Annotated[float, Field(ge=0, le=300)] = 30.0
    sound_font: Path | None = None
    keep_days: Annotated[int, Field(ge=1, le=3650)] = 14
    keep_sound_hours: Annotated[int, Field(ge=1, le=336)] = 24
    songs_per_user: Annotated[int, Field(ge=0)] = 0
    songs_per_server: Annotated[int, Field(ge=0)] = 0
    cooldown_seconds: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    max_song_mb: Annotated[int, Field(ge=1, le=500)] = 100
    max_song_minutes: Annotated[int, Field(ge=1, le=240)] = 30
    studio_memory_mb: Annotated[int, Field(ge=100, le=16_384)] = 300
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    metrics_token: Secret = None
    metrics_port: Annotated[int, Field(ge=0, le=65_535)] | None = None
    sentry_dsn: Secret = None
    stop_seconds: Annotated[float, Field(ge=1, le=300)] | None = None

    _quoted: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _take_quotes_off(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Docker's --env-file and the forms of hosts keep the quotes that a shell would take off."""
        bare = {name: _unquoted(value) for name, value in given.items()}
        quoted = tuple(name.upper() for name in given if bare[name] is not given[name])
        settings = handler({name: value for name, value in bare.items() if value != ""})
        settings._quoted = quoted  # noqa: SLF001 (of the very model that is made here)
        return settings

    @property
    def quoted(self) -> tuple[str, ...]:
        """The settings that came in quotes, which were taken off."""
        return self._quoted

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        missing = []
        if self.studio is StudioChoice.KIE and self.kie_api_key is None:
            missing.append("KIE_API_KEY is missing: STUDIO=kie needs it (kie.ai/api-key)")
        if self.studio_engine != "builtin" and self.engine_url is None:
            missing.append(
                "ENGINE_URL is missing: STUDIO_ENGINE=muscriptor needs the address of your `muscriptor serve`"
            )
        if self.studio_engine != "builtin" and self.engine_licence is None:
            missing.append(
                "ENGINE_LICENCE is missing: MuScriptor's weights may not be used commercially; "
                "ENGINE_LICENCE=CC-BY-NC-4.0 says that you accept that"
            )
        missing += self._shards_missing()
        if missing:
            raise ValueError("\n".join(missing))
        return self

    def _shards_missing(self) -> list[str]:
        """What is wrong with a process that serves some of the shards, in a line each."""
        if self.shard_ids is None:
            return []
        missing = []
        if self.shard_count is None:
            missing.append(
                "SHARD_COUNT is missing: SHARD_IDS are some of so many, the same number for all processes"
            )
        elif self.shard_ids[-1] >= self.shard_count:
            missing.append(
                f"SHARD_IDS: {self.shard_ids[-1]} is none of {self.shard_count} shards; they are counted from 0, "
                f"so the last is {self.shard_count - 1}"
            )
        if self.database_url is None:
            missing.append(
                "DATABASE_URL is missing: with SHARD_IDS several processes share a Postgres database. One process needs no "
                "SHARD_IDS, it connects as often as Discord wants"
            )
        if not self.uses_kie and self.studio_url is None:
            missing.append(
                "KIE_API_KEY is missing: with SHARD_IDS several processes share the studio, kie.ai or the one at STUDIO_URL"
            )
        return missing

    @property
    def muscriptor_url(self) -> str | None:
        """The server that hears the studio's songs; None: the built-in transcriber does."""
        return self.engine_url if self.studio_engine == "muscriptor" else None

    @property
    def secrets(self) -> list[str]:
        """What must be in no log: every secret, and the password in the database's address."""
        given = [value.get_secret_value() for _, value in self if isinstance(value, SecretStr)]
        passwords = [password for value in given if (password := _password_in(value))]
        return [*given, *passwords]

    @property
    def prices(self) -> Prices:
        """What a separation costs, by the owner's price list."""
        return dict(zip(Separation, self.separation_credits, strict=True))

    @property
    def price(self) -> float:
        """What a separation costs at kie.ai where nobody chooses another; 0 elsewhere."""
        if not self.uses_kie:
            return 0.0
        kind = self.separation_type
        return self.prices[Separation.TWO_STEMS if kind == "auto" else Separation(kind)]

    def is_low(self, credits_left: float) -> bool:
        """Whether the credits at kie.ai do not last for ten songs more, so that there is time to add some."""
        return credits_left < _FEW_SONGS * self.price

    @property
    def uses_kie(self) -> bool:
        """Whether kie.ai does the work; else the built-in studio does."""
        return self.studio is StudioChoice.KIE or (
            self.studio is StudioChoice.AUTO and self.kie_api_key is not None
        )

    @property
    def studio_name(self) -> str:
        """Who does the work, in a word that a job remembers."""
        return "kie" if self.uses_kie else (self.studio_url or "builtin")


def load(env_file: Path | None = Path(".env"), **given: str) -> Settings:
    """Read the settings; `given` ones come before the environment, and that before `env_file`.

    Raises:
        SettingsError: a line for each wrong setting, that names it and says what would be right. It never shows a
            value of a secret.
    """
    try:
        # pydantic-settings takes _env_file and parses strings; its generated signature says neither.
        return Settings(_env_file=env_file, **given)  # type: ignore[arg-type, call-arg]
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False)
        raise SettingsError(*(line for one in wrong for line in _problem(one).splitlines())) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{env_file} is not a text file in UTF-8") from None


def _problem(wrong: ErrorDetails) -> str:
    said = wrong["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    if not wrong["loc"]:
        return said
    field = str(wrong["loc"][0])
    if (numbers := _numbers(field)) is None:
        return f"{field.upper()}: {said.partition(', unable to')[0]}"
    given = shown(str(wrong["input"]), keeps_lines=False)[:_LONGEST_SHOWN]
    if field.endswith("port"):
        return f"{field.upper()}: {given} is no port; ports are {numbers.removeprefix('from ')}"
    kind = "whole number" if int in _types(field) else "number"
    return f"{field.upper()}: {given} is not a {kind} {numbers}"


_LONGEST_SHOWN = 40


def _numbers(field: str) -> str | None:
    """Which numbers a setting takes, in words; None where it takes no number."""
    info = Settings.model_fields[field]
    inner = (rule for kind in get_args(info.annotation) for rule in getattr(kind, "__metadata__", ()))
    rules = [rule for given in (*info.metadata, *inner) for rule in getattr(given, "metadata", (given,))]
    least = next((f"from {rule.ge}" for rule in rules if isinstance(rule, Ge)), None)
    least = least or next((f"above {rule.gt}" for rule in rules if isinstance(rule, Gt)), None)
    most = next((f"to {rule.le}" for rule in rules if isinstance(rule, Le)), "on")
    return f"{least} {most}" if least else None


def _types(field: str) -> tuple[object, ...]:
    annotation = Settings.model_fields[field].annotation
    return tuple(getattr(kind, "__origin__", kind) for kind in get_args(annotation) or (annotation,))


def callback_base(settings: Settings, host_address: str | None, port: int) -> str | None:
    """Where the studio reaches our receiver: the public address, or loopback for a studio on this machine.

    None: the studio cannot reach us, and results are looked up instead.
    """
    studio = settings.kie_api_url if settings.uses_kie else (settings.studio_url or "http://127.0.0.1")
    if settings.public_base_url:
        return settings.public_base_url
    if is_loopback(studio):
        return f"http://127.0.0.1:{port}"
    return host_address
