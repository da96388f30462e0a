"""One inspection in views that move together.

The window takes the selection from here when it starts, and should not wait for the views: each is
imported from its own file.
"""
