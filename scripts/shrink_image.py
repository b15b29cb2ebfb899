# ruff: noqa: INP001 (a program of its own, which the image takes no package along for)
"""Takes out of the image's environment what nothing loads there, and compiles what a start imports.

Run while the image is built, by the environment's own Python: `python shrink_image.py /opt/pianola`.
"""

import compileall
import importlib
import shutil
import subprocess
import sys
from pathlib import Path

NEEDLESS = (
    "**/tests",
    "numpy/f2py",
    "numpy/distutils",
    "onnxruntime/capi/libonnxruntime.so*",  # 35 MB, once more beside the module that holds it all
    "onnxruntime/tools",
    "onnxruntime/transformers",
    "onnxruntime/quantization",
    "onnx/backend",
    "onnx/bin",
    "sqlalchemy/testing",
    "verovio/data/Gootville*",  # typefaces for notes beside the usual one
    "verovio/data/Leland*",
    "verovio/data/Petaluma*",
    "**/*.pyi",
    "**/*.pxd",
    "**/*.a",
    "**/*.proto",
)
"""Files and folders of installed packages: test data, compilers, converters of models."""

STARTED = (
    "bot.app",
    "bot.chat.discord.gateway",
    "bot.score.pages",
    "bot.sound.preview",
    "bot.video.film",
    "bot.studio.worker",
    "bot.studio.service",
    "bot.studio.transcriber.transcribe",
    "av",
    "onnxruntime",
    "cogs",
)
"""What a start and the first song import, which also shows that nothing of it is missing; the rest is compiled never."""


def main() -> None:
    environment = Path(sys.argv[1])
    (packages,) = environment.glob("lib/python3.*/site-packages")
    for pattern in NEEDLESS:
        for path in packages.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            elif path.exists():
                path.unlink()
    # Cython's modules carry their symbols: PyAV's 34 MB become 6, SQLAlchemy's 9 one. Libraries in *.libs were patched by
    # their wheel's makers, and are left as they are.
    modules = [path for path in packages.glob("**/*.so") if not path.parent.name.endswith(".libs")]
    subprocess.run(["strip", "--strip-unneeded", *modules], check=True)  # noqa: S603, S607 (of the image)
    for name in STARTED:
        importlib.import_module(name)
    compileall.compile_dir(packages / "bot", quiet=1)
    compileall.compile_dir(packages / "cogs", quiet=1)


if __name__ == "__main__":
    main()
