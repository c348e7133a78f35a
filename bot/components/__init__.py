"""Graph components of the assistant's pipeline."""
