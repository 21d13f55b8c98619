"""Tables in the terminal."""

from rich.table import Table


def new_table(*headings: str, title: str | None = None) -> Table:
    """Return an empty table without lines, its columns aligned to the right."""
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, justify="right")
    return table
