"""JPush 极光: pushes to the broker's app on the phones of the mainland."""
