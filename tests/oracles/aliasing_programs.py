"""Small programs with views and in-place writes: `PROGRAMS`, by name.

Each is what `forward` of a module does, with the inputs that it is called with and the buffers that it has. Programs
that PyTorch itself gives no meaning to say which call must be refused (`refused`). Some it cannot decompose
(`decomposition="none"`), and of some its decomposition computes something else (`decomposition="wrong"`).
"""

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


# --- inputs, buffers, outputs ---

@program(numbers(3, 4))
def input_written_to(self, x):
    x.mul_(2)
    return x + 1


@program(numbers(3, 4))
def part_of_an_input_written_to_and_returned(self, x):
    x[1].add_(1)
    return x, x[1]


@program(numbers(3, 4), numbers(3, 4))
def one_of_two_inputs_written_to(self, x, y):
    x.t()[0].copy_(y[:, 1])
    return x - y


@program(numbers(3, 4))
def output_that_is_an_input(self, x):
    return x, x.view(12)


@program(numbers(3, 4))
def output_twice(self, x):
    y = x.clone()
    y.add_(1)
    return y, y


@program(numbers(3, 4))
def outputs_that_alias(self, x):
    y = x.clone()
    a, b = y[1:], y.t()
    y[2, 2] = 0
    return a, b, y


@program(numbers(3, 4))
def write_after_the_output_is_made(self, x):
    y = x * 2
    out = y[0]
    y.add_(1)
    out.mul_(2)
    return out, y


@program(numbers(3), state=torch.zeros(2, 3), calls=torch.tensor(0))
def buffers_updated_and_returned(self, x):
    self.calls.add_(1)
    self.state[0].add_(x)
    self.state[1] = self.state[0] * self.calls
    return self.state, self.calls * 2


@program(numbers(3), history=torch.zeros(4, 3))
def ring_of_the_last_inputs(self, x):
    self.history.copy_(torch.cat([self.history[1:], x[None]]))
    return self.history.mean(0)


@program(numbers(3), total=torch.zeros(3), last=torch.ones(3))
def buffers_that_follow_each_other(self, x):
    old = self.last.clone()
    self.last.copy_(x)
    self.total.add_(self.last - old)
    return self.total * 1


@program(numbers(2, 3), state=torch.ones(3))
def buffer_replaced_by_out(self, x):
    torch.add(self.state, x[0], out=self.state)
    return self.state.sum()


@program(numbers(2, 4), cache=torch.zeros(2, 6, 4))
def cache_written_at_a_place(self, x):
    self.cache[:, 2] = x
    self.cache[:, 3:5, 1:3].fill_(1)
    return self.cache.sum(1)


@program(numbers(5), state=torch.zeros(5))
def loop_over_a_buffer(self, x):
    for i in range(1, 5):
        self.state[i] = self.state[i - 1] * 0.5 + x[i]
    return self.state + 0


@program(numbers(6))
def loop_over_places(self, x):
    y = x.clone()
    for i in range(5):
        y[i + 1].add_(y[i])
    return y


@program(numbers(3, 3))
def loop_of_swaps(self, x):
    y = x.clone()
    for i in range(2):
        row = y[i].clone()
        y[i] = y[i + 1]
        y[i + 1] = row
    return y


@program(numbers(4, 5), norm=NORM)
def batch_norm_in_training(self, x):
    return self.norm(x)


@program(numbers(2, 3, 4, 2), norm=NORM_2D)
def batch_norm_twice(self, x):
    return self.norm(self.norm(x) * 2)


@program(numbers(2, 3, 4), norm=INSTANCE_NORM)
def instance_norm_in_training(self, x):
    return self.norm(x)


# --- blocks ---

@program(numbers(3, 4))
def under_no_grad(self, x):
    y = x.clone()
    with torch.no_grad():
        z = y.view(12)
        z.relu_()
        y[0].add_(1)
    return y, z


@program(numbers(3, 4))
def branches_that_write_to_what_they_made(self, x):
    def doubled(a):
        b = a.clone()
        b[1].mul_(2)
        b.t()[0].fill_(5)
        return b

    def moved(a):
        b = a + 1
        b[:, :2].sub_(10)
        return b

    y = torch.cond(x.sum() > 0, doubled, moved, (x,))
    y.add_(1)
    return y


# --- shapes changed in place ---

@program(numbers(3, 4))
def shapes_changed_in_place(self, x):
    y = x.clone()
    row = y[0]
    y.t_()
    row.add_(1)
    y.unsqueeze_(0)
    y[0, 1].mul_(2)
    y.squeeze_(0)
    y.transpose_(0, 1)
    return y
