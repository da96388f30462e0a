"""`leo-studio import`: stores of embeddings and of pictures, and runs of bundles."""

from leo_studio.cli.data import import_app
from leo_studio.cli.exporting import import_bundle_command
from leo_studio.cli.pictures import import_images_command

import_app.command("images")(import_images_command)
import_app.command("bundle")(import_bundle_command)

__all__ = ["import_app"]
