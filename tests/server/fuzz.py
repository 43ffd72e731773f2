"""What nobody should send: requests drawn from the server's own OpenAPI, and bytes that are hardly HTTP.

`python -m tests.server.fuzz --examples N` sends N requests to each operation; `--raw --seconds N` sends bytes for so long.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.progress import track
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok

from duramen.server.answering import asks_as_aws
from tests.server.raw_fuzz import throw
from tests.serving import served

NAME = "user:ada"
BANK = f"/v1/default/banks/{NAME}"
SEED = 20261121
_SECONDS = 30.0
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


@dataclass
class Tally:
    """What was answered, and what should not have been."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def take(self, case: Case[Any], answer: Any) -> None:
        """Count an answer, and keep what is wrong with it."""
        self.statuses[answer.status_code] += 1
        text = answer.content.decode(errors="replace")
        wrong = None
        if answer.status_code >= 500:
            wrong = f"status {answer.status_code}"
        elif "Traceback" in text:
            wrong = "a traceback"
        elif (
            answer.status_code >= 400 and ('"message"' if asks_as_aws({"path": case.path}) else '"detail"') not in text
        ):
            wrong = f"status {answer.status_code} without what is wrong"
        if wrong is not None:
            self.faults.append(f"{case.operation.label}: {wrong}: {text[:300]}\n  {case.as_curl_command()[:2000]}")


class Known:
    """Things that are in the server, by the names of the parameters that stand for them."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.ids: dict[str, str] = {}
        self.fill()

    def fill(self) -> None:
        """Make one of each, where there is none any more."""
        item = {"content": "Ada moved to Lisbon with Grace.", "document_id": "a", "tags": ["x"]}
        self._post("/memories", {"items": [item, {"content": "Grace likes tea."}]})
        listed = self._client.get("/memories/list").json()["items"]
        entities = self._client.get("/entities").json()["items"]
        operation = self._post("/memories", {"items": [item], "async": True})["operation_id"]
        self.ids = {
            "bank_id": NAME,
            "document_id": "a",
            "memory_id": listed[0]["id"],
            "chunk_id": next(one["chunk_id"] for one in listed if one["chunk_id"]),
            "entity_id": entities[0]["id"],
            "operation_id": operation,
            "webhook_id": self._post("/webhooks", {"url": "https://hooks.invalid/"})["id"],
            "directive_id": self._post("/directives", {"name": "short", "content": "Be short."})["id"],
            "mental_model_id": self._post("/mental-models", {"name": "Ada", "source_query": "Who?"})["mental_model_id"],
        }

    def _post(self, path: str, body: object) -> Any:
        return self._client.post(path, json=body).raise_for_status().json()


def asked(url: str, examples: int, *, chance: int = SEED, shown: bool = False) -> Tally:
    """Send drawn requests to each operation of the server's OpenAPI, and return what came of them.

    Half of them name what is there; what cannot be drawn from the description (an upload) is as the library makes it.
    """
    tally = Tally()
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    schema.validate()
    found = (one for one in schema.get_all_operations() if isinstance(one, Ok))
    operations = sorted((one.ok() for one in found), key=lambda one: one.method == "delete")
    with requests.Session() as session, httpx.Client(base_url=f"{url}{BANK}", timeout=_SECONDS) as client:
        known = Known(client)
        for operation in track(operations, "asking", disable=not shown):
            if operation.method == "delete":
                known.fill()

            @settings(
                max_examples=examples,
                database=None,
                deadline=None,
                phases=(Phase.explicit, Phase.generate),
                suppress_health_check=list(HealthCheck),
            )
            @seed(chance)
            @given(
                case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in MODES)), there=st.booleans()
            )
            def ask(case: Case[Any], there: bool) -> None:
                if there and case.path_parameters:
                    case.path_parameters.update({k: v for k, v in known.ids.items() if k in case.path_parameters})
                try:
                    tally.take(case, case.call(session=session, timeout=_SECONDS))
                except requests.RequestException as error:
                    tally.faults.append(f"{case.operation.label}: {error!r}\n  {case.as_curl_command()[:2000]}")

            ask()
    return tally


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--raw", action="store_true")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    console = Console(width=200)
    with (
        tempfile.TemporaryDirectory() as directory,
        served(Path(directory) / "memory", workers=given.workers) as server,
    ):
        if given.raw:
            outcome = throw(server, given.seconds, given.seed)
            console.print(outcome)
            faults = outcome.failed
        else:
            tally = asked(server.url, given.examples, chance=given.seed, shown=True)
            console.print(dict(tally.statuses))
            faults = tally.faults
        for fault in faults:
            console.print(fault, markup=False)
        tracebacks = server.logged().count("Traceback")
        console.print("Tracebacks in the log:", tracebacks)
    sys.exit(bool(faults or tracebacks))


if __name__ == "__main__":
    main()
