"""SMS: one channel, a carrier behind it; what a carrier cannot carry it says beforehand."""
