"""The composition root: settings, supervision and the `zhida` command."""
