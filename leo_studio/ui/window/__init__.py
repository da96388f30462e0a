"""The main window and its parts: menus, docks, command palette, toasts, dialogs."""
