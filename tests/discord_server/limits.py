"""What Discord refuses in a message: lengths, counts and sizes, checked before anything is kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.discord_server.refusals import RefusedError, invalid
from tests.discord_server.world import COMPONENTS_V2, MIB, Json

REQUEST_LIMIT = 25 * MIB
MOST_FILES = 10
MOST_EMBEDS = 10
EMBED_TOTAL = 6000
CONTENT = 2000
NONCE = 25
ALT_TEXT = 1024
CUSTOM_ID = 100

_EMBED_TEXTS = {"title": 256, "description": 4096}
_EMBED_INNER = {("footer", "text"): 2048, ("author", "name"): 256}
_FIELD = {"name": 256, "value": 1024}
_BUTTON, _ROW, _SELECTS = 2, 1, {3, 5, 6, 7, 8}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a request; `number` is that of its `files[number]` field."""

    number: str
    name: str
    content_type: str | None
    data: bytes


def check_message(fields: Json, uploads: Sequence[Upload], file_limit: int) -> None:
    """Refuse what Discord would.

    Raises:
        RefusedError: 40005 for sizes, 50035 for everything else.
    """
    for upload in uploads:
        if len(upload.data) > file_limit:
            raise RefusedError(40005)
    listed = fields.get("attachments") or []
    if len(uploads) > MOST_FILES or len(listed) > MOST_FILES:
        raise invalid("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    _at_most("content", fields.get("content"), CONTENT)
    _at_most("nonce", fields.get("nonce"), NONCE)
    for place, attachment in enumerate(listed):
        _at_most(f"attachments.{place}.description", attachment.get("description"), ALT_TEXT)
    _check_embeds(fields.get("embeds") or [])
    _check_components(fields.get("components") or [])
    if int(fields.get("flags") or 0) & COMPONENTS_V2 and (fields.get("content") or fields.get("embeds")):
        raise invalid("flags", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", "Use components alone.")


def _at_most(field: str, text: object, length: int) -> None:
    if text is not None and len(str(text)) > length:
        raise invalid(field, "BASE_TYPE_MAX_LENGTH", f"Must be {length} or fewer in length.")


def _check_embeds(embeds: Sequence[Json]) -> None:
    if len(embeds) > MOST_EMBEDS:
        raise invalid("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    total = 0
    for place, embed in enumerate(embeds):
        fields = embed.get("fields") or []
        if len(fields) > 25:
            raise invalid(f"embeds.{place}.fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
        for name, text, limit in _embed_texts(embed):
            _at_most(f"embeds.{place}.{name}", text, limit)
            total += len(text)
        for number, field in enumerate(fields):
            if not all(str(field.get(part) or "").strip() for part in _FIELD):
                where = f"embeds.{place}.fields.{number}"
                raise invalid(where, "BASE_TYPE_REQUIRED", "This field is required")
    if total > EMBED_TOTAL:
        raise invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def _embed_texts(embed: Json) -> Iterator[tuple[str, str, int]]:
    for name, limit in _EMBED_TEXTS.items():
        yield name, str(embed.get(name) or ""), limit
    for (outer, inner), limit in _EMBED_INNER.items():
        yield f"{outer}.{inner}", str((embed.get(outer) or {}).get(inner) or ""), limit
    for number, field in enumerate(embed.get("fields") or []):
        for name, limit in _FIELD.items():
            yield f"fields.{number}.{name}", str(field.get(name) or ""), limit


def _check_components(components: Sequence[Json]) -> None:
    rows = [component for component in components if component.get("type") == _ROW]
    if len(rows) > 5:
        raise invalid("components", "BASE_TYPE_MAX_LENGTH", "Must be 5 or fewer in length.")
    for place, row in enumerate(rows):
        inside = row.get("components") or []
        most = 1 if any(component.get("type") in _SELECTS for component in inside) else 5
        if not 1 <= len(inside) <= most:
            where = f"components.{place}.components"
            raise invalid(where, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {most} in length.")
    seen: set[str] = set()
    for component in flat(components):
        custom_id = component.get("custom_id")
        _at_most("components.custom_id", custom_id, CUSTOM_ID)
        _at_most("components.label", component.get("label") if component["type"] == _BUTTON else None, 80)
        if len(component.get("options") or []) > 25:
            raise invalid("components.options", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
        if custom_id is not None and custom_id in seen:
            message = "Component custom id cannot be duplicated"
            raise invalid("components", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
        seen.add(custom_id or "")


def flat(components: Sequence[Json]) -> Iterator[Json]:
    """Every component, those within others included."""
    for component in components:
        yield component
        yield from flat(component.get("components") or [])
        for name in ("component", "accessory"):
            if inner := component.get(name):
                yield from flat([inner])
