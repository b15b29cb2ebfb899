"""`python -m bot.web.alive`: asks this machine's `/livez` once, for a container's health check; 1 where nobody answers."""

import http.client
import os
import sys


def main() -> int:
    """Nothing but the standard library: it runs every 30 seconds."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", int((os.environ.get("PORT") or "8080").strip("\"' ")), timeout=4
    )
    try:
        connection.request("GET", "/livez")
        return 0 if connection.getresponse().status == http.client.OK else 1
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
