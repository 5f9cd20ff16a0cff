"""Writes through views: rows, columns, windows, diagonals, and views of views."""

import torch

from .program import numbers, program


# --- one view ---

@program(numbers(4, 5))
def write_to_a_row(self, x):
    y = x.clone()
    y[1].add_(3)
    return y


@program(numbers(4, 5))
def assign_a_column(self, x):
    y = x.clone()
    y[:, -1] = 2.5
    return y


@program(numbers(4, 5))
def multiply_a_slice(self, x):
    y = x.clone()
    y[1:3] *= x[0]
    return y


@program(numbers(6, 5))
def write_to_every_other_row(self, x):
    y = x.clone()
    y[::2].neg_()
    return y


@program(numbers(6, 5))
def slice_from_the_back(self, x):
    y = x.clone()
    y[-3:-1, 1:].mul_(2)
    return y


@program(numbers(4, 5))
def write_through_a_transpose(self, x):
    y = x.clone()
    y.t()[2].add_(3)
    return y


@program(numbers(2, 3, 4))
def write_through_a_permute(self, x):
    y = x.clone()
    y.permute(2, 0, 1)[1:3, 0].sub_(1.5)
    return y


@program(numbers(2, 3, 4))
def write_through_movedim(self, x):
    y = x.clone()
    y.movedim(0, -1)[0, :, 1].zero_()
    return y


@program(numbers(2, 3, 4))
def write_through_swapaxes(self, x):
    y = x.clone()
    y.swapaxes(0, 2)[3].fill_(9)
    return y


@program(numbers(4, 4))
def write_to_the_diagonal(self, x):
    y = x.clone()
    y.diagonal().add_(100)
    return y


@program(numbers(4, 5))
def write_to_a_side_diagonal(self, x):
    y = x.clone()
    torch.diagonal(y, -1).copy_(x[0, :3])
    return y


@program(numbers(2, 4, 3))
def diagonal_of_two_inner_axes(self, x):
    y = x.clone()
    y.diagonal(1, 2, 1).mul_(-1)
    return y


@program(numbers(4, 6))
def write_through_a_view(self, x):
    y = x.clone()
    y.view(2, 2, 6)[1, 0].exp_()
    return y


@program(numbers(4, 6))
def write_through_flatten(self, x):
    y = x.clone()
    y.flatten()[5:9] = x[0, :4]
    return y


@program(numbers(4, 6))
def write_through_unflatten(self, x):
    y = x.clone()
    y.unflatten(1, (2, 3))[:, 1].abs_()
    return y


@program(numbers(4, 6))
def write_through_unsqueeze(self, x):
    y = x.clone()
    y.unsqueeze(1)[2].add_(1)
    return y


@program(numbers(4, 1, 6))
def write_through_squeeze(self, x):
    y = x.clone()
    y.squeeze(1)[:, 2].add_(1)
    return y


@program(numbers(1, 4, 1, 6))
def write_through_squeeze_of_all(self, x):
    y = x.clone()
    y.squeeze()[1:3].add_(1)
    return y


@program(numbers(3, 4))
def write_through_an_expand_that_repeats_nothing(self, x):
    y = x.clone()
    y.expand(1, 3, 4)[0, 1].add_(1)
    return y


@program(numbers(1, 4), refused="aten.add_.Tensor")
def write_through_an_expand_that_repeats(self, x):
    y = x.clone()
    y.expand(3, 4).add_(1)
    return y


# --- views of views ---

@program(numbers(4, 5, 6))
def select_of_a_slice_of_a_permute(self, x):
    y = x.clone()
    y.permute(1, 2, 0)[1:4][:, 2].add_(10)
    return y


@program(numbers(4, 6))
def five_views_deep(self, x):
    y = x.clone()
    y.t()[1:5].view(2, 2, 4)[0].t()[3].mul_(3)
    return y


@program(numbers(6, 6))
def overlapping_slices(self, x):
    y = x.clone()
    a, b = y[:4], y[2:]
    a.add_(1)
    b.mul_(2)
    a.sub_(y[0].clone())
    return y, a, b


@program(numbers(4, 4))
def writes_through_two_paths(self, x):
    y = x.clone()
    rows, columns = y[1:], y.t()
    rows[0] = 1
    columns[2] = 2
    rows.mul_(columns[0, 0] + 3)
    return rows, columns


@program(numbers(4, 5))
def view_read_before_and_after(self, x):
    y = x.clone()
    row = y[2]
    before = row * 2
    y.add_(1)
    return before, row * 2


@program(numbers(4, 4))
def write_to_a_view_of_a_stale_view(self, x):
    y = x.clone()
    top = y[:2]
    y.mul_(2)
    top[1].add_(5)
    return y, top


@program(numbers(3, 4))
def detach_is_a_view(self, x):
    y = x.clone()
    y.detach()[1].zero_()
    return y


# --- parts ---

@program(numbers(5, 4))
def chunks(self, x):
    y = x.clone()
    a, b = y.chunk(2)
    b.add_(1)
    a[0].mul_(2)
    return a, b, y


@program(numbers(4, 7))
def split_by_size_and_write_to_each(self, x):
    y = x.clone()
    for number, part in enumerate(y.split(3, dim=1)):
        part.mul_(number + 2)
    return y


@program(numbers(4, 7))
def split_with_sizes(self, x):
    y = x.clone()
    a, b, c = torch.split(y, [2, 4, 1], dim=-1)
    b.copy_(a.repeat(1, 2))
    c.add_(b[:, :1])
    return y


@program(numbers(3, 4))
def unbind(self, x):
    y = x.clone()
    a, b, c = y.unbind(0)
    c.copy_(a + b)
    b.zero_()
    return y, c


@program(numbers(7, 3))
def tensor_split(self, x):
    y = x.clone()
    a, b, c = torch.tensor_split(y, 3)
    b.sub_(c)
    d, e, f = torch.tensor_split(y, (1, 5))
    f.mul_(3)
    return y, d + 1, e


@program(numbers(4, 6))
def narrow(self, x):
    y = x.clone()
    y.narrow(1, 2, 3).clamp_(min=0)
    return y


@program(numbers(4, 6))
def horizontal_and_vertical_split(self, x):
    y = x.clone()
    a, b = torch.hsplit(y, 2)
    c, d = torch.vsplit(y, [1])
    a.add_(b)
    d[:, 0] = c[0, 5]
    return y


# --- by places ---

@program(numbers(10), decomposition="wrong")
def windows_that_do_not_overlap(self, x):
    y = x.clone()
    y.unfold(0, 3, 3).mul_(2)
    return y


@program(numbers(3, 8), decomposition="wrong")
def windows_with_gaps(self, x):
    y = x.clone()
    y.unfold(1, 2, 3)[:, 1].add_(1)
    return y


@program(numbers(10), refused="aten.mul_.Tensor", decomposition="none")
def windows_that_overlap(self, x):
    y = x.clone()
    y.unfold(0, 3, 2).mul_(2)
    return y


@program(numbers(4, 5))
def read_of_overlapping_windows(self, x):
    y = x.clone()
    windows = y.unfold(1, 3, 1)
    y[:, 2].add_(1)
    return windows * 1


@program(numbers(4, 5))
def as_strided_diagonal(self, x):
    y = x.clone()
    y.as_strided((4,), (6,)).neg_()
    return y


@program(numbers(4, 6), decomposition="none")
def as_strided_of_a_view_is_of_its_storage(self, x):
    y = x.clone()
    y.t()[2:].as_strided((2, 3), (12, 2), 1).add_(50)
    return y


@program(numbers(6, 4))
def as_strided_block(self, x):
    y = x.clone()
    z = y.as_strided((2, 4), (4, 1), 8)
    y.add_(1)
    z.mul_(2)
    return y, z


@program(numbers(4, 4))
def fill_diagonal(self, x):
    y = x.clone()
    y.fill_diagonal_(7)
    return y


@program(numbers(9, 3))
def fill_diagonal_that_wraps(self, x):
    y = x.clone()
    y.fill_diagonal_(7, wrap=True)
    return y


# --- view or copy ---

@program(numbers(4, 6))
def reshape_that_is_a_view(self, x):
    y = x.clone()
    y.reshape(8, 3)[1].add_(1)
    return y


@program(numbers(4, 6))
def reshape_that_copies(self, x):
    y = x.clone()
    z = y.t().reshape(24)
    z.add_(1)
    return y, z


@program(numbers(4, 6, 2))
def reshape_of_a_slice_that_is_a_view(self, x):
    y = x.clone()
    z = y[:, 1:4].reshape(4, 6)
    z.add_(1)
    return y, z


@program(numbers(4, 6, 2))
def reshape_of_a_slice_that_copies(self, x):
    y = x.clone()
    z = y[:, 1:4].reshape(12, 2)
    z.add_(1)
    w = y[:, 1:4].reshape(24)
    w.mul_(2)
    return y, z, w


@program(numbers(4, 6))
def contiguous_of_what_is(self, x):
    y = x.clone()
    y.contiguous()[1].zero_()
    return y


@program(numbers(4, 6))
def contiguous_of_a_transpose(self, x):
    y = x.clone()
    z = y.t().contiguous()
    z[1].zero_()
    return y, z


@program(numbers(1, 3, 4, 5))
def contiguous_in_another_format(self, x):
    y = x.clone()
    z = y.contiguous(memory_format=torch.channels_last)
    z.add_(1)
    w = z.contiguous(memory_format=torch.channels_last)
    w.mul_(2)
    return y, z


@program(numbers(4, 6))
def to_the_same_type_and_another(self, x):
    y = x.clone()
    y.to(torch.float32)[0].add_(1)
    z = y.to(torch.float64)
    z[1].add_(1)
    w = y.to(torch.float32, copy=True)
    w[2].add_(1)
    return y, z, w


@program(numbers(4, 6))
def type_as(self, x):
    y = x.clone()
    y.type_as(x)[1].add_(1)
    return y


@program(numbers(3, 4))
def ravel_and_expand_as(self, x):
    y = x.clone()
    y.ravel()[3:5] = 0
    z = y[0].expand_as(x)
    y[0, 0] = 42
    return y, z


@program(numbers(3, 4), decomposition="wrong")
def dropout_that_drops_nothing(self, x):
    y = x.clone()
    z = torch.nn.functional.dropout(y, 0.5, training=False)
    z[1] = 0
    return y


@program(numbers(3, 4))
def clone_is_never_a_view(self, x):
    y = x.clone()
    z = y[1].clone()
    z.add_(1)
    y[1].mul_(2)
    return y, z
