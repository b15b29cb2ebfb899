"""The version, for programs that were copied here and not installed; a test keeps it as in pyproject.toml."""

VERSION = "0.1.0"
