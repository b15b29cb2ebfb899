# ruff: noqa: INP001 (a program of its own, which the image takes no package along for)
"""Takes out of the image's environment what nothing imports there, and compiles what a start imports.

Run while the image is built, by the environment's own Python: `python shrink_image.py /opt/pianola`.
"""

import compileall
import importlib
import shutil
import sys
from pathlib import Path

NEEDLESS = (
    "**/tests",
    "numpy/f2py",
    "numpy/distutils",
    "onnxruntime/tools",
    "onnxruntime/transformers",
    "onnxruntime/quantization",
    "onnx/backend",
    "onnx/bin",
    "sqlalchemy/testing",
    "**/*.pyi",
    "**/*.pxd",
    "**/*.a",
    "**/*.proto",
)
"""Files and folders of installed packages: test data, compilers, converters of models."""

STARTED = (
    "bot.app",
    "bot.chat.discord.gateway",
    "bot.sound.preview",
    "bot.studio.worker",
    "bot.studio.service",
    "cogs",
)
"""What a start and the first song import; the rest is compiled when it is needed, or never."""


def main() -> None:
    environment = Path(sys.argv[1])
    (packages,) = environment.glob("lib/python3.*/site-packages")
    for pattern in NEEDLESS:
        for path in packages.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.exists():
                path.unlink()
    for name in STARTED:
        importlib.import_module(name)
    compileall.compile_dir(packages / "bot", quiet=1)
    compileall.compile_dir(packages / "cogs", quiet=1)


if __name__ == "__main__":
    main()
