"""The demo: a recorded conversation lived through again, one process per session, and questions about it."""
