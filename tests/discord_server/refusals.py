"""Discord's error answers, by their code."""

from typing import Any

CODES: dict[int, tuple[int, str]] = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    30034: (400, "Max number of daily application command creates has been reached (200)"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    40094: (400, "This interaction has reached the maximum number of follow-up messages"),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (403, "Thread is archived"),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    130000: (400, "API resource is currently overloaded. Try again a little later"),
    200000: (400, "Message was blocked by automatic moderation"),
}


class RefusedError(Exception):
    """The request is answered with this code, its HTTP status and its message."""

    def __init__(self, code: int, errors: dict[str, Any] | None = None) -> None:
        """`errors` names the fields of a 50035."""
        self.code = code
        self.status, self.message = CODES[code]
        self.errors = errors
        super().__init__(f"{code} {self.message} {errors or ''}".strip())

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        named = {"errors": self.errors} if self.errors else {}
        return {"message": self.message, "code": self.code, **named}


def invalid(field: str, code: str, message: str) -> RefusedError:
    """A 50035 about one field, `embeds.0.title` for instance."""
    errors: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for name in reversed(field.split(".")):
        errors = {name: errors}
    return RefusedError(50035, errors)
