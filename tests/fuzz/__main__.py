"""Makes up requests, payloads, files and words, and prints JSON: what came of them. It ends with 1 where something broke.

The seed of a failure makes the same cases again: `--part notes --seed 1234`.
"""

import argparse
import dataclasses
import json
import logging
import secrets
import sys

import structlog

from tests.fuzz.part import Outcome, run
from tests.fuzz.parts import PARTS


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, help="of each part")
    parser.add_argument(
        "--part", action="append", choices=PARTS, dest="parts", help="may be given again; without it all"
    )
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32))
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    report = {name: _of(name, given.cases, given.seed) for name in given.parts or PARTS}
    told = {name: _told(outcome) for name, outcome in report.items()}
    sys.stdout.write(json.dumps({"seed": given.seed, "parts": told}, indent=1) + "\n")
    return 1 if any(outcome.failure for outcome in report.values()) else 0


def _of(name: str, cases: int, seed: int) -> Outcome:
    sys.stderr.write(f"{name}: {cases} cases with seed {seed}\n")
    with PARTS[name]() as part:
        outcome = run(part, cases, seed)
    sys.stderr.write(f"{name}: {outcome.cases} cases, {'broken' if outcome.failure else 'nothing broke'}\n")
    return outcome


def _told(outcome: Outcome) -> dict[str, object]:
    rounded = dataclasses.asdict(outcome)
    rounded |= {name: round(rounded[name], 1) for name in ("seconds", "longest_ms")}
    return rounded | {"found": dict(outcome.found.most_common())}


if __name__ == "__main__":
    sys.exit(main())
