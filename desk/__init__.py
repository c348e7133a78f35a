"""The human side: tickets, tasks, approvals, queues and clocks."""
