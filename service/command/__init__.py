"""The commands of `zhida`, one module each: `add_arguments` and `run`."""
