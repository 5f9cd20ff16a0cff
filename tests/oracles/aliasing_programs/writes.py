"""Writes to whole tensors, by index, and to tensors of other types."""

import torch

from .program import integers, numbers, program


# --- whole tensors ---

@program(numbers(3, 4), numbers(4))
def copy_repeats_the_source(self, x, row):
    y = torch.empty(3, 4)
    y.copy_(row)
    y[1].copy_(x[2])
    return y


@program(numbers(3, 4), integers(3, 4))
def copy_casts(self, x, n):
    y = x.clone()
    y.copy_(n)
    m = n.clone()
    m.copy_(x)
    return y, m


@program(numbers(4, 4))
def copy_between_halves(self, x):
    y = x.clone()
    y[:2].copy_(y[2:])
    return y


@program(numbers(4, 4))
def copy_between_interleaved_columns(self, x):
    y = x.clone()
    y[:, ::2].copy_(y[:, 1::2])
    return y


@program(numbers(4, 4), refused="aten.copy_.default")
def copy_between_overlapping_columns(self, x):
    y = x.clone()
    y[:, 1:].copy_(y[:, :-1])
    return y


@program(numbers(4, 4), refused="aten.add_.Tensor")
def add_a_transpose_in_place(self, x):
    y = x.clone()
    y.add_(y.t())
    return y


@program(numbers(4, 4))
def copy_onto_itself(self, x):
    y = x.clone()
    y.copy_(y)
    y[1].copy_(y[1])
    return y


@program(numbers(3, 4))
def square_in_place(self, x):
    y = x.clone()
    y.mul_(y)
    y[0].add_(y[0])
    return y


@program(numbers(3, 4))
def out_variants(self, x):
    y = torch.zeros(3, 4)
    torch.add(x, 1, out=y)
    torch.mul(y, x, out=y)
    z = torch.zeros(6, 4)
    torch.exp(x * 0.1, out=z[3:])
    return y, z


@program(numbers(3, 4))
def sort_into_out(self, x):
    values, indices = torch.zeros(3, 4), torch.zeros(3, 4, dtype=torch.int64)
    torch.sort(x, dim=1, descending=True, out=(values, indices))
    return values, indices


@program(numbers(3, 4))
def activations_in_place(self, x):
    y = x.clone()
    torch.relu_(y[0])
    torch.nn.functional.leaky_relu(y[1], 0.25, inplace=True)
    torch.nn.functional.hardtanh(y[2], -3, 3, inplace=True)
    return y


@program(numbers(3, 4))
def silu_in_place_of_an_output(self, x):
    y = x * 2
    z = y + 1
    torch.nn.functional.silu(y, inplace=True)
    return y, z


# --- by index ---

@program(numbers(4, 5))
def put_by_a_mask(self, x):
    y = x.clone()
    y[y > 0] = -1
    return y


@program(numbers(4, 5), torch.tensor([2, 0, 2]))
def put_rows_by_index(self, x, rows):
    y = x.clone()
    y[rows[:2]] = x[:2] * 10
    return y


@program(numbers(4, 5), torch.tensor([2, 0, 2]))
def accumulate_rows_by_index(self, x, rows):
    y = x.clone()
    y.index_put_((rows,), x[:3], accumulate=True)
    y[:, 1:3].index_put_((rows, torch.tensor([0, 1, 1])), torch.ones(3), accumulate=True)
    return y


@program(numbers(4, 5), torch.tensor([2, 0]))
def index_add_copy_fill(self, x, rows):
    y = x.clone()
    y.index_add_(0, rows, x[:2], alpha=2)
    y.t().index_copy_(0, rows, x.t()[3:5])
    y[1:].index_fill_(1, rows, 8)
    return y


@program(numbers(4, 5), torch.tensor([[0, 1, 2, 0, 3], [3, 3, 0, 1, 2]]))
def scatter_into_a_slice(self, x, index):
    y = x.clone()
    y.scatter_(0, index[:1], 77.0)
    y.scatter_add_(0, index, x[:2])
    return y


@program(numbers(4, 5))
def masked_fill_of_a_view(self, x):
    y = x.clone()
    y[:, 1:].masked_fill_(x[:, 1:] < 0, 0.5)
    y.masked_fill_(y > 10, y[0, 1])
    return y


@program(numbers(4, 5))
def masked_scatter(self, x):
    y = x.clone()
    y[1:].masked_scatter_(x[1:] > 0, x * 2)
    return y


# --- types ---

@program(numbers(4, 5).half(), numbers(5, start=0.1))
def half_in_place_with_float(self, x, row):
    y = x.clone()
    y.add_(row)
    y.mul_(0.1)
    y[1].div_(row + 1)
    return y


@program(integers(4, 5), integers(5).int())
def integers_in_place(self, n, m):
    k = n.clone()
    k.add_(m)
    k.remainder_(7)
    j = m.clone()
    j.add_(n[0])
    j.cumsum_(0)
    return k, j


@program(numbers(4, 5))
def comparison_in_place(self, x):
    y = x.clone()
    y.gt_(0)
    z = x.clone()
    z.logical_not_()
    return y, z


@program(integers(8) > 0, integers(8) > -3)
def booleans_in_place(self, a, b):
    c = a.clone()
    c |= b
    d = b.clone()
    d &= ~a
    d ^= c
    return c, d


@program(numbers())
def without_axes(self, x):
    y = x.clone()
    y.add_(1)
    z = y.view(1)
    z.mul_(3)
    return y


@program(numbers(3, 1), torch.zeros(0, 4))
def empty_tensors(self, x, nothing):
    y = nothing.clone()
    y.add_(1)
    z = x.clone()
    z[3:].mul_(2)
    z[:0] = 4
    return y, z


@program(torch.complex(numbers(3, 2), numbers(3, 2, start=1.0)))
def real_and_imaginary_parts(self, c):
    d = c.clone()
    d.real.mul_(2)
    torch.view_as_real(d)[0, 1].add_(1)
    return torch.view_as_real(d)
