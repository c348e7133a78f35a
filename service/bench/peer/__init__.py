"""The peers of `zhida bench campaign`: scripts that run in an environment of their own."""
