"""The memory as tools that a model may use, over the Model Context Protocol.

A tool is a request to the HTTP API, so that keys, limits, checks and counters are the same for both, and a tool works on
any server that speaks that API.
"""
