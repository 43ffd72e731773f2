from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import duramen

ROOT = Path(__file__).parent.parent
CALL = """
import asyncio
print(asyncio.run(handler({"sessionId": "s", "userId": "ada", "prompt": "Where do I live?"})))
asyncio.run(adapter.aclose())
"""


LANGCHAIN = """
from langchain_core.language_models import FakeListChatModel
model = FakeListChatModel(responses=["Noted."])
"""
STRANDS = """
from tests.duramen_strands.parts import Speaker
model = Speaker("Noted.")
"""
MODELS = """
class model:
    encode = lambda texts: [[len(text), *[1.0] * 383] for text in texts]
class cross_encoder:
    predict = lambda pairs: [-len(text) for _, text in pairs]
"""
RETAINED = """
print(*[event.content for event in memory.events("user:ada").items])
memory.close()
"""
SERVED = """
import atexit, os, pathlib
from tests.serving import Served
server = Served(pathlib.Path("served"))
server.start()
atexit.register(server.kill)
os.environ["DURAMEN_URL"] = server.url
"""
AWS = """
from tests.server.agentcore.parts import KEY, REGION, SECRET
os.environ.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET, AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION)
os.environ.update(dict.fromkeys(
    ("AWS_ENDPOINT_URL_BEDROCK_AGENTCORE", "AWS_ENDPOINT_URL_BEDROCK_AGENTCORE_CONTROL"), server.url
))
"""
BEFORE = {15: SERVED, 16: SERVED + AWS, 2: LANGCHAIN, 3: LANGCHAIN, 4: STRANDS, 8: MODELS}
AFTER = {2: RETAINED, 3: RETAINED, 4: RETAINED, 5: CALL}
SHOWN = [
    "Ada moved to Lisbon",
    "Ghent",
    *["I live in Lisbon. Noted."] * 3,
    "You said: Where do I live?",
    "true until 2025-09-09] Ada: I live in Porto.",
    "Held back: its tags (none)",
    "Ada keeps bees on the roof.",
    "window seats",
    "My ticket 7 is still open.",
    "Where were we?",
    "Lisbon",
    "",
    "Estimate(value=1.0",
    "Ada keeps bees on the roof.",
    "Ada moved to Lisbon.",
    "The lift works again.",
]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_examples_of_the_readme_run(number: int, tmp_path: Path) -> None:
    given = f"import sys\nsys.path.append({str(ROOT)!r})\nimport duramen\n{BEFORE.get(number, '')}"
    program = f"{given}\n{EXAMPLES[number]}\n{AFTER.get(number, '')}"

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=False)

    assert run.returncode == 0, run.stderr
    assert SHOWN[number] in run.stdout


def test_the_readme_names_every_verb_and_option() -> None:
    text = (ROOT / "README.md").read_text()
    verbs = [name for name, _ in inspect.getmembers(duramen.SyncMemoryEngine, inspect.isfunction) if name[0] != "_"]
    options = list(inspect.signature(duramen.open).parameters)

    missing = [name for name in (*verbs, *options) if not re.search(rf"\b{name}\b", text)]
    assert missing == []
