"""The queue panel: what trains now, what waits, and its order."""

from leo_studio.ui.queue.panel import QueuePanel

__all__ = ["QueuePanel"]
