"""Makes and changes messages out of what requests say, within Discord's limits."""

import json
import mimetypes
import re
from collections.abc import Sequence
from pathlib import PurePath

from tests.discord_server.bodies import Body
from tests.discord_server.limits import Upload, check_message
from tests.discord_server.refusals import RefusedError, invalid
from tests.discord_server.world import (
    COMPONENTS_V2,
    EPHEMERAL,
    LOADING,
    Channel,
    File,
    Json,
    Message,
    User,
    World,
)

_MENTION = re.compile(r"<@!?(\d+)>")
_SETTABLE = EPHEMERAL | COMPONENTS_V2 | 1 << 2 | 1 << 12
"""Flags that a request may set: also SUPPRESS_EMBEDS and SUPPRESS_NOTIFICATIONS."""

mimetypes.add_type("application/x-midi", ".mid")


def new_message(world: World, channel: Channel, author: User, body: Body) -> Message:
    """Post a message.

    Raises:
        RefusedError: it is empty or too large.
    """
    fields = body.fields
    check_message(fields, body.uploads, channel.file_limit)
    check_words(channel, body)
    message = Message(world.new_id(), channel, author, world.clock.now())
    message.flags = int(fields.get("flags") or 0) & _SETTABLE
    _put(world, message, fields, _files_after(world, message, body))
    _refuse_empty(message)
    world.messages[message.id] = message
    return message


def edit_message(world: World, message: Message, body: Body) -> None:
    """Change what the request names and leave the rest. Files that `attachments` does not list go.

    Raises:
        RefusedError: it would be empty or too large.
    """
    check_message(body.fields, body.uploads, message.channel.file_limit)
    if not message.is_ephemeral:
        check_words(message.channel, body)
    _put(world, message, body.fields, _files_after(world, message, body))
    _refuse_empty(message)
    message.flags &= ~LOADING
    message.edits += 1
    message.edited_at = world.clock.now()


def check_words(channel: Channel, body: Body) -> None:
    """Refuse what AutoMod blocks: it looks at bots' answers to people, and at their edits."""
    said = json.dumps([body.fields, [upload.name for upload in body.uploads]], ensure_ascii=False).casefold()
    if channel.guild and any(word.casefold() in said for word in channel.guild.blocked_words):
        raise RefusedError(200000)


def stored_file(
    world: World, channel: Channel, upload: Upload, *, description: str | None = None, ephemeral: bool = False
) -> File:
    """Keep a file on the CDN, under the name that Discord makes of its own."""
    name = re.sub(r"[^A-Za-z0-9._-]", "", upload.name.replace(" ", "_")).lstrip(".") or "unknown"
    title = PurePath(upload.name).stem if name != upload.name else None
    guessed = mimetypes.guess_type(name)[0]
    file = File(
        id=world.new_id(),
        name=name,
        data=upload.data,
        content_type=upload.content_type if upload.content_type and not guessed else guessed,
        channel_id=channel.id,
        title=title,
        description=description,
        is_ephemeral=ephemeral,
    )
    world.files[file.id] = file
    return file


def _files_after(world: World, message: Message, body: Body) -> list[File]:
    listed: Sequence[Json] | None = body.fields.get("attachments")
    by_number = {upload.number: upload for upload in body.uploads}
    known = {str(file.id): file for file in message.files}
    if listed is None:
        kept = list(known.values())
        return kept + [stored_file(world, message.channel, upload) for upload in body.uploads]
    after = []
    for place, entry in enumerate(listed):
        name = str(entry.get("id"))
        if name in known:
            after.append(known[name])
        elif upload := by_number.pop(name, None):
            after.append(
                stored_file(
                    world,
                    message.channel,
                    upload,
                    description=entry.get("description"),
                    ephemeral=message.is_ephemeral,
                )
            )
        else:
            raise invalid(f"attachments.{place}.id", "ATTACHMENT_NOT_FOUND", "Attachment data not found")
    rest = [stored_file(world, message.channel, upload) for upload in by_number.values()]
    return after + rest


def _put(world: World, message: Message, fields: Json, files: list[File]) -> None:
    message.files = files
    if "content" in fields:
        message.content = fields["content"] or ""
        message.mentions = _pinged(world, message.content, fields.get("allowed_mentions"))
    if "embeds" in fields:
        message.embeds = fields["embeds"] or []
    if "components" in fields:
        message.components = fields["components"] or []
    _require_pictures(message)


def _pinged(world: World, content: str, allowed: Json | None) -> list[int]:
    named = [int(user) for user in _MENTION.findall(content) if int(user) in world.users]
    if allowed is None or "users" in allowed.get("parse", []):
        return named
    return [user for user in named if str(user) in [str(one) for one in allowed.get("users", [])]]


def _require_pictures(message: Message) -> None:
    """An embed's `attachment://name` must be there; Discord shows nothing in its place, which nobody would notice."""
    names = {file.name for file in message.files}
    for embed in message.embeds:
        for part in ("image", "thumbnail"):
            url = str((embed.get(part) or {}).get("url") or "")
            if url.startswith("attachment://") and url.removeprefix("attachment://") not in names:
                raise invalid(
                    f"embeds.{part}.url", "ATTACHMENT_NOT_FOUND", f"{url} is no file of this message"
                )


def _refuse_empty(message: Message) -> None:
    if not (message.content or message.embeds or message.files or message.components):
        raise RefusedError(50006)
