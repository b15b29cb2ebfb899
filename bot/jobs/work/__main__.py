"""`python -m bot.jobs.work`: a pickled call on standard input, what came of it on standard output.

Only the bot writes to it, and only the bot reads what it writes.
"""

import os
import pickle
import sys

from bot.modest import be_modest, is_want_of_memory

MOST_MEMORY_BYTES = 512 << 20
"""A song of 400 000 notes takes 205 MB; whatever wants twice as much is none."""


def main() -> None:
    """Do it, and tell what it returns or raises."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever a C library prints must not look like an answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    be_modest(MOST_MEMORY_BYTES)
    call = pickle.load(sys.stdin.buffer)  # noqa: S301 (it comes from the bot itself)
    try:
        made, is_error = call(), False
    except Exception as error:
        if is_want_of_memory(error):
            raise
        made, is_error = error, True
    with answers:
        pickle.dump((made, is_error), answers, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
