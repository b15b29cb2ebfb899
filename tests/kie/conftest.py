"""A client of the stand-in, with retries that do not wait."""

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
import stamina

from bot.kie.client import KieClient
from tests.kie_server import KieServer


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
async def kie() -> AsyncIterator[KieServer]:
    async with KieServer() as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def client(kie: KieServer, session: aiohttp.ClientSession) -> KieClient:
    return KieClient(session, api_url=kie.url, upload_url=kie.url, key=kie.key)
