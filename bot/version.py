"""The version, for programs that were copied here and not installed; a test keeps it as in pyproject.toml."""

VERSION = "0.1.0"

USER_AGENT = f"Mozilla/5.0 (compatible; Pianola/{VERSION})"
"""To other servers: to one that looks like no browser kie.ai's front answers 403 "error code: 1010"."""
