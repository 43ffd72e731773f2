"""The public suites, and one of ours, against a real server: `python -m tests.compat.run`.

Fetches the suites from PyPI by version and hash, makes an environment of their own for them, starts `duramen serve` and a
model that echoes, makes the two memories that the suites expect, runs the suites as they are, and then what none of them
has: two agents of different frameworks with one memory. Prints how many checks passed of how many, and ends with 1 if one
failed that is not known to fail because of the client that it tests.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from rich.console import Console
from rich.table import Table

from tests.compat.fake_model import fake_model
from tests.compat.fetched import Fetched, fetch
from tests.compat.seeding import seed
from tests.compat.suites import SUITES, Suite
from tests.serving import served

INSIDE = Path(__file__).parent / "inside"
CREDENTIALS = {"aws_access_key_id": "compat", "aws_secret_access_key": "compat", "region_name": "us-west-2"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a suite went.

    Attributes:
        suite: Which.
        failed: What went wrong, by the name of the check; empty text for one that was skipped.
        run: How many checks there were.
    """

    suite: Suite
    failed: Mapping[str, str]
    run: int

    @property
    def unexpected(self) -> list[str]:
        """What failed though it is not known to, and what is not as many as it was."""
        found = [name for name in self.failed if name not in self.suite.faults]
        if self.run != self.suite.total:
            found.append(f"{self.run} checks ran, not {self.suite.total}")
        return found


@contextmanager
def environment(cache: Path, *, fast: bool, workers: int) -> Iterator[dict[str, str]]:
    """Start a server and the model, make the memories, and yield the environment in which the suites run."""
    with (
        tempfile.TemporaryDirectory(dir=cache, prefix="server-") as place,
        served(Path(place) / "memory", fast=fast, workers=workers) as server,
        fake_model() as model,
    ):
        filled, empty = seed(server.url, CREDENTIALS)
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}
        yield {
            **plain,
            **{name.upper(): value for name, value in CREDENTIALS.items() if name != "region_name"},
            "AWS_REGION": CREDENTIALS["region_name"],
            "AWS_DEFAULT_REGION": CREDENTIALS["region_name"],
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_BEDROCK_AGENTCORE": server.url,
            "AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL": server.url,
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": model,
            "BEDROCK_TEST_REGION": CREDENTIALS["region_name"],
            "MEMORY_KINESIS_ARN": "arn:aws:kinesis:us-west-2:123456789012:stream/compat",
            "MEMORY_ROLE_ARN": "arn:aws:iam::123456789012:role/compat",
            "MEMORY_PREPOPULATED_ID": filled,
            "AGENTCORE_MEMORY_ID": empty,
            "COMPAT_METRICS": f"{server.url}/metrics",
            "OTEL_SDK_DISABLED": "true",
            "PYTHONPATH": str(INSIDE),
        }


def run(suite: Suite, fetched: Fetched, variables: Mapping[str, str], results: Path) -> Outcome:
    """Run a suite, and return how it went."""
    results.unlink(missing_ok=True)
    log = results.with_suffix(".log")
    if suite.script is not None:
        command = [suite.script, str(results)]
    else:
        options = ["-p", "patience", "-p", "no:cacheprovider", "--timeout=200", "-q", f"--junitxml={results}"]
        command = ["-m", "pytest", *options, *suite.options, *suite.paths]
    place = fetched.sources[suite.package] if suite.package else INSIDE
    with log.open("wb") as out:
        subprocess.run([str(fetched.python), *command], cwd=place, env=variables, stdout=out, stderr=out, check=False)
    if not results.exists():
        return Outcome(suite, {f"it did not run: {log.read_text(errors='replace')[-2000:]}": ""}, 0)
    return _pytest(suite, results) if suite.script is None else _script(suite, results)


def _script(suite: Suite, results: Path) -> Outcome:
    found = json.loads(results.read_text())
    failed = {f"{capability}: {test}": error for capability, test, error in found if error is not None}
    return Outcome(suite, failed, len(found))


def _pytest(suite: Suite, results: Path) -> Outcome:
    """Read JUnit's XML. A check that failed at its end too is one check."""
    cases = {f"{case.get('classname')}::{case.get('name')}": case for case in ET.parse(results).iter("testcase")}
    failed = {}
    for name, case in cases.items():
        wrong = [each for kind in ("failure", "error", "skipped") for each in case.iter(kind)]
        if wrong:
            failed[name.rpartition(".")[2]] = f"{wrong[0].tag}: {wrong[0].get('message')}"
    return Outcome(suite, failed, len(cases))


def table(outcomes: Sequence[Outcome], title: str) -> Table:
    """Return passed and total by suite, with what failed."""
    drawn = Table("suite", "passed", "total", "failed", title=title)
    for one in outcomes:
        names = [
            f"{name} (known: {one.suite.faults[name]})" if name in one.suite.faults else name for name in one.failed
        ]
        drawn.add_row(one.suite.name, str(one.run - len(one.failed)), str(one.suite.total), "\n".join(names))
    passed = sum(one.run - len(one.failed) for one in outcomes)
    drawn.add_section()
    drawn.add_row("all", str(passed), str(sum(one.suite.total for one in outcomes)), "")
    return drawn


def main() -> int:
    """Run the suites that were asked for, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, default=Path("build/compat"), help="where what was fetched is kept")
    parser.add_argument("--only", default="", help="only suites with this in their names")
    parser.add_argument(
        "--fast", action="store_true", help="a server that loads no models: what must be found by meaning fails"
    )
    parser.add_argument("--workers", type=int, default=1, help="how many processes the server has")
    asked = parser.parse_args()
    cache = asked.cache.absolute()
    console = Console(width=160)
    fetched = fetch(cache)
    outcomes = []
    with environment(cache, fast=asked.fast, workers=asked.workers) as variables:
        for number, suite in enumerate(SUITES):
            if asked.only in suite.name:
                outcomes.append(run(suite, fetched, variables, cache / f"suite-{number}.xml"))
                console.print(f"{suite.name}: {outcomes[-1].run - len(outcomes[-1].failed)} of {suite.total}")
    for one in outcomes:
        for name in one.unexpected:
            console.print(f"{one.suite.name}: {name}: {one.failed.get(name, '')}", markup=False, highlight=False)
    console.print(table(outcomes, ", ".join(place.name for place in fetched.sources.values())))
    return 1 if any(one.unexpected for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
