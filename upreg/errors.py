"""Every error that upreg raises."""


class UpregError(Exception):
    """Base of all upreg errors."""


class UnknownMethodError(UpregError, LookupError):
    """No method of that name; the text names the nearest ones."""


class ParameterError(UpregError, ValueError):
    """An unknown parameter, or a value that is not allowed."""


class ShapeError(UpregError, ValueError):
    """Shapes that do not fit the method or each other."""


class DTypeError(UpregError, TypeError):
    """An element type that the method does not take, or two that differ."""


class DataError(UpregError, ValueError):
    """A wrong value inside an array, such as an unpool index out of range."""


class GraphError(UpregError, ValueError):
    """A graph that is not well-formed or lacks its weights."""


class PluginError(UpregError, ImportError):
    """A plugin that cannot be loaded or registered."""


class Cancelled(UpregError):
    """The run was ended by its cancel flag or progress callback."""
