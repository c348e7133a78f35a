"""Fake providers with a ledger, shipped with the product."""
