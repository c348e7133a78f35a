"""WeChat Official Accounts: safe mode only, our own transport, every window kept as a ledger."""
