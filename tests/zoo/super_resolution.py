"""Six networks that enlarge pictures, written from their papers in plain PyTorch.

All of them are fully convolutional (SwinIR pads to whole windows), so all take any height and width.
"""

import torch
from torch import nn
from torch.nn import functional


class SRCNN(nn.Module):
    """Dong et al. 2014, 9-5-5: works on the picture enlarged by bicubic interpolation."""

    def __init__(self, factor=3, channels=1):
        super().__init__()
        self.factor = factor
        self.extract = nn.Conv2d(channels, 64, 9, padding=4)
        self.map = nn.Conv2d(64, 32, 5, padding=2)
        self.reconstruct = nn.Conv2d(32, channels, 5, padding=2)

    def forward(self, x):
        x = functional.interpolate(x, scale_factor=self.factor, mode="bicubic", align_corners=False)
        return self.reconstruct(torch.relu(self.map(torch.relu(self.extract(x)))))


class FSRCNN(nn.Module):
    """Dong et al. 2016, d=56, s=12, m=4: thin layers, then a transposed convolution."""

    def __init__(self, factor=2, wide=56, thin=12, depth=4):
        super().__init__()
        layers = [nn.Conv2d(1, wide, 5, padding=2), nn.PReLU(wide), nn.Conv2d(wide, thin, 1), nn.PReLU(thin)]
        for _ in range(depth):
            layers += [nn.Conv2d(thin, thin, 3, padding=1), nn.PReLU(thin)]
        self.body = nn.Sequential(*layers, nn.Conv2d(thin, wide, 1), nn.PReLU(wide))
        self.enlarge = nn.ConvTranspose2d(wide, 1, 9, stride=factor, padding=4, output_padding=factor - 1)

    def forward(self, x):
        return self.enlarge(self.body(x))


class ESPCN(nn.Module):
    """Shi et al. 2016: convolutions at low resolution, then sub-pixel convolution."""

    def __init__(self, factor=3):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 64, 5, padding=2), nn.Tanh(), nn.Conv2d(64, 32, 3, padding=1), nn.Tanh())
        self.enlarge = nn.Sequential(nn.Conv2d(32, factor**2, 3, padding=1), nn.PixelShuffle(factor))

    def forward(self, x):
        return self.enlarge(self.body(x))


class ResidualBlock(nn.Module):
    """EDSR's: no batch normalisation, the branch scaled down."""

    def __init__(self, width, scale):
        super().__init__()
        self.first, self.second = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        self.scale = scale

    def forward(self, x):
        return x + self.scale * self.second(torch.relu(self.first(x)))


class EDSR(nn.Module):
    """Lim et al. 2017, the baseline: 16 blocks of 64 channels."""

    def __init__(self, factor=4, width=64, depth=16, scale=0.1):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.4488, 0.4371, 0.4040]).reshape(1, 3, 1, 1))
        self.head = nn.Conv2d(3, width, 3, padding=1)
        self.body = nn.Sequential(*(ResidualBlock(width, scale) for _ in range(depth)),
                                  nn.Conv2d(width, width, 3, padding=1))
        steps = []
        for _ in range(factor.bit_length() - 1):
            steps += [nn.Conv2d(width, 4 * width, 3, padding=1), nn.PixelShuffle(2)]
        self.tail = nn.Sequential(*steps, nn.Conv2d(width, 3, 3, padding=1))

    def forward(self, x):
        x = self.head(x - self.mean)
        return self.tail(x + self.body(x)) + self.mean


class DenseBlock(nn.Module):
    """Every convolution sees the outputs of all before it."""

    def __init__(self, width, growth):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv2d(width + k * growth, growth if k < 4 else width, 3, padding=1) for k in range(5))

    def forward(self, x):
        seen = [x]
        for layer in self.layers[:-1]:
            seen.append(functional.leaky_relu(layer(torch.cat(seen, 1)), 0.2))
        return x + 0.2 * self.layers[-1](torch.cat(seen, 1))


class ResidualInResidual(nn.Module):
    def __init__(self, width, growth):
        super().__init__()
        self.blocks = nn.Sequential(*(DenseBlock(width, growth) for _ in range(3)))

    def forward(self, x):
        return x + 0.2 * self.blocks(x)


class RRDB(nn.Module):
    """Wang et al. 2018 (ESRGAN's generator), with 6 of its 23 blocks: enlarges by nearest neighbours and convolves."""

    def __init__(self, width=64, growth=32, depth=6):
        super().__init__()
        self.head = nn.Conv2d(3, width, 3, padding=1)
        self.body = nn.Sequential(*(ResidualInResidual(width, growth) for _ in range(depth)),
                                  nn.Conv2d(width, width, 3, padding=1))
        self.enlarge = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        self.tail = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(0.2),
                                  nn.Conv2d(width, 3, 3, padding=1))

    def forward(self, x):
        x = self.head(x)
        x = x + self.body(x)
        for layer in self.enlarge:
            x = functional.leaky_relu(layer(functional.interpolate(x, scale_factor=2, mode="nearest")), 0.2)
        return self.tail(x)


class WindowAttention(nn.Module):
    """Self-attention inside windows, with a learned bias for each relative position."""

    def __init__(self, width, heads, window):
        super().__init__()
        self.heads, self.window = heads, window
        self.qkv, self.project = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        place = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")).flatten(1)
        apart = place[:, :, None] - place[:, None, :] + window - 1
        self.register_buffer("index", apart[0] * (2 * window - 1) + apart[1])

    def forward(self, x, mask):
        """x is [windows, places, width]; mask is [windows of a picture, places, places] or None."""
        count, places, width = x.shape
        q, k, v = self.qkv(x).reshape(count, places, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        scores = q * (width // self.heads) ** -0.5 @ k.transpose(-2, -1) + self.table[self.index].permute(2, 0, 1)
        if mask is not None:
            scores = scores.reshape(-1, mask.shape[0], self.heads, places, places) + mask[None, :, None]
            scores = scores.reshape(count, self.heads, places, places)
        return self.project((scores.softmax(-1) @ v).transpose(1, 2).reshape(count, places, width))


def windows_of(x, window):
    """[pictures, height, width, channels] to [windows, window², channels]."""
    count, height, width, channels = x.shape
    x = x.reshape(count, height // window, window, width // window, window, channels)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, window * window, channels)


def picture_of(windows, window, height, width):
    x = windows.reshape(-1, height // window, width // window, window, window, windows.shape[-1])
    return x.permute(0, 1, 3, 2, 4, 5).reshape(x.shape[0], height, width, windows.shape[-1])


def shift_mask(height, width, window, shift):
    """Minus 100 between places that only the cyclic shift has brought into one window."""
    regions = torch.zeros(1, height, width, 1)
    parts = (slice(0, -window), slice(-window, -shift), slice(-shift, None))
    for row, rows in enumerate(parts):
        for column, columns in enumerate(parts):
            regions[:, rows, columns] = 3 * row + column
    flat = windows_of(regions, window)[..., 0]
    return torch.where(flat[:, None, :] != flat[:, :, None], -100.0, 0.0)


class SwinLayer(nn.Module):
    def __init__(self, width, heads, window, shift):
        super().__init__()
        self.window, self.shift = window, shift
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = WindowAttention(width, heads, window)
        self.feed_forward = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x):
        _, height, width, _ = x.shape
        y, mask = self.norm1(x), None
        if self.shift:
            y = torch.roll(y, (-self.shift, -self.shift), (1, 2))
            mask = shift_mask(height, width, self.window, self.shift).to(x)
        y = picture_of(self.attention(windows_of(y, self.window), mask), self.window, height, width)
        if self.shift:
            y = torch.roll(y, (self.shift, self.shift), (1, 2))
        x = x + y
        return x + self.feed_forward(self.norm2(x))


class SwinGroup(nn.Module):
    """Layers in turns without and with shift, then a convolution, all beside the identity."""

    def __init__(self, width, heads, window, depth):
        super().__init__()
        self.layers = nn.Sequential(*(SwinLayer(width, heads, window, k % 2 * window // 2) for k in range(depth)))
        self.convolution = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return x + self.convolution(self.layers(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2))


class SwinIR(nn.Module):
    """Liang et al. 2021, the lightweight form with two groups of four layers."""

    def __init__(self, factor=2, width=60, heads=6, window=8, groups=2, depth=4):
        super().__init__()
        self.window, self.factor = window, factor
        self.head = nn.Conv2d(3, width, 3, padding=1)
        self.groups = nn.Sequential(*(SwinGroup(width, heads, window, depth) for _ in range(groups)))
        self.norm = nn.LayerNorm(width)
        self.body = nn.Conv2d(width, width, 3, padding=1)
        self.tail = nn.Sequential(nn.Conv2d(width, 3 * factor**2, 3, padding=1), nn.PixelShuffle(factor))

    def forward(self, x):
        _, _, height, width = x.shape
        right, below = ((self.window - size % self.window) % self.window for size in (width, height))
        x = functional.pad(x, (0, right, 0, below), mode="reflect")
        x = self.head(x)
        y = self.norm(self.groups(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        x = self.tail(x + self.body(y))
        return x[:, :, :height * self.factor, :width * self.factor]


# The network, an example input's shape, and what height and width are multiples of where they are dynamic: torch.export
# does not see that padding makes whole windows.
NETWORKS = {
    "srcnn": (SRCNN, (1, 48, 40), 1),
    "fsrcnn": (FSRCNN, (1, 48, 40), 1),
    "espcn": (ESPCN, (1, 48, 40), 1),
    "edsr": (EDSR, (3, 48, 40), 1),
    "rrdb": (RRDB, (3, 32, 24), 1),
    "swinir": (SwinIR, (3, 36, 44), 8),
}
