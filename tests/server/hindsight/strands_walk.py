"""The tools of hindsight-strands in a real agent, against a server: `strands_walk.py BASE_URL`."""

from __future__ import annotations

import json
import sys

import hindsight_strands
from strands import Agent

from tests.duramen_strands.parts import Speaker, Use

QUESTION = "Where does Ada live?"


def main(base_url: str) -> None:
    tools = hindsight_strands.create_hindsight_tools(bank_id="ada", hindsight_api_url=base_url, api_key="none")
    model = Speaker(
        Use("hindsight_retain", {"content": "Ada lives in Lisbon."}),
        Use("hindsight_recall", {"query": QUESTION}, id="call-2"),
        Use("hindsight_reflect", {"query": QUESTION}, id="call-3"),
        "In Lisbon.",
    )
    with tools:
        Agent(model=model, tools=list(tools), callback_handler=None)(QUESTION)
    instructions = hindsight_strands.memory_instructions(bank_id="ada", hindsight_api_url=base_url, query=QUESTION)
    sys.stdout.write(json.dumps([*(model.texts(call) for call in (1, 2, 3)), instructions]))


if __name__ == "__main__":
    main(sys.argv[1])
