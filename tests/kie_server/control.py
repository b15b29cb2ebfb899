"""Steering a server that runs as a process of its own: JSON over `/_control/`.

GET  requests    every request, as `Received`
GET  state       credits, charges, tasks, callbacks sent
POST fault       {"call", "kind", "times"?, "seconds"?, "status"?, "code"?, "message"?}
POST plan        fields of `CallbackPlan`; those left out get their default
POST notes       what coming MIDI tasks return as midiData
POST credits     {"credits"}
POST work        {"seconds"}, null: until finished by hand
POST separation  {"taskId"?, "type"?}: one that was finished earlier; answers {"taskId", "stems"}
POST music       {"tracks": [{"title", "seconds"}]}: one that was finished earlier; answers {"taskId", "tracks"}
POST finish      {"taskId"}
POST fail        {"taskId", "code", "message"}
POST callback    {"taskId", ...plan}: send one now
POST release     {"backwards"?}: send what was held
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.kie_server.callbacks import CallbackPlan
from tests.kie_server.faults import Fault
from tests.kie_server.state import Track

if TYPE_CHECKING:  # the server imports this module
    from tests.kie_server.server import KieServer

Body = dict[str, Any]
Act = Callable[["KieServer", Any], Awaitable[Any]]


def routes(kie: "KieServer") -> list[web.RouteDef]:
    """The control routes of `kie`."""

    async def requests(_request: web.Request) -> web.Response:
        return web.json_response([asdict(request) for request in kie.requests])

    async def state(_request: web.Request) -> web.Response:
        return web.json_response(
            {
                "credits": kie.credits,
                "charges": kie.charges,
                "tasks": {task_id: asdict(task) for task_id, task in kie.tasks.items()},
                "sent": [asdict(sent) for sent in kie.sent],
            }
        )

    posts: dict[str, Act] = {
        "fault": _fault,
        "plan": _plan,
        "notes": _notes,
        "credits": _credits,
        "work": _work,
    }
    posts |= {
        "separation": _separation,
        "music": _music,
        "finish": _finish,
        "fail": _fail,
        "callback": _callback,
        "release": _release,
    }
    return [
        web.get("/_control/requests", requests),
        web.get("/_control/state", state),
        *(web.post(f"/_control/{name}", _post(kie, act)) for name, act in posts.items()),
    ]


def _post(kie: "KieServer", act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await act(kie, await request.json()))
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle


async def _fault(kie: "KieServer", body: Body) -> None:
    call, times = body.pop("call"), body.pop("times", 1)
    kie.break_next(call, Fault(**body), times=times)


async def _plan(kie: "KieServer", body: Body) -> None:
    kie.plan = CallbackPlan(**body)


async def _notes(kie: "KieServer", body: Any) -> None:
    kie.notes = body


async def _credits(kie: "KieServer", body: Body) -> None:
    kie.credits = float(body["credits"])


async def _work(kie: "KieServer", body: Body) -> None:
    kie.work_seconds = body["seconds"]


async def _separation(kie: "KieServer", body: Body) -> Body:
    task = kie.add_separation(type=body.get("type", "separate_vocal"), task_id=body.get("taskId"))
    return {"taskId": task.id, "stems": [asdict(stem) for stem in task.stems]}


async def _music(kie: "KieServer", body: Body) -> Body:
    task = kie.add_music(*(Track(**track) for track in body["tracks"]))
    return {"taskId": task.id, "tracks": [asdict(track) for track in task.tracks]}


async def _finish(kie: "KieServer", body: Body) -> None:
    await kie.finish(body["taskId"])


async def _fail(kie: "KieServer", body: Body) -> None:
    await kie.fail(body["taskId"], int(body["code"]), str(body["message"]))


async def _callback(kie: "KieServer", body: Body) -> None:
    await kie.sender.send(kie.tasks[body.pop("taskId")], CallbackPlan(**body))


async def _release(kie: "KieServer", body: Body) -> int:
    return await kie.sender.release(backwards=bool(body.get("backwards")))
