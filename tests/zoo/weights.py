"""Random weights under which errors show.

What constructors leave hides errors: batch normalisation with mean 0 and variance 1 is nothing, a layer scale of
1e-6 removes its whole branch, biases and position tables are 0. So every parameter is drawn anew at a scale that keeps
the activations' size over depth, and the running statistics are measured on random pictures, then moved a little.
"""

import torch
from torch import nn

CONVOLUTIONS = (nn.modules.conv._ConvNd,)
NORMS = nn.modules.batchnorm._NormBase


def fan_in(module):
    weight = module.weight
    transposed = isinstance(module, nn.modules.conv._ConvTransposeNd)
    taps = weight[0, 0].numel() if weight.dim() > 2 else 1
    return taps * (weight.shape[0] // module.groups if transposed else weight.shape[1])


def redrawn(value, random):
    """A parameter that is no matrix of a layer: biases, scales, tokens, tables."""
    noise = torch.randn(value.shape, generator=random)
    uniform = torch.rand(value.shape, generator=random)
    constant = float(value.mean())
    spread = float((value - constant).abs().max())
    if spread > 1e-3 * abs(constant):
        return value * max(1.0, 0.1 / float(value.std()))  # a table already random, if faint
    if constant == 0:
        return 0.1 * noise
    if abs(constant) < 0.1:  # a layer scale
        return 0.1 + 0.3 * uniform
    return constant * (0.5 + uniform)


def draw_parameters(network, random):
    for module in network.modules():
        for name, parameter in module.named_parameters(recurse=False):
            if name == "weight" and isinstance(module, (*CONVOLUTIONS, nn.Linear)):
                gain = 2.0 if isinstance(module, CONVOLUTIONS) else 1.0
                noise = torch.randn(parameter.shape, generator=random)
                parameter.copy_(noise * (gain / fan_in(module)) ** 0.5)
            elif parameter.is_floating_point():
                parameter.copy_(redrawn(parameter, random))


def measure_statistics(network, inputs):
    """Fills the running statistics with those of one batch, which every layer then also uses."""
    norms = [module for module in network.modules() if isinstance(module, NORMS) and module.track_running_stats]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.training, norm.momentum = True, 1.0
    if norms:
        network(*inputs)
    for norm, momentum in zip(norms, momenta):
        norm.training, norm.momentum = False, momentum
    return norms


def disturb_statistics(norm, random):
    """Few values a channel measure a variance badly: half of it is the mean over all channels."""
    mean, variance = norm.running_mean, norm.running_var
    variance.copy_((variance + variance.mean()) / 2 * (0.8 + 0.4 * torch.rand(variance.shape, generator=random)))
    mean.add_(0.1 * variance.sqrt() * torch.randn(mean.shape, generator=random))


@torch.no_grad()
def randomise(network, inputs, seed):
    """Draws all weights of a network in evaluation mode; `inputs` is a batch of at least two, to measure with."""
    random = torch.Generator().manual_seed(seed)
    draw_parameters(network, random)
    for norm in measure_statistics(network, inputs):
        disturb_statistics(norm, random)
