"""What the assistant may do for a client."""
