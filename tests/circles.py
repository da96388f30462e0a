"""A contract for import-linter: no circle among files, however they are nested.

Its own contract on circles compares folders, which may well import each other's files.
"""

from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output


def circle_in(graph: ImportGraph, packages: set[str]) -> list[str]:
    """Return files that import each other in a circle, the first one again at the end.

    Imports inside functions count, and those for annotations where the graph has them.

    Parameters
    ----------
    graph
        Who imports whom.
    packages
        Root packages; modules of others are left out.

    Returns
    -------
    list of str
        Empty where there is no circle; of several, one.
    """
    own = {module for module in graph.modules if module.partition(".")[0] in packages}
    imported = {module: graph.find_modules_directly_imported_by(module) & own for module in own}
    try:
        TopologicalSorter({each: sorted(imported[each]) for each in sorted(own)}).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return circle[::-1]  # the sorter names what is imported first
    return []


class NoCirclesContract(Contract):
    """Files of the root packages import each other in no circle."""

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look for a circle."""
        circle = circle_in(graph, set(self.session_options["root_packages"]))
        steps = [
            (importer, imported, graph.get_import_details(importer=importer, imported=imported))
            for importer, imported in pairwise(circle)
        ]
        return ContractCheck(kept=not circle, metadata={"steps": steps})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name the files, and the lines that tie them."""
        output.print_error("These files import each other in a circle:", bold=True)
        output.new_line()
        for importer, imported, details in check.metadata["steps"]:
            lines = ", ".join(str(each["line_number"]) for each in details)
            output.print_error(f"{importer} -> {imported} (line {lines})", bold=False)
