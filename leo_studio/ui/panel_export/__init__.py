"""Export of what a panel shows: figures, scripts and numbers, through one dialog."""

from leo_studio.ui.panel_export.exports import ExportingPanel, PanelExports

__all__ = ["ExportingPanel", "PanelExports"]
