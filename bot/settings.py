"""The environment and `.env`, read once at start into frozen `Settings`; a wrong value is one readable line."""

from enum import StrEnum
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError


class Studio(StrEnum):
    """Who does the transcription."""

    AUTO = "auto"
    KIE = "kie"
    BUILTIN = "builtin"


class LogLevel(StrEnum):
    """How much the log says."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


def is_loopback(address: str) -> bool:
    """Whether an http address points at this very machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address such as https://example.com")
    if parts.scheme == "http" and not is_loopback(value):
        raise ValueError("must begin with https:// (http is for this machine only)")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be a plain address, with no user, query or fragment")
    return value.rstrip("/")


Address = Annotated[str, AfterValidator(_address)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]


class Settings(BaseSettings):
    """Every setting, under the name it has in the environment, in lower case."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    discord_token: SecretStr | None = None
    kie_api_key: SecretStr | None = None
    kie_api_url: Address = "https://api.kie.ai"
    kie_upload_url: Address = "https://kieai.redpandaai.co"
    kie_webhook_hmac_key: SecretStr | None = None
    studio: Studio = Studio.AUTO
    studio_url: Address | None = None
    separation_type: Annotated[str, Field(pattern="^(separate_vocal|split_stem)$")] = "separate_vocal"
    public_base_url: Address | None = None
    host: str | None = None
    port: Annotated[int, Field(ge=0, le=65_535)] | None = None
    data_dir: Path = Path("data")
    poll_seconds: Seconds = 15.0
    job_timeout_seconds: Seconds = 1200.0
    max_song_mb: Annotated[int, Field(ge=1, le=500)] = 100
    max_song_minutes: Annotated[int, Field(ge=1, le=240)] = 30
    log_level: LogLevel = LogLevel.INFO
