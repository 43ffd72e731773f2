"""The memory behind HTTP, with the routes that Hindsight's clients call. Needs the `server` extra."""
