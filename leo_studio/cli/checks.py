"""`leo-studio doctor`."""

from typing import Annotated

import typer

from leo_studio.cli.console import print_json


def doctor_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Print versions, devices and folders, and whether everything needed is there."""
    from leo_studio.startup.doctor import examine

    report = examine()
    if as_json:
        print_json(report)
    else:
        for section, facts in report.items():
            if section == "problems":
                continue
            print(section)
            width = max(map(len, facts))
            for name, fact in facts.items():
                print(f"  {name:<{width}}  {fact}")
        print("problems")
        for problem in report["problems"] or ["none"]:
            print(f"  {problem}")
    if report["problems"]:
        raise typer.Exit(1)
