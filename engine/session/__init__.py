"""The engine's thread, its queue of runs, and the channel of its events."""
