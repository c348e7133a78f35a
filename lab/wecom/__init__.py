"""A fake WeCom: 微信客服 with its sessions and cursors, application messages, group robots."""
