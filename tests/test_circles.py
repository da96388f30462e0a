from itertools import pairwise

import grimp
import pytest

from tests.circles import circle_in

PACKAGES = {"house", "garden"}


@pytest.fixture
def graph() -> grimp.ImportGraph:
    """Two rooms of a house, deep inside, of which one stands on the other."""
    graph = grimp.ImportGraph()
    graph.add_import(importer="house.up.window.panel", imported="house.up.window.commands")
    graph.add_import(importer="house.up.window.commands", imported="house.down.engine")
    graph.add_import(importer="house.down.engine", imported="torch")
    return graph


def test_files_that_stand_on_each_other_in_turn_are_no_circle(graph: grimp.ImportGraph) -> None:
    graph.add_import(importer="garden.tree", imported="house.up.window.panel")
    assert circle_in(graph, PACKAGES) == []


def test_a_circle_is_named_in_the_order_of_its_imports(graph: grimp.ImportGraph) -> None:
    graph.add_import(importer="house.down.engine", imported="garden.tree")
    graph.add_import(importer="garden.tree", imported="house.up.window.panel")
    circle = circle_in(graph, PACKAGES)
    assert len(circle) == 5 and circle[0] == circle[-1]
    assert all(
        graph.direct_import_exists(importer=importer, imported=imported)
        for importer, imported in pairwise(circle)
    )


def test_a_circle_of_neighbours_in_one_folder_is_found(graph: grimp.ImportGraph) -> None:
    graph.add_import(importer="house.up.window.commands", imported="house.up.window.panel")
    assert set(circle_in(graph, PACKAGES)) == {
        "house.up.window.commands",
        "house.up.window.panel",
    }


def test_folders_may_import_files_of_each_other(graph: grimp.ImportGraph) -> None:
    graph.add_import(importer="house.down.cellar", imported="house.up.window.panel")
    assert circle_in(graph, PACKAGES) == []


def test_other_packages_may_do_as_they_like(graph: grimp.ImportGraph) -> None:
    graph.add_import(importer="torch", imported="numpy")
    graph.add_import(importer="numpy", imported="torch")
    assert circle_in(graph, PACKAGES) == []
