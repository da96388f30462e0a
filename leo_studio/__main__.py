"""Run with `python -m leo_studio`."""

from leo_studio.cli import main

if __name__ == "__main__":
    main()
