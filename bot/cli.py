"""The command `pianola`: the bot or its playground, and what stands beside them."""

import argparse
import asyncio
import gc
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from bot import hosts, logs
from bot.errors import PianolaError, SettingsError
from bot.playground import require_playground
from bot.settings import Settings, is_loopback, load
from bot.terminal import complain, shown, tell

if TYPE_CHECKING:
    from bot.jobs.storage.store import Store
    from bot.playground.world import World

# docs/hosting/README.md explains these to whoever writes a unit file.
EXIT_FAILED = 1
EXIT_WRONG_SETTINGS = 2
EXIT_LOST = 3
EXIT_HUNG = 4
EXIT_INTERRUPTED = 128 + signal.SIGINT
EXIT_TERMINATED = 128 + signal.SIGTERM
"""What a shell shows of a program that SIGTERM ended."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; every foreseen failure is one line and a code other than 0."""
    # Collecting while 100 000 lasting objects are imported takes a sixth of the start, and finds nothing.
    gc.disable()
    given, unknown = _parser().parse_known_args(arguments)
    if unknown:
        # By the command's own parser: the usage that it shows is the one that is looked for.
        given.parser.error(
            f"{' '.join(unknown)} is nothing it knows; before a file whose name begins with - write --, as in "
            f"{given.parser.prog} -- {unknown[0]}"
        )
    try:
        sys.exit(given.command(given))
    except SettingsError as error:
        for problem in error.problems:
            complain(f"pianola: {problem}")
        sys.exit(EXIT_WRONG_SETTINGS)
    except PianolaError as error:
        complain(f"pianola: {error.sentence}")
        sys.exit(EXIT_FAILED)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)


class _Parser(argparse.ArgumentParser):
    """Repeats what it does not know as it is shown elsewhere: a shell puts names of files in."""

    def error(self, message: str) -> NoReturn:
        """Called by argparse."""
        super().error(shown(message))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="pianola", description="A Discord bot that turns a song into MIDI.")
    parser.set_defaults(command=_run, parser=parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    run = commands.add_parser(
        "run", help="the bot, or its playground where no DISCORD_TOKEN is set (the default)"
    )
    run.set_defaults(command=_run, parser=run)
    attempt = commands.add_parser("try", help="turn a song into MIDI here, with no browser")
    attempt.add_argument(
        "songs",
        nargs="*",
        type=Path,
        metavar="SONG",
        help="an audio file or a .mid; several audio files are the stems of one song",
    )
    attempt.add_argument(
        "--out",
        type=_folder,
        metavar="DIR",
        help="where the reply and its files are written; without it the files alone, beside the song",
    )
    attempt.add_argument(
        "--task-id", help="the id of a kie.ai task in the place of a song: a separation, or a piece of music"
    )
    attempt.add_argument("--track", type=_track, metavar="N", help="which track of that piece of music")
    attempt.add_argument("--stem", help="only this stem of the separation")
    attempt.add_argument("--yes", action="store_true", help="agree to the price, where CONFIRM_PRICE asks")
    attempt.set_defaults(command=_try, parser=attempt)
    doctor = commands.add_parser(
        "doctor", help="ask all around, and say what works here and what to do about the rest"
    )
    doctor.add_argument("--json", action="store_true", help="for programs, and for reports of bugs")
    doctor.set_defaults(command=_doctor, parser=doctor)
    worker = commands.add_parser("worker", help="work on the jobs of a DATABASE_URL that others take in")
    worker.set_defaults(command=_work, parser=worker)
    studio = commands.add_parser("studio", help="the built-in kie-compatible studio alone")
    studio.add_argument("--port", type=_port, default=8090)
    studio.set_defaults(command=_studio, parser=studio)
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:6]) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text} is no port: those are 0 to 65535")
    return int(text)


def _folder(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("give a folder, such as --out notes")
    return Path(text)


def _track(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:6])):
        raise argparse.ArgumentTypeError(f"{text} is no track: those are counted 1, 2, 3 and so on")
    return int(text[:6])


def _run(_given: argparse.Namespace) -> int:
    settings = load()
    if settings.discord_token is not None:
        _log(settings, settings.log_level)
        return asyncio.run(_bot(settings, settings.discord_token.get_secret_value()))
    if where := _place_of_the_token(settings):
        raise SettingsError(
            f"DISCORD_TOKEN is missing: {where}. Make one at discord.com/developers/applications"
        )
    _log(settings, _quiet(settings))
    require_playground()
    asyncio.run(_until_stopped(_playground(settings), grace_seconds(settings)))
    return 0


def _place_of_the_token(settings: Settings) -> str | None:
    """Where nobody reaches a page on loopback, what to do instead; None on somebody's own machine."""
    if host := hosts.host_name(os.environ):
        return f"set it in {host}'s variables"
    if settings.host and is_loopback(
        f"http://[{settings.host}]" if ":" in settings.host else f"http://{settings.host}"
    ):
        return None
    if hosts.is_container_service(os.environ):
        return "set it for this container, where nobody reaches the local page (with HOST=127.0.0.1 it opens all the same)"
    if settings.port is not None:
        return "PORT is set, as hosts do, so no local page opens (it does with HOST=127.0.0.1)"
    return None


def listening_at(settings: Settings) -> tuple[str, int]:
    """Where the receiver listens. A host's router comes from outside; a proxy on the same machine does not."""
    is_hosted = (
        settings.port is not None
        or hosts.host_name(os.environ) is not None
        or hosts.is_container_service(os.environ)
    )
    host = settings.host or ("0.0.0.0" if is_hosted else "127.0.0.1")  # noqa: S104 (see above)
    return host, 8080 if settings.port is None else settings.port


def _log(settings: Settings, level: str) -> None:
    report = None
    if settings.sentry_dsn is not None:
        from bot import sentry

        report = sentry.reporter(settings.sentry_dsn.get_secret_value(), settings.secrets)
    logs.configure(level, settings.log_format, secrets=settings.secrets, report=report)


def _quiet(settings: Settings) -> str:
    """At a terminal the log would bury what is meant for the eye; who sets LOG_LEVEL wants it."""
    return settings.log_level if "log_level" in settings.model_fields_set else "ERROR"


async def _bot(settings: Settings, token: str) -> int:
    from bot import app
    from bot.chat.discord.gateway import Gateway

    gateway = Gateway(token)
    host, port = listening_at(settings)
    program = app.run(settings, gateway.connected, host=host, port=port, ready=lambda: gateway.problem)
    was_stopped = await _until_stopped(program, grace_seconds(settings), or_until=gateway.lost)
    gateway.leave_unfreed()
    # The host starts a process anew that ended badly.
    return 0 if was_stopped else EXIT_LOST


def _work(_given: argparse.Namespace) -> int:
    settings = load()
    _log(settings, settings.log_level)
    missing = []
    if settings.discord_token is None:
        missing.append("DISCORD_TOKEN is missing: a worker posts the results")
    if settings.database_url is None:
        missing.append("DATABASE_URL is missing: a worker shares a Postgres database with the bot")
    if not settings.uses_kie and settings.studio_url is None:
        missing.append("KIE_API_KEY is missing: a worker shares the studio with the bot (or set STUDIO_URL)")
    if missing or settings.discord_token is None:
        raise SettingsError(*missing)
    asyncio.run(_worker(settings, settings.discord_token.get_secret_value()))
    return 0


async def _worker(settings: Settings, token: str) -> None:
    from bot import app
    from bot.chat.discord.gateway import Gateway

    gateway = Gateway(token)
    program = app.run(
        settings,
        gateway.logged_in,
        host=settings.host or "127.0.0.1",
        port=settings.metrics_port,
        ready=lambda: gateway.problem,
        takes_callbacks=False,
    )
    await _until_stopped(program, grace_seconds(settings))


@asynccontextmanager
async def _playground(settings: Settings) -> AsyncIterator[None]:
    from bot import app
    from bot.background import beside
    from bot.playground.example import greet
    from bot.playground.page import page, settled
    from bot.playground.world import simulated

    own_server = partial(simulated, is_owner=True)
    async with (
        app.run(
            settings, own_server, host="127.0.0.1", port=settings.port or 0, is_simulated=True
        ) as running,
        page(running.discord, 0) as preview,
        beside(greet(running.discord, partial(settled, preview)), name="greeting"),
    ):
        tell(f"Pianola is open. Type /midi in the channel at\n\n  {preview.url}\n\nCtrl+C closes it.")
        yield


def _try(given: argparse.Namespace) -> int:
    require_playground()
    from bot.playground import headless, one_song

    settings = load()
    agreed = headless.Agreed(on_track=given.track, to_price=given.yes)
    wish = one_song.Wish(given.songs, given.task_id, given.stem, given.out, agreed)
    # At kie.ai a stem can have any name.
    one_song.check(wish, knows_stems=not settings.uses_kie)
    _log(settings, _quiet(settings))
    try:
        with one_song.folder_for(wish) as folder:
            asyncio.run(one_song.attempt(wish, folder, partial(_passing, settings)))
    except headless.NothingDeliveredError as error:
        complain(str(error))
        return EXIT_FAILED
    except asyncio.CancelledError:
        return EXIT_TERMINATED
    return 0


@asynccontextmanager
async def _passing(settings: Settings, data_dir: Path) -> AsyncIterator[tuple["World", "Store"]]:
    """A whole Pianola in a simulated Discord, with its data in a folder that passes."""
    from bot import app
    from bot.playground.world import simulated

    own = settings.model_copy(update={"data_dir": data_dir, "database_url": None})
    async with app.run(own, simulated, host="127.0.0.1", port=0, is_simulated=True) as running:
        yield running.discord, running.store


def _doctor(given: argparse.Namespace) -> int:
    from bot.doctor import report

    try:
        settings = load()
    except SettingsError as error:
        if not given.json:
            raise
        sys.stdout.write(report.of_wrong_settings(error))
        return EXIT_WRONG_SETTINGS
    _log(settings, _quiet(settings))
    is_well = asyncio.run(report.write(settings, listening_at(settings), as_json=given.json))
    return 0 if is_well else EXIT_FAILED


def _studio(given: argparse.Namespace) -> int:
    settings = load()
    _log(settings, settings.log_level)
    asyncio.run(_until_stopped(_studio_alone(settings, given.port), grace_seconds(settings)))
    return 0


@asynccontextmanager
async def _studio_alone(settings: Settings, port: int) -> AsyncIterator[None]:
    from bot.studio_access import studio_of

    key = settings.kie_api_key.get_secret_value() if settings.kie_api_key else secrets.token_urlsafe(16)
    hmac_key = settings.kie_webhook_hmac_key.get_secret_value() if settings.kie_webhook_hmac_key else None
    folder = settings.data_dir / "studio"
    async with studio_of(settings, folder, api_key=key, hmac_key=hmac_key, port=port) as running:
        named = "the KIE_API_KEY that is set" if settings.kie_api_key else key
        tell(
            f"The studio answers as kie.ai does:\n\n  KIE_API_URL={running.url}\n  KIE_UPLOAD_URL={running.url}\n"
            f"  key: {named}\n\nCtrl+C closes it."
        )
        yield


async def _until_stopped(
    program: AbstractAsyncContextManager[object], seconds: float, *, or_until: asyncio.Event | None = None
) -> bool:
    """Run a program until SIGTERM or SIGINT, True, or until another event, False.

    Stopping may take `seconds`. A start that waits, for a database or for Discord, ends at the signal as well.
    """
    stop, started = _stop_signal(), asyncio.Event()
    ends = [
        asyncio.create_task(event.wait(), name="end of the program") for event in (stop, or_until) if event
    ]

    async def run() -> None:
        async with program:
            _settle()
            started.set()
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            _end_within(seconds)

    running = asyncio.create_task(run(), name="program")
    try:
        await asyncio.wait([running, *ends], return_when=asyncio.FIRST_COMPLETED)
        if not (started.is_set() or running.done()):
            _end_within(seconds)
            running.cancel()
        await asyncio.wait([running])
        if not running.cancelled():
            running.result()
    finally:
        for end in ends:
            end.cancel()
    return stop.is_set()


def grace_seconds(settings: Settings) -> float:
    """How long stopping may take. By itself Fly.io waits 5 s between its signal and the kill, the others 30 s."""
    if settings.stop_seconds is not None:
        return settings.stop_seconds
    return 4.0 if hosts.host_name(os.environ) == "Fly.io" else 20.0


def _end_within(seconds: float) -> None:
    """End the process even if a part does not stop: what hangs is taken up by the next one, as after a kill."""
    asyncio.get_running_loop().call_later(seconds, os._exit, EXIT_HUNG)


def _settle() -> None:
    """From starting to serving.

    Garbage is collected from now on, but not among what the start made: that stopped the loop for 75-90 ms each time.
    """
    gc.freeze()
    gc.enable()
    # The event loop gets the interpreter back from a thread that draws after 1 ms, not after 5. It asks ten times for
    # each callback that it keeps.
    sys.setswitchinterval(0.001)


def _stop_signal() -> asyncio.Event:
    """Set by SIGTERM and SIGINT, so that everything is left in order; Python alone would end at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
