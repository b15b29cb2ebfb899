"""The stand-in does what kie documents, and what the tests ask it to do wrong."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.kie.errors import CallbackError
from bot.kie.payloads import read_callback
from bot.kie.signature import verify
from tests.kie_server import CallbackPlan, Fault, KieServer
from tests.kie_server.callbacks import SHAPES

ROOT = Path(__file__).resolve().parents[2]


class Receiver:
    """What a bot's callback address sees; `statuses` are its next answers, then 200."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, dict[str, str]]] = []
        self.statuses: list[int] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((await request.read(), dict(request.headers)))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    def task_ids(self) -> list[str | None]:
        return [read_callback(body).task_id for body, _ in self.got]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/callback", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/callback"
    yield made
    await runner.cleanup()


@pytest.fixture
async def kie() -> AsyncIterator[KieServer]:
    async with KieServer(hmac_key="hmac") as server:
        yield server


async def post(kie: KieServer, path: str, body: dict[str, Any]) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {kie.key}"}) as session,
        session.post(kie.url + path, json=body) as answer,
    ):
        read = await answer.json()
        assert isinstance(read, dict)
        return read


async def generate(kie: KieServer, receiver: Receiver) -> str:
    body = {"taskId": kie.add_separation().id, "callBackUrl": receiver.url}
    answer = await post(kie, "/api/v1/midi/generate", body)
    assert answer["code"] == 200
    return str(answer["data"]["taskId"])


async def test_a_finished_task_is_called_back_once_and_signed(kie: KieServer, receiver: Receiver) -> None:
    task_id = await generate(kie, receiver)
    await kie.settle()
    [(body, headers)] = receiver.got
    stamp, signature = headers["X-Webhook-Timestamp"], headers["X-Webhook-Signature"]
    assert verify("hmac", task_id, stamp, signature, now=float(stamp))
    assert read_callback(body).has_notes


@pytest.mark.parametrize("shape", SHAPES)
async def test_every_shape_names_its_task_or_is_refused(
    kie: KieServer, receiver: Receiver, shape: str
) -> None:
    kie.plan = CallbackPlan(shape=shape)
    task_id = await generate(kie, receiver)
    await kie.settle()
    if shape in {"disagree", "deep"}:
        with pytest.raises(CallbackError):
            receiver.task_ids()
    else:
        assert receiver.task_ids() == [task_id]


@pytest.mark.parametrize("shape", ["new", "old", "guide", "null"])
async def test_a_failed_task_says_so(kie: KieServer, receiver: Receiver, shape: str) -> None:
    kie.work_seconds = None
    kie.plan = CallbackPlan(shape=shape)
    task_id = await generate(kie, receiver)
    await kie.fail(task_id, 500, "MIDI generation failed")
    read = read_callback(receiver.got[0][0])
    assert (read.task_id, read.succeeded, read.message) == (task_id, False, "MIDI generation failed")


@pytest.mark.parametrize("signature", ["wrong", "stale", "none"])
async def test_callbacks_can_be_forged(kie: KieServer, receiver: Receiver, signature: str) -> None:
    kie.plan = CallbackPlan(signature=signature)
    task_id = await generate(kie, receiver)
    await kie.settle()
    [(_, headers)] = receiver.got
    stamp = headers.get("X-Webhook-Timestamp", "0")
    now = float(stamp) + (3600 if signature == "stale" else 0)
    assert not verify("hmac", task_id, stamp, headers.get("X-Webhook-Signature", ""), now=now)


async def test_callbacks_can_be_doubled_or_never_sent(kie: KieServer, receiver: Receiver) -> None:
    kie.plan = CallbackPlan(copies=2)
    twice = await generate(kie, receiver)
    await kie.settle()
    kie.plan = CallbackPlan(copies=0)
    await generate(kie, receiver)
    await kie.settle()
    assert receiver.task_ids() == [twice, twice]


async def test_held_callbacks_come_in_any_order(kie: KieServer, receiver: Receiver) -> None:
    kie.plan = CallbackPlan(held=True)
    first, second = await generate(kie, receiver), await generate(kie, receiver)
    await kie.settle()
    assert receiver.got == []
    assert await kie.sender.release(backwards=True) == 2
    assert receiver.task_ids() == [second, first]


async def test_an_early_callback_overtakes_the_answer(kie: KieServer, receiver: Receiver) -> None:
    kie.plan = CallbackPlan(early=True)
    kie.break_next("generate_midi", Fault("lost"))
    with pytest.raises(aiohttp.ClientError):
        await generate(kie, receiver)
    assert len(receiver.got) == 1


async def test_a_callback_that_was_not_taken_is_repeated_three_times(
    kie: KieServer, receiver: Receiver
) -> None:
    kie.plan = CallbackPlan(retry_seconds=0)
    receiver.statuses = [503, 500, 401, 404, 200]
    await generate(kie, receiver)
    await kie.settle()
    assert [sent.status for sent in kie.sent] == [503, 500, 401, 404]


async def test_refusals_are_as_recorded(kie: KieServer, receiver: Receiver) -> None:
    known = kie.add_separation().id
    unknown = await post(kie, "/api/v1/midi/generate", {"taskId": "x", "callBackUrl": receiver.url})
    assert unknown == {"code": 422, "msg": "Record does not exist", "data": None}
    no_address = await post(kie, "/api/v1/midi/generate", {"taskId": known})
    assert no_address == {"code": 422, "msg": "Please enter callBackUrl.", "data": None}
    kie.credits = 9
    broke = await post(
        kie,
        "/api/v1/vocal-removal/generate",
        {"audioUrl": "https://x.example/a", "callBackUrl": receiver.url},
    )
    assert broke["code"] == 402
    assert kie.charges == []


async def test_the_twenty_first_request_is_refused(kie: KieServer, receiver: Receiver) -> None:
    kie.work_seconds = None
    body = {"taskId": kie.add_separation().id, "callBackUrl": receiver.url}
    codes = [(await post(kie, "/api/v1/midi/generate", body))["code"] for _ in range(21)]
    assert codes == [200] * 20 + [429]


async def test_it_runs_as_a_process_and_is_steered_over_http(receiver: Receiver) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.kie_server",
        "--work-seconds",
        "0.01",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        url = json.loads(await process.stdout.readline())["url"]
        async with aiohttp.ClientSession(url, headers={"Authorization": "Bearer test-key"}) as session:

            async def steer(name: str, body: object) -> Any:
                async with session.post(f"/_control/{name}", json=body) as answer:
                    assert answer.status == 200, await answer.text()
                    return await answer.json()

            await steer("work", {"seconds": None})
            await steer("plan", {"held": True, "shape": "old"})
            await steer("notes", {"instruments": []})
            await steer("fault", {"call": "credits", "kind": "code", "code": 455})
            separation = await steer("separation", {"taskId": "chosen"})
            assert separation["taskId"] == "chosen"
            async with session.get("/api/v1/chat/credit") as answer:
                assert (await answer.json())["code"] == 455
            body = {"taskId": "chosen", "callBackUrl": receiver.url}
            async with session.post("/api/v1/midi/generate", json=body) as answer:
                task_id = (await answer.json())["data"]["taskId"]
            await steer("finish", {"taskId": task_id})
            assert receiver.task_ids() == []
            assert await steer("release", {}) == 1
            assert receiver.task_ids() == [task_id]
            async with session.get("/_control/state") as answer:
                assert (await answer.json())["charges"] == [["midi", 0.0]]
            async with session.post("/_control/fault", json={"call": "nothing", "kind": "lost"}) as answer:
                assert answer.status == 400
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
