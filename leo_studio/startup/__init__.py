"""The start: checks before Qt, the application object, logs of crashes and errors."""
