"""Small programs with views and in-place writes: `PROGRAMS`, by name.

Each is what `forward` of a module does, with the inputs that it is called with and the buffers that it has. Programs
that PyTorch itself gives no meaning to say which call must be refused (`refused`). Some it cannot decompose
(`decomposition="none"`), and of some its decomposition computes something else (`decomposition="wrong"`).
"""

from . import state, views, writes  # noqa: F401  which fill PROGRAMS
from .program import PROGRAMS  # noqa: F401
