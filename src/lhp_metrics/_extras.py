"""Libraries that not everybody needs: had where they are used, or named with their extra."""

from importlib import import_module
from typing import Any

from lhp_metrics.errors import MissingExtraError

__all__ = ["optional"]


def optional(module: str, *, extra: str, user: str) -> Any:
    """Return a module of an optional library, or say which extra brings it.

    Parameters
    ----------
    module : str
        Its name to Python.
    extra : str
        The extra of this package that installs it.
    user : str
        What needs it, as the message begins.

    Raises
    ------
    MissingExtraError
        If the library cannot be imported.
    """
    try:
        return import_module(module)
    except ImportError:
        library = module.partition(".")[0]
        raise MissingExtraError(
            f'{user} needs {library}: pip install "lhp-metrics[{extra}]"'
        ) from None
