"""The bot as a process of its own, against the stand-ins; only Discord's two addresses are redirected."""
