"""Makes the part of sdk/python that follows from docs/openapi.yaml: `python -m tools.sdk`."""
