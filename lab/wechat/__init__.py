"""A fake WeChat that speaks the real one's protocol over real HTTP, and keeps a ledger."""
