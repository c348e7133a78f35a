"""The demo broker core: generated accounts behind the published contract, nobody real."""
