"""Callbacks as kie sends them, and as nobody should: late, doubled, forged, of another shape, or never."""

import asyncio
import base64
import hashlib
import hmac
import io
import json
import time
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.kie_server.state import FLAT_URLS, Sent, Task

SHAPES = ("new", "old", "guide", "null", "wrong", "disagree", "deep")
SIGNATURES = ("right", "wrong", "stale", "none")


@dataclass(frozen=True, slots=True)
class CallbackPlan:
    """How the callbacks of coming tasks are sent.

    `copies` 0 is never, 2 is doubled. `held` keeps them until `release`, in any order. `early` sends before the
    submission is answered. Shapes: `new`, `old` and `guide` are documented; `null` has no `data`, `wrong` has
    text in its place, `disagree` names two tasks, `deep` is nested 100 000 times.
    """

    copies: int = 1
    delay_seconds: float = 0.0
    held: bool = False
    early: bool = False
    shape: str = "new"
    signature: str = "right"
    retries: int = 3
    retry_seconds: float = 0.05
    timeout_seconds: float = 15.0

    def __post_init__(self) -> None:
        if self.shape not in SHAPES or self.signature not in SIGNATURES:
            raise ValueError(f"no such shape or signature: {self.shape}, {self.signature}")


class Sender:
    """Sends callbacks, repeats those that were not taken, and remembers every try."""

    def __init__(self, session: aiohttp.ClientSession, hmac_key: str | None, sent: list[Sent]) -> None:
        self._session = session
        self._hmac_key = hmac_key
        self._sent = sent
        self._held: list[tuple[Task, CallbackPlan]] = []

    async def send(self, task: Task, plan: CallbackPlan) -> None:
        """Send the callbacks of a finished task as planned."""
        if plan.held:
            self._held.append((task, plan))
            return
        await asyncio.sleep(plan.delay_seconds)
        for _ in range(plan.copies):
            await self._deliver(task, plan)

    async def release(self, *, backwards: bool = False) -> int:
        """Send what was held, in order or backwards; says how many."""
        held, self._held = self._held, []
        for task, plan in reversed(held) if backwards else held:
            for _ in range(plan.copies):
                await self._deliver(task, plan)
        return len(held)

    async def _deliver(self, task: Task, plan: CallbackPlan) -> None:
        body = callback_body(task, plan.shape)
        for turn in range(plan.retries + 1):
            await asyncio.sleep(plan.retry_seconds if turn else 0)
            if 200 <= await self._post(task, plan, body) < 300:
                return

    async def _post(self, task: Task, plan: CallbackPlan, body: str) -> int:
        headers = {
            "Content-Type": "application/json",
            **signature_headers(self._hmac_key, task.id, plan.signature),
        }
        try:
            async with self._session.post(
                task.callback_url,
                data=io.BytesIO(body.encode()),
                headers=headers,
                timeout=aiohttp.ClientTimeout(total=plan.timeout_seconds),
            ) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        self._sent.append(Sent(task.id, task.callback_url, body[:10_000], headers, status))
        return status


def signature_headers(key: str | None, task_id: str, signature: str) -> dict[str, str]:
    """The two headers; kie sends them once the account has a key."""
    if key is None or signature == "none":
        return {}
    stamp = str(int(time.time()) - (3600 if signature == "stale" else 0))
    used = key + "x" if signature == "wrong" else key
    digest = hmac.new(used.encode(), f"{task_id}.{stamp}".encode(), hashlib.sha256).digest()
    return {"X-Webhook-Timestamp": stamp, "X-Webhook-Signature": base64.b64encode(digest).decode()}


def callback_body(task: Task, shape: str) -> str:
    """The JSON text of a callback in the given shape."""
    if shape == "deep":
        return '{"task_id":"' + task.id + '","data":' + "[" * 100_000 + "]" * 100_000 + "}"
    failed = task.state == "failed"
    top: dict[str, Any] = {"code": task.error_code or 500 if failed else 200, "msg": _message(task)}
    content = None if failed else _content(task)
    if shape == "null":
        return json.dumps(top | {"task_id": task.id, "data": None})
    if shape == "wrong":
        return json.dumps(top | {"task_id": task.id, "data": "surprise", "msg": [1]})
    if shape == "old":
        return json.dumps(top | {"task_id": task.id, "data": content})
    inner = "task_id" if shape == "guide" or task.kind == "separation" else "taskId"
    data = {inner: task.id, **(content or {})}
    if shape == "disagree":
        return json.dumps(top | {"taskId": task.id[::-1], "data": data})
    if shape == "guide":
        top |= {"taskId": task.id, "callbackType": "task_completed"}
    return json.dumps(top | {"data": data})


def _message(task: Task) -> str:
    if task.state != "failed":
        return "success" if task.kind == "midi" else "vocal Separation generated successfully."
    default = "MIDI generation failed" if task.kind == "midi" else "Vocal separation failed"
    return task.error_message or default


def _content(task: Task) -> dict[str, Any]:
    if task.kind == "midi":
        return (
            task.notes if isinstance(task.notes, dict) else {"state": "complete", "instruments": task.notes}
        )
    if task.type == "split_stem_advanced":
        entries = [
            {"duration": 1.0, "audio_url": stem.url, "stem_type_group_name": stem.name, "id": stem.id}
            for stem in task.stems
        ]
        return {
            "vocal_removal_info": {"origin_data": [dict(zip(("extract", "remove"), entries, strict=False))]}
        }
    urls = {f"{snake(FLAT_URLS[stem.name])}_url": stem.url for stem in task.stems if stem.name in FLAT_URLS}
    return {"vocal_separation_info": {"origin_url": "", **urls}}


def snake(name: str) -> str:
    """`backingVocals` as `backing_vocals`."""
    return "".join("_" + sign.lower() if sign.isupper() else sign for sign in name)
