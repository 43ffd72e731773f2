from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # Older releases of it use what langchain-core deprecates, and warnings are errors here.
    warnings.simplefilter("ignore")
    import langgraph.graph  # noqa: F401  imported so that no test has to
