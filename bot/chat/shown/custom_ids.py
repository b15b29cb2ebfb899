"""How a button, a menu and a modal say what they are: a custom id, the one thing that Discord keeps of them for us.

So they work after a restart and on every process. `bot.chat.discord.routing` reads what is written here.
"""

import re

import msgspec

_FORM = re.compile(
    r"(?P<subject>pianola(?:-[a-z]+)?):(?P<action>[a-z-]+)(?::(?P<page>[0-9]{1,6}))?(?::(?P<job_id>[0-9a-f]{20}))?"
)
"""At most 60 characters; Discord takes 100."""

JOB = "pianola"
JOB_MENU = "pianola-menu"
JOB_MODAL = "pianola-modal"
LIST = "pianola-list"
LIST_MENU = "pianola-songs"
STEMS = "pianola-stems"
OWN = "pianola-own"
RULES = "pianola-rules"
EXAMPLE = "pianola-example"
"""What is pressed: controls of a job, of somebody's list of songs, of a form for stems, of one's own data, of a server's rules, of a song that hangs on its own message."""


class CustomId(msgspec.Struct, frozen=True):
    """`subject` and `action` choose what serves it; `page` of a list and `job_id` are what it is about."""

    subject: str
    action: str
    page: int | None = None
    job_id: str | None = None

    def __str__(self) -> str:
        about = [str(part) for part in (self.page, self.job_id) if part is not None]
        return ":".join([self.subject, self.action, *about])


def read(text: str) -> CustomId | None:
    """The parts of a custom id; None: it is none of ours."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    page = found["page"]
    return CustomId(found["subject"], found["action"], None if page is None else int(page), found["job_id"])
