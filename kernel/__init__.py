"""Words that every room shares: ids, time, errors, messages, states. Pure Python, no I/O."""
