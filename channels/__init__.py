"""The outside world: what clients send in and how we send out."""
