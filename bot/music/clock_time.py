"""Times in a song as a player shows them."""


def clock_time(seconds: float) -> str:
    """Minutes and seconds, from an hour on with hours: 1:28, 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
