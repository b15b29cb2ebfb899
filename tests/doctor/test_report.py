"""`pianola doctor` as a program: its three signs, its JSON, its code."""

import json
import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

import pytest

from bot.settings import Settings
from tests.discord_server import DiscordServer
from tests.kie_server import KieServer
from tests.process.bot_process import free_port
from tests.process.launch import API, GATEWAY
from tests.process.nursery import ROOT


async def doctor(
    folder: Path, discord: DiscordServer, kie: KieServer, *arguments: str, **settings: str
) -> tuple[int | None, str]:
    """The code and the output of the unmodified command, asked about both stand-ins."""
    own = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in own}
    pointed = {
        "PYTHONPATH": str(ROOT),
        API: discord.api_url,
        GATEWAY: discord.gateway_url,
        "DISCORD_TOKEN": discord.token,
        "KIE_API_KEY": kie.key,
        "KIE_API_URL": kie.url,
        "PREVIEW_SECONDS": "0",
        "PORT": str(free_port()),
    }
    process = await create_subprocess_exec(
        *(sys.executable, "-m", "tests.process.launch", "doctor", *arguments),
        cwd=folder,
        env=environment | pointed | settings,
        stdout=PIPE,
        stderr=PIPE,
    )
    out, err = await process.communicate()
    assert b"Traceback" not in err
    return process.returncode, out.decode()


@pytest.mark.slow
async def test_each_line_has_a_sign_and_what_is_weak_its_advice(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> None:
    kie.credits = 50
    code, out = await doctor(tmp_path, discord, kie)
    assert code == 0
    lines = out.splitlines()
    assert {line[:6].strip() for line in lines} == {"fine", "weak", ""}
    at = lines.index("weak  kie.ai does the work: 50 credits left")
    assert lines[at + 1] == "      -> A separation costs 10: add credits at kie.ai"
    assert "permissions=274877942784" in out


@pytest.mark.slow
async def test_json_tells_the_same_and_the_code_is_1_where_something_is_broken(
    tmp_path: Path, discord: DiscordServer, kie: KieServer
) -> None:
    code, out = await doctor(tmp_path, discord, kie, "--json", DISCORD_TOKEN="hidden.word")
    told = json.loads(out)
    assert code == 1
    assert (told["pianola"], told["sign"]) == ("0.1.0", "no")
    [refused] = [one for one in told["findings"] if one["sign"] == "no"]
    assert refused["about"] == "discord"
    assert refused["found"] == "Discord refuses DISCORD_TOKEN"
    assert refused["do"].startswith("Reset it at discord.com/developers/applications")
    assert "hidden" not in out


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [(), ("--json",)])
async def test_a_wrong_setting_is_code_2(
    tmp_path: Path, discord: DiscordServer, kie: KieServer, arguments: tuple[str, ...]
) -> None:
    code, out = await doctor(tmp_path, discord, kie, *arguments, DISCORD_TOKEN="Bot hidden.word")
    assert code == 2
    assert "hidden" not in out
    if arguments:
        [told] = json.loads(out)["findings"]
        assert told["found"].startswith("DISCORD_TOKEN: must be one word")
