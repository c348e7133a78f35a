"""What staff hear outside of the console: WeCom, its group robots, DingTalk's group robots."""
