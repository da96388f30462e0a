"""Services between the engine and the windows."""
