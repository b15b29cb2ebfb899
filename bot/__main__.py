"""`python -m bot`: what a host's Procfile starts."""

from bot.cli import main

if __name__ == "__main__":
    main()
