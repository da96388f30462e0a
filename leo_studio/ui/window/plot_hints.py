"""What mouse and keys do in the panels, beside the actions, for the sheet of shortcuts."""

from leo_studio.ui.window.shortcut_sheet import ShortcutRow

PLOT_HINTS = (
    ShortcutRow("Curves", "Wheel", "Zoom x around the mouse; over an axis, that axis alone"),
    ShortcutRow("Curves", "Ctrl+Wheel", "Zoom both axes"),
    ShortcutRow("Curves", "Drag", "Zoom to a range of x"),
    ShortcutRow("Curves", "Shift+Drag", "Move what is shown; so does the middle button"),
    ShortcutRow("Curves", "Backspace", "Back to the view before"),
    ShortcutRow("Curves", "A", "Show everything, and follow; so does a double click"),
    ShortcutRow("Curves", "Right click", "What this plot can do"),
    ShortcutRow("Experiment", "Ctrl+Shift+Backspace", "Reset the setting where the keyboard is"),
    ShortcutRow("Functions", "Drag", "Move a point; everything is computed again"),
    ShortcutRow("Functions", "Double click", "Add a point; so does Ins, where the others are far"),
    ShortcutRow("Functions", "Right click", "Remove a point; so does Del the one clicked last"),
    ShortcutRow("Functions", "Left, Right", "Go along the inner loop; PgUp, PgDown to other tasks"),
    ShortcutRow("Functions", "Ctrl+Left", "Choose another point; so does Ctrl with any arrow"),
    ShortcutRow("Functions", "Up, Down", "Move the chosen point; with Shift all arrows do"),
    ShortcutRow("Latent space", "Wheel", "Zoom around the mouse; over an axis, that axis alone"),
    ShortcutRow("Latent space", "Drag", "Move what is shown"),
    ShortcutRow("Latent space", "Right drag", "Zoom each axis by itself"),
    ShortcutRow("Latent space", "Shift+Drag", "Select episodes; with Ctrl, more of them"),
    ShortcutRow("Latent space", "Click", "Look at an episode; twice, bring its page to the front"),
    ShortcutRow("Latent space", "Esc", "Select nothing"),
)
