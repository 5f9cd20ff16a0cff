"""How a program is written down, and what it is made of."""

import dataclasses
import typing

import torch


@dataclasses.dataclass
class Program:
    forward: typing.Callable
    inputs: tuple
    buffers: dict
    refused: str | None
    decomposition: str

    def module(self):
        """A module of its own, with its buffers as they are at first."""
        module = type("Program", (torch.nn.Module,), {"forward": self.forward})()
        for name, content in self.buffers.items():
            if isinstance(content, torch.nn.Module):
                module.add_module(name, type(content)(*content.arguments))
            else:
                module.register_buffer(name, content.clone())
        return module.train()


PROGRAMS = {}


def program(*inputs, refused=None, decomposition="right", **buffers):
    def add(forward):
        name = forward.__name__
        assert name not in PROGRAMS
        PROGRAMS[name] = Program(forward, inputs, buffers, refused, decomposition)
        return forward
    return add


def numbers(*sizes, start=-7.5):
    """Different numbers, of both signs, all exact in half precision."""
    count = torch.Size(sizes).numel()
    return (torch.arange(count, dtype=torch.float32) * 1.25 + start).reshape(sizes)


def integers(*sizes):
    return torch.arange(torch.Size(sizes).numel(), dtype=torch.int64).reshape(sizes) - 5


class Norm(torch.nn.BatchNorm1d):
    arguments = (5,)


class Norm2d(torch.nn.BatchNorm2d):
    arguments = (3,)


class InstanceNorm(torch.nn.InstanceNorm1d):
    arguments = (3, 1e-5, 0.1, True, True)


NORM, NORM_2D, INSTANCE_NORM = Norm(5), Norm2d(3), InstanceNorm(*InstanceNorm.arguments)
