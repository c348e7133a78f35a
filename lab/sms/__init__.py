"""Phones that send and get SMS, whichever fake provider stands between them and the product."""
