"""Exports PyTorch models to ONNX by the program `slipway`, and proves that nothing changed on the way."""

from .command import CommandError
from .export import export
from .prove import Mismatch

__all__ = ["CommandError", "Mismatch", "export"]
