"""What runs in the environment of the suites is not collected with our tests: it imports what only that environment has."""

collect_ignore = ["inside"]
