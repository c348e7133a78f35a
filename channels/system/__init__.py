"""The broker's other systems: what they are told by webhook."""
