"""The files that hosts read, against what each host documents: keys that it knows, values that it takes."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from bot.invite import invite_link
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "hosting"
SETTINGS = {name.upper() for name in Settings.model_fields}

# What a host gives its programs by itself, or what its own page explains.
OTHERS = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"}


def read_yaml(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def read_toml(name: str) -> Any:
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


class TestRender:
    """render.yaml: the blueprint specification."""

    service = read_yaml("render.yaml")["services"][0]
    database = read_yaml("render.yaml")["databases"][0]

    def test_its_keys_are_those_of_a_web_service_of_an_image(self) -> None:
        assert set(read_yaml("render.yaml")) == {"services", "databases"}
        assert set(self.service) <= {
            "type", "name", "runtime", "plan", "region", "autoDeployTrigger", "healthCheckPath",
            "maxShutdownDelaySeconds", "envVars", "dockerfilePath", "numInstances",
        }  # fmt: skip
        assert (self.service["type"], self.service["runtime"]) == ("web", "docker")
        assert self.service["autoDeployTrigger"] in {"commit", "checksPass", "off"}

    def test_it_does_not_sleep_and_is_not_restarted_with_discord(self) -> None:
        assert self.service["plan"] != "free"
        assert self.service["healthCheckPath"] == "/livez"

    def test_what_overlaps_shares_postgres(self) -> None:
        given = {each["key"]: each for each in self.service["envVars"]}
        assert set(given) <= SETTINGS
        source = given["DATABASE_URL"]["fromDatabase"]
        assert source == {"name": self.database["name"], "property": "connectionString"}
        assert self.database["plan"] != "free"

    def test_secrets_are_asked_for_and_not_written(self) -> None:
        for each in self.service["envVars"]:
            if each["key"] in {"DISCORD_TOKEN", "KIE_API_KEY", "KIE_WEBHOOK_HMAC_KEY"}:
                assert each == {"key": each["key"], "sync": False}

    def test_it_stops_before_it_is_killed(self) -> None:
        (seconds,) = [float(e["value"]) for e in self.service["envVars"] if e["key"] == "STOP_SECONDS"]
        assert seconds < self.service["maxShutdownDelaySeconds"] <= 300


class TestFly:
    """fly.toml."""

    app = read_toml("fly.toml")

    def test_its_keys_are_known(self) -> None:
        assert set(self.app) <= {
            "app", "primary_region", "kill_signal", "kill_timeout", "env", "mounts", "http_service", "vm", "build",
        }  # fmt: skip
        assert set(self.app["env"]) <= SETTINGS

    def test_it_is_one_machine_that_never_stops(self) -> None:
        service = self.app["http_service"]
        assert self.app["mounts"]["destination"] == "/data"
        assert service["auto_stop_machines"] == "off"
        assert service["min_machines_running"] == 1
        assert service["internal_port"] == int(self.app["env"]["PORT"])
        assert [check["path"] for check in service["checks"]] == ["/livez"]

    def test_it_stops_before_it_is_killed(self) -> None:
        assert self.app["kill_signal"] == "SIGTERM"
        assert float(self.app["env"]["STOP_SECONDS"]) < self.app["kill_timeout"] <= 300


class TestHeroku:
    """app.json and Aptfile."""

    app = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))

    def test_its_keys_are_those_of_the_app_json_schema(self) -> None:
        assert set(self.app) <= {
            "name", "description", "keywords", "website", "repository", "logo", "success_url", "scripts", "env",
            "formation", "image", "addons", "buildpacks", "environments", "stack",
        }  # fmt: skip
        assert all(
            set(each) <= {"description", "value", "required", "generator"}
            for each in self.app["env"].values()
        )
        assert set(self.app["env"]) <= SETTINGS

    def test_the_stack_has_apt_and_the_dyno_does_not_sleep(self) -> None:
        assert self.app["stack"] in {"heroku-22", "heroku-24"}, "Aptfile is for Cedar only"
        assert [each["url"] for each in self.app["buildpacks"]] == ["heroku-community/apt", "heroku/python"]
        assert set(self.app["formation"]) == {"web"}
        assert self.app["formation"]["web"] == {"quantity": 1, "size": "basic"}
        assert [each["plan"] for each in self.app["addons"]] == ["heroku-postgresql:essential-0"]

    def test_the_font_is_where_the_aptfile_puts_it(self) -> None:
        packages = (ROOT / "Aptfile").read_text(encoding="utf-8").split()
        assert packages == ["fluidsynth", "ffmpeg", "timgm6mb-soundfont"]
        font = self.app["env"]["SOUND_FONT"]["value"]
        assert font == "/app/.apt/usr/share/sounds/sf2/TimGM6mb.sf2"
        assert font in (PAGES / "heroku.md").read_text(encoding="utf-8")


class TestCompose:
    """compose.yaml."""

    services = read_yaml("compose.yaml")["services"]

    @pytest.mark.parametrize("name", ["pianola", "worker"])
    def test_a_bot_stops_in_its_own_time_and_reaps_what_it_started(self, name: str) -> None:
        service = self.services[name]
        assert service["init"] is True
        assert service["stop_grace_period"] == "30s"
        assert set(service["environment"]) <= SETTINGS
        assert service["depends_on"]["postgres"] == {"condition": "service_healthy", "required": False}

    def test_the_volume_is_where_the_image_keeps_its_data(self) -> None:
        assert self.services["pianola"]["volumes"] == ["data:/data"]
        assert set(read_yaml("compose.yaml")["volumes"]) == {"data", "postgres"}

    def test_more_comes_by_profiles_only(self) -> None:
        profiles = {name: service.get("profiles") for name, service in self.services.items()}
        assert profiles == {"pianola": None, "worker": ["worker"], "postgres": ["postgres"]}
        assert "healthcheck" in self.services["postgres"]

    def test_the_port_is_for_this_machine_only(self) -> None:
        assert all(port.startswith("127.0.0.1:") for port in self.services["pianola"]["ports"])


def unit() -> dict[str, str]:
    lines = (PAGES / "pianola.service").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def test_the_unit_is_not_started_again_with_wrong_settings() -> None:
    assert unit()["RestartPreventExitStatus"] == "2"
    assert unit()["Restart"] == "always"
    seconds = re.search(r"STOP_SECONDS=(\d+)", unit()["Environment"])
    assert seconds is not None
    assert int(seconds[1]) < int(unit()["TimeoutStopSec"])


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    text = (PAGES / "pianola.service").read_text(encoding="utf-8")
    copy = tmp_path / "pianola.service"
    copy.write_text(text.replace(unit()["ExecStart"], "/bin/true"), encoding="utf-8")
    verified = subprocess.run(  # noqa: S603 (a fixed command)
        [program, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    exposure = subprocess.run(  # noqa: S603 (a fixed command)
        [program, "security", "--offline=yes", "--no-pager", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    level = re.search(r"exposure level for pianola\.service: (\d+\.\d+)", exposure.stdout)
    assert level is None or float(level[1]) < 2.5, "0 is closed, 10 is open"


def test_the_image_is_pinned_not_root_and_knows_no_index() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^ARG BASE=python:3\.1[12][.\w-]*@sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    assert re.search(r"^USER (?!0)\d+:\d+$", text, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["python", "-m", "bot"\]$', text, re.MULTILINE)
    assert "HEALTHCHECK" in text
    assert "DATA_DIR=/data" in text
    assert not re.search(r"^VOLUME", text, re.MULTILINE), "Railway refuses it"
    assert "http" not in text.replace("https://", "http")
    copied = {
        word for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE) for word in line.split()
    }
    shown = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line[:1] == "!"
    }
    assert copied == shown, "the builder is shown what it copies, and nothing else"


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.name)
def test_a_page_is_a_screen_with_links_that_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 50
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (page.parent / target).exists(), target
    if page.name not in {"README.md", "image.md"}:
        assert [int(number) for number in re.findall(r"^(\d)\. ", text, re.MULTILINE)] == [1, 2, 3, 4, 5]
        assert f"({page.name})" in (PAGES / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b([A-Z]+(?:_[A-Z]+)+)=", text)) - OTHERS
    assert {name for name in named if not name.startswith("RAILWAY_")} <= SETTINGS


def test_the_invite_that_is_written_down_is_the_one_that_is_told() -> None:
    link = invite_link("ID")
    assert link in (PAGES / "README.md").read_text(encoding="utf-8")
    assert link in (ROOT / "README.md").read_text(encoding="utf-8")
    needed = 1024 | 2048 | 32768 | 1 << 38
    assert parse_qs(urlsplit(link).query)["permissions"] == [str(needed)] == ["274877942784"]
