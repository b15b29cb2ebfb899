"""Times in a song as a player shows them, and as people type them."""

import re
import unicodedata

_TYPED = re.compile(r"(?:(?:(?P<h>\d{1,2}):)?(?P<m>\d{1,4}):)?(?P<s>\d{1,6}(?:[.,]\d{0,6})?)\s*s?", re.ASCII)


def clock_time(seconds: float) -> str:
    """Minutes and seconds, from an hour on with hours: 1:28, 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def exact_time(seconds: float) -> str:
    """The same to the millisecond, where it is between two seconds: 1:05, 1:05.5."""
    whole, rest = divmod(round(seconds * 1000), 1000)
    return f"{clock_time(whole)}{rest / 1000:g}".replace("0.", ".") if rest else clock_time(whole)


def read_time(typed: str) -> float | None:
    """Seconds from 1:05, 1:05.5, 1:02:03, 65, 65s or 65,5; None: it is no time. What is beside hours or minutes is below 60."""
    # Japanese keyboards type wide digits and colons.
    found = _TYPED.fullmatch(unicodedata.normalize("NFKC", typed).strip().lower())
    if found is None:
        return None
    hours, minutes, seconds = int(found["h"] or 0), int(found["m"] or 0), float(found["s"].replace(",", "."))
    if (found["m"] and seconds >= 60) or (found["h"] and minutes >= 60):
        return None
    return 3600 * hours + 60 * minutes + seconds
