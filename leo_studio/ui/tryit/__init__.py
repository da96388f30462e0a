"""The panel "Try it": classes of a person's own, shown, drawn or taken from the store."""

from leo_studio.ui.tryit.panel import TryItPanel

__all__ = ["TryItPanel"]
