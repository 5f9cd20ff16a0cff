"""Inputs and buffers that are written to, outputs that alias, blocks."""

import torch

from .program import INSTANCE_NORM, NORM, NORM_2D, numbers, program


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
