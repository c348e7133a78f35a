"""A fake DingTalk: group robots with signed addresses."""
