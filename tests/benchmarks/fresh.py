"""What a new process does to answer its first question: `python -m tests.benchmarks.fresh DIRECTORY BANK EMBEDDER`.

Prints one JSON object: seconds from before `import duramen` to each step, and the resident memory after the last.
"""

import asyncio
import json
import sys
import time


async def measure(directory: str, bank: str, embedder: str) -> dict[str, float]:
    """Import, open and recall once. Nothing that the engine needs is imported before the clock starts."""
    begin = time.perf_counter()
    import duramen

    memory = duramen.open(directory, embedder=duramen.HashingEmbedder() if embedder == "hashing" else None)
    imported = time.perf_counter() - begin
    async with memory:
        opened = time.perf_counter() - begin
        recall = await memory.recall(bank, "What did Ines say about the garden in March?")
        recalled = time.perf_counter() - begin
        import psutil

        resident = psutil.Process().memory_info().rss
        held = (await memory.status()).index_bytes
    return {
        "imported": imported,
        "opened": opened,
        "recalled": recalled,
        "resident": resident,
        "index": held,
        "searched": recall.trace.searched,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(measure(*sys.argv[1:4]))))
