"""Sessions: the short-term memory, events by actor and session."""
