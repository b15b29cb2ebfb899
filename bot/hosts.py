"""What hosts tell their programs: by the environment, and by how a container and its disk look from inside."""

import os
from collections.abc import Mapping
from pathlib import Path

_SIGNS = {
    "RENDER": "Render",
    "RAILWAY_ENVIRONMENT_NAME": "Railway",
    "RAILWAY_ENVIRONMENT": "Railway",
    "KOYEB_APP_NAME": "Koyeb",
    "FLY_APP_NAME": "Fly.io",
    "DYNO": "Heroku",
}


def host_name(environment: Mapping[str, str]) -> str | None:
    """The host this runs on, or None on somebody's own machine."""
    return next((name for sign, name in _SIGNS.items() if environment.get(sign)), None)


def public_address(environment: Mapping[str, str]) -> str | None:
    """The https address under which the host shows `$PORT` to the world; None where it does not say.

    Heroku says so only after `labs:enable runtime-dyno-metadata`, and its names cannot be guessed.
    """
    if address := environment.get("RENDER_EXTERNAL_URL"):
        return address.rstrip("/")
    for variable in ("RAILWAY_PUBLIC_DOMAIN", "KOYEB_PUBLIC_DOMAIN"):
        if domain := environment.get(variable):
            return f"https://{domain}"
    if name := environment.get("FLY_APP_NAME"):
        return f"https://{name}.fly.dev"
    if domain := environment.get("HEROKU_APP_DEFAULT_DOMAIN_NAME"):
        return f"https://{domain}"
    return None


def is_container_service(
    environment: Mapping[str, str], *, root: Path = Path("/"), ids: tuple[int, int, int] | None = None
) -> bool:
    """Whether this is what a container was started for, and not a command in one that somebody works in.

    `ids` are the process' own id, its parent's and its session's. What a container is for is its first process, or the
    child of a small init, in the session of that or in its own. What a shell left behind has the first process as its
    parent too, and still the shell's session.
    """
    own, parent, session = ids or (os.getpid(), os.getppid(), os.getsid(0))
    is_service = own == 1 or (parent == 1 and session in {1, own})
    is_container = (
        bool(environment.get("KUBERNETES_SERVICE_HOST"))
        or (root / ".dockerenv").exists()
        or (root / "run" / ".containerenv").exists()
    )
    return is_container and is_service


_SHORT_LIVED = {"tmpfs", "ramfs", "overlay"}
"""File systems that end with the container, wherever they are mounted."""


def keeps_files(
    environment: Mapping[str, str], directory: Path, *, mounts: Path = Path("/proc/self/mounts")
) -> bool:
    """Whether `directory` is on a disk of its own, a volume, which outlives the system around it."""
    if environment.get("DYNO"):
        return False  # Heroku has no volumes; what is mounted there is as short-lived as the rest
    place = directory.resolve()
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    # Device, place, file system; a blank in a place is written \040.
    mounted = {
        Path(fields[1].replace("\\040", " ")): fields[2] for line in lines if len(fields := line.split()) > 2
    }
    nearest = next((parent for parent in (place, *place.parents) if parent in mounted), Path("/"))
    return nearest != Path("/") and mounted[nearest] not in _SHORT_LIVED
