"""The file of a study: which learners are compared, on what, over how many seeds; no torch."""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

from annotated_types import Len
from pydantic import AfterValidator, ValidationError, model_validator

from engine.config.declaration import Section, setting, settings_in
from engine.config.messages import Known, sentence_of
from engine.config.names import valid_name
from engine.errors import BadInput
from engine.io.text import required_text
from engine.io.versions import require_known_version
from engine.io.yaml_text import parse_yaml, written_yaml

SCHEMA = 1


class Row(Section):
    """A row of the table: a learner, or one of its variants."""

    title: ClassVar[str] = "Row"

    name: str = setting(..., "What the table calls it.", label="Name", min_length=1)
    changes: dict[str, Any] = setting(
        {}, "Settings that differ, by dotted path.", label="Settings", alias="set"
    )


class Column(Row):
    """A column of the table: what is learned, such as a store or a number of shots."""

    title: ClassVar[str] = "Column"

    preset: str | None = setting(
        None, "What its experiments begin as; the study's by default.", label="Preset"
    )


class Published(Section):
    """Figures of a paper, to stand beside those that were measured."""

    title: ClassVar[str] = "Published figures"

    source: str = setting(..., "Where they stand.", label="Source", min_length=1)
    comparable: str = setting(
        ..., "A sentence on what can be compared with them.", label="Comparable", min_length=1
    )
    figures: dict[str, dict[str, Annotated[list[float], Len(2, 2)]]] = setting(
        ...,
        "By row and column: [accuracy, half the width of its interval], in percent.",
        label="Figures",
    )


class Study(Section):
    """Many experiments whose results make a table: rows x columns x seeds."""

    title: ClassVar[str] = "Study"

    schema_version: Literal[1] = setting(
        SCHEMA, "The version of this file's layout.", label="Layout", alias="schema"
    )
    name: Annotated[str, AfterValidator(valid_name)] = setting(
        ..., "What its folder is called.", label="Name"
    )
    about: str = setting("", "What it is to find out, in a sentence.", label="About")
    preset: str = setting(..., "What experiments begin as.", label="Preset", min_length=1)
    changes: dict[str, Any] = setting(
        {}, "Settings of all experiments, by dotted path.", label="Settings", alias="set"
    )
    rows: list[Row] = setting(..., "What is compared.", label="Rows", min_length=1)
    columns: list[Column] = setting(..., "What it is compared on.", label="Columns", min_length=1)
    seeds: int = setting(
        5, "Runs of each trained learner, from seeds 0, 1, ...", label="Seeds", ge=1, le=1000
    )
    split: Literal["val", "test"] = setting("test", "What is evaluated.", label="Split")
    episodes: int = setting(2000, "Episodes of each evaluation.", label="Episodes", ge=2)
    against: str | None = setting(
        None, "The row that the others are compared with; none by default.", label="Against"
    )
    published: Published | None = setting(None, "Figures of a paper.", label="Published figures")

    @model_validator(mode="after")
    def _names_are_known_and_different(self) -> Self:
        for what, parts in (("rows", self.rows), ("columns", self.columns)):
            names = [part.name for part in parts]
            if twice := [name for name in names if names.count(name) > 1]:
                raise ValueError(f'{what} has "{twice[0]}" twice; name each otherwise.')
        rows, columns = ([part.name for part in parts] for parts in (self.rows, self.columns))
        figures = {} if self.published is None else self.published.figures
        wanted = [("against", self.against, rows)] if self.against is not None else []
        wanted += [("published.figures", name, rows) for name in figures]
        for row, of_columns in figures.items():
            wanted += [(f"published.figures.{row}", name, columns) for name in of_columns]
        for path, name, known in wanted:
            if name not in known:
                there = ", ".join(f'"{each}"' for each in known)
                raise ValueError(f'{path} names "{name}"; there are {there}.')
        return self

    def to_yaml(self) -> str:
        """Return its text; reading it gives an equal study."""
        return written_yaml(self.model_dump(mode="json", by_alias=True, exclude_none=True))

    def with_parts(self, **parts: Any) -> "Study":
        """Return a copy with some parts changed, named as in the file.

        Raises
        ------
        BadInput
            If one is not allowed.
        """
        values = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return _validated(values | parts, "command line")


def load_study(path: Path) -> Study:
    """Read a study's file; raises `BadInput` where it is missing or not valid."""
    values = parse_yaml(required_text(path), str(path))
    if not isinstance(values, dict):
        raise BadInput(f"{path} is no study; it must hold keys such as name, rows and columns.")
    require_known_version(values, path, SCHEMA)
    return _validated(values, str(path))


def _validated(values: dict[str, Any], source: str) -> Study:
    try:
        return Study.model_validate(values)
    except ValidationError as error:
        raise BadInput(sentence_of(error, _KNOWN, source)) from None


# What has parts of its own can be a mistake as a whole too.
_WHOLE = {name: Study.model_fields[name] for name in ("rows", "columns", "published")}
_KNOWN = Known({**_WHOLE, **dict(settings_in(Study))}, {}, {})
