"""Draws docs/images/architecture.svg: the rooms of the code, and which imports which.

Run it with `make architecture` after rooms were added, moved or connected anew. Arrows are measured
from the imports; those that follow from others (a room imports what it reaches by way of another
anyway) are left out, or nothing could be seen.
"""

from collections.abc import Mapping
from pathlib import Path

import grimp
import matplotlib
import networkx as nx
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

PICTURE = Path(__file__).parent / "images" / "architecture.svg"
_ROOTS = ("engine", "leo_studio")
# The panels have a folder each, and all of them stand at the same place in the house.
_PANELS = "leo_studio.ui panels"
_SHARED_UI = ("leo_studio.ui.window", "leo_studio.ui.widgets")
_COLORS = {"engine": "#dbeafe", "leo_studio": "#fef3c7"}
_WIDTH, _HEIGHT, _ROW = 2.6, 0.5, 1.0


def room_of(module: str) -> str | None:
    """Return the room that a module is in, such as "engine.runs"; None for what is in none."""
    parts = module.split(".")
    if len(parts) < 2 or parts[1] == "__main__":
        return None
    if parts[:2] != ["leo_studio", "ui"]:
        return ".".join(parts[:2])
    room = ".".join(parts[:3])
    if len(parts) < 3:
        return None
    return room if room in _SHARED_UI else _PANELS


def rooms() -> "nx.DiGraph[str]":
    """Return the rooms and who imports whom, type-checking imports included."""
    imports = grimp.build_graph(*_ROOTS, exclude_type_checking_imports=False, cache_dir=None)
    graph: nx.DiGraph[str] = nx.DiGraph()
    for module in sorted(imports.modules):
        importer = room_of(module)
        if importer is None:
            continue
        graph.add_node(importer)
        for imported in sorted(imports.find_modules_directly_imported_by(module)):
            room = room_of(imported)
            if room is not None and room != importer:
                graph.add_edge(importer, room)
    return graph


def draw(path: Path = PICTURE) -> None:
    """Draw the rooms into an SVG file, the same bytes for the same imports."""
    graph = nx.transitive_reduction(rooms())
    places = _places(graph)
    figure = Figure(figsize=(8.5, 11))
    FigureCanvasSVG(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    for importer, imported in sorted(graph.edges):
        (x, y), (to_x, to_y) = places[importer], places[imported]
        axes.add_patch(
            FancyArrowPatch(
                (x, y - _HEIGHT / 2),
                (to_x, to_y + _HEIGHT / 2),
                arrowstyle="-|>",
                mutation_scale=9,
                # An arrow past other rooms goes around them.
                connectionstyle=f"arc3,rad={0.0 if y - to_y < 1.5 * _ROW else 0.25}",
                color="#64748b",
                linewidth=0.8,
                zorder=1,
            )
        )
    for room, (x, y) in places.items():
        box = FancyBboxPatch(
            (x - _WIDTH / 2, y - _HEIGHT / 2),
            _WIDTH,
            _HEIGHT,
            boxstyle="round,pad=0.02,rounding_size=0.1",
            facecolor=_COLORS[room.partition(".")[0]],
            edgecolor="#334155",
            zorder=2,
        )
        axes.add_patch(box)
        axes.text(x, y, room, ha="center", va="center", fontsize=9, zorder=3)
    axes.autoscale_view()
    axes.set_aspect("equal")
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "leo-studio"}):
        figure.savefig(path, metadata={"Date": None}, bbox_inches="tight", pad_inches=0.1)


def _places(graph: "nx.DiGraph[str]") -> Mapping[str, tuple[float, float]]:
    """Put each room above all that it imports, near the middle of what it is connected with."""
    levels: dict[str, int] = {}
    for room in reversed(list(nx.lexicographical_topological_sort(graph))):
        levels[room] = 1 + max((levels[below] for below in graph.successors(room)), default=-1)
    rows: dict[int, list[str]] = {}
    for room in sorted(levels):
        rows.setdefault(levels[room], []).append(room)
    across: dict[str, float] = {}
    for level in sorted(rows):
        wanted = {
            room: (
                sum(across[below] for below in sorted(graph.successors(room)))
                / max(graph.out_degree(room), 1)
            )
            for room in rows[level]
        }
        ordered = sorted(rows[level], key=lambda room: (wanted[room], room))
        middle = (len(ordered) - 1) / 2
        across |= {room: place - middle for place, room in enumerate(ordered)}
    return {room: (across[room] * (_WIDTH + 0.9), levels[room] * _ROW) for room in levels}


if __name__ == "__main__":
    draw()
