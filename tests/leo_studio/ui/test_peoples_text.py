"""No file of the window shows a text in a way in which Qt looks for markup in it."""

import ast
from pathlib import Path

import leo_studio.ui

UI = Path(leo_studio.ui.__file__).parent
# Tips that are markup of ours, with what others wrote escaped in it.
OWN_MARKUP = {"experiment/row.py": "tip", "episodes/filter_bar.py": "tip"}


def _is_safe(argument: ast.expr, name: str) -> bool:
    match argument:
        case ast.Constant():
            return True
        case ast.Call(func=ast.Name(id="as_tip")):
            return True
        case ast.Name(id=variable):
            return OWN_MARKUP.get(name) == variable
    # Of number boxes: what `as_tip` returned before.
    return name == "widgets/number_boxes.py" and ast.unparse(argument) == "str(own)"


def test_every_tip_that_is_not_written_in_the_code_is_made_by_as_tip() -> None:
    seen, unsafe = 0, []
    for path in sorted(UI.rglob("*.py")):
        name = path.relative_to(UI).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="setToolTip" | "setTabToolTip"), args=args):
                    seen += 1
                    if not _is_safe(args[-1], name):
                        unsafe.append(f"{name}:{node.lineno}: {ast.unparse(node)}")
    assert seen > 50 and not unsafe
