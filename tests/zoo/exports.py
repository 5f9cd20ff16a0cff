"""The forms in which a network is exported, and what PyTorch computes for each.

| form | program |
|---|---|
| training | torch.export's default dialect, one picture at a time |
| decomposed | the same after run_decompositions(): core ATen |
| batch | the default dialect with any batch |
| size | the default dialect with any height and width that the network halves evenly |
"""

import copy

import numpy
import torch
from torch.export import Dim
from torch.utils import _pytree

from cases import Case, save_cases
from networks import Network

FORMS = ["training", "decomposed", "batch", "size"]
BATCHES = (1, 3, 4)
SIZES = 3  # other heights and widths
PICTURES = 3  # that a program of fixed sizes is run on: rounding errors of one say little where a network enlarges them


def in_double(value):
    return value.double() if isinstance(value, torch.Tensor) and value.is_floating_point() else value


def flat(value):
    return [leaf.detach().numpy() for leaf in _pytree.tree_leaves(value)]


def moves(one, other):
    """Whether two outputs differ by more than rounding could ever make them."""
    return one.shape != other.shape or bool(numpy.abs(one - other).max() > 0.02 * numpy.abs(one).max())


class Exporter:
    """Exports one network."""

    def __init__(self, network: Network):
        self._network = network
        self._module = network.build()
        self._double = copy.deepcopy(self._module).double()
        self._training = None
        self._pictures = {}
        self._refuse_blind()

    def _refuse_blind(self):
        """A network whose outputs barely move with its input would hide errors: draw its weights otherwise."""
        first, second = (self._outputs(self._network.arguments(case=case)) for case in (0, 1000))
        if not any(moves(one, other) for one, other in zip(first, second)):
            raise ValueError(f"{self._network.name}: the output hardly depends on the input")

    def parameters(self):
        return sum(parameter.numel() for parameter in self._module.parameters())

    def forms(self):
        network = self._network
        wanted = {"training": True, "decomposed": True, "batch": network.batched, "size": bool(network.sizes)}
        return [form for form in FORMS if wanted[form]]

    def program(self, form):
        if form == "batch":
            return self._export(self._network.arguments(batch=2), {0: Dim("batch", min=1, max=1024)})
        if form == "size":
            step = self._network.multiple
            height, width = (step * Dim(name, min=max(16 // step, 2), max=2048 // step) for name in ("height", "width"))
            return self._export(self._network.arguments(size=self._network.sizes[0]), {2: height, 3: width})
        if self._training is None:
            self._training = self._export(self._network.arguments(), None)
        return self._training if form == "training" else self._training.run_decompositions()

    def _export(self, arguments, dynamic):
        shapes = None if dynamic is None else (dynamic,)
        return torch.export.export(self._module, arguments, dynamic_shapes=shapes)

    def cases(self, form, program):
        if form == "batch":
            return [self._batch(batch) for batch in BATCHES]
        if form == "size":
            return [self._case(arguments) for arguments in self._of_other_sizes(program)]
        return [self._picture(place) for place in range(PICTURES)]

    @torch.no_grad()
    def _of_other_sizes(self, program):
        """Three pictures of sizes that PyTorch's own program takes: some branch at their usual size, and it is a guard
        of the program that sizes are not that."""
        module, taken = program.module(), []
        for case, size in enumerate(self._network.sizes):
            arguments = self._network.arguments(1, case, size=size)
            try:
                module(*arguments)
            except AssertionError:
                continue
            taken.append(arguments)
        if len(taken) < SIZES:
            raise ValueError(f"the program takes {len(taken)} of {len(self._network.sizes)} sizes, {SIZES} are needed")
        return taken[:SIZES]

    def _picture(self, place):
        """The case of one picture, computed once for all forms."""
        if place not in self._pictures:
            self._pictures[place] = self._case(self._network.arguments(case=place))
        return self._pictures[place]

    def _batch(self, size):
        """Several pictures as a batch. Pictures of a batch know nothing of each other, so double precision, which is
        slow, is that of each by itself."""
        pictures = [self._picture(place) for place in range(size)]
        inputs = [numpy.concatenate(values) for values in zip(*(picture.inputs for picture in pictures))]
        double = [numpy.concatenate(values) for values in zip(*(picture.double for picture in pictures))]
        return Case(inputs, self._outputs(tuple(map(torch.from_numpy, inputs))), double)

    @torch.no_grad()
    def _outputs(self, arguments):
        return flat(self._module(*arguments))

    @torch.no_grad()
    def _case(self, arguments):
        double = self._double(*_pytree.tree_map(in_double, arguments))
        return Case(flat(arguments), self._outputs(arguments), flat(double))

    def save(self, form, folder):
        """Writes FORM.pt2 and, last, FORM.npz into a folder."""
        program = self.program(form)
        torch.export.save(program, folder / f"{form}.pt2")
        save_cases(self.cases(form, program), folder / f"{form}.npz")
