"""How the studio's own networks came to be: compose, render, train, take or leave. README.md beside this file tells the steps."""
