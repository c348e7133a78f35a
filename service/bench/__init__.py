"""`zhida bench NAME`: measures us and our peers in one run, on the same work and cores."""
