"""What a PaaS tells its programs through the environment."""

from collections.abc import Mapping

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
