"""Pictures of results in notebooks: Jupyter, marimo and their kin ask an object for `_repr_html_`.

Most results stand in rooms below those that draw (figures, frames of images): the drawing is only named here, and
imported when a notebook asks for it.
"""

from importlib import import_module

_DRAWN_BY = "thyrosight.reports.notebooks"


class Shown:
    """A result that notebooks show as tables and figures instead of its bare representation."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        """The result as a piece of HTML that fits light and dark notebooks."""
        html: str = import_module(_DRAWN_BY).notebook_html(self)
        return html
