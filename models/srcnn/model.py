"""SRCNN x3: bicubic upsampling followed by three convolutions (9-1-5).

Dong, Loy, He, Tang: "Image Super-Resolution Using Deep Convolutional Networks", 2014.
Unlike the paper's network, it takes and gives RGB and carries the upsampling in itself, so that
its input is the small picture.
"""

import torch
from torch import nn
from torch.nn import functional

SCALE = 3
CHECKPOINT_PREFIX = "generator."


class SRCNN(nn.Module):
    """Maps [batch, 3, height, width] to [batch, 3, 3*height, 3*width]; RGB, both in [0, 1].

    The output is not clipped: it may leave [0, 1] by a little.
    """

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=9, padding=4)
        self.conv2 = nn.Conv2d(64, 32, kernel_size=1, padding=0)
        self.conv3 = nn.Conv2d(32, 3, kernel_size=5, padding=2)

    def upsample(self, picture):
        """The network's own enlargement, without any learnt part: bicubic with a = -0.75."""
        return functional.interpolate(
            picture, scale_factor=SCALE, mode="bicubic", align_corners=False)

    def sharpen(self, enlarged):
        """The learnt part: the three convolutions on a picture that is already enlarged."""
        features = functional.relu(self.conv1(enlarged))
        features = functional.relu(self.conv2(features))
        return self.conv3(features)

    def forward(self, picture):
        return self.sharpen(self.upsample(picture))

    @torch.no_grad()
    def start_from_identity(self):
        """Adds a path to the random weights that hands the enlarged picture through unchanged.

        One channel for each colour keeps the pixel itself, lifted by 1 so that the rectifiers let
        bicubic's undershoots pass. What the network has to learn is then only the correction.
        """
        for layer in (self.conv1, self.conv2):
            layer.weight[:3].zero_()
            layer.bias[:3].zero_()
        self.conv3.weight.mul_(0.1)
        self.conv3.weight[:, :3].zero_()
        self.conv3.bias.zero_()
        for colour in range(3):
            self.conv1.weight[colour, colour, 4, 4] = 1.0
            self.conv1.bias[colour] = 1.0
            self.conv2.weight[colour, colour, 0, 0] = 1.0
            self.conv3.weight[colour, colour, 2, 2] = 1.0
            self.conv3.bias[colour] = -1.0


def save_checkpoint(model, path):
    """Writes the weights as training frameworks do: {"state_dict": {"generator.conv1.weight": ...}}."""
    weights = {CHECKPOINT_PREFIX + name: value.detach().clone()
               for name, value in model.state_dict().items()}
    torch.save({"state_dict": weights}, path)


def load_checkpoint(path):
    """The network with the weights of a checkpoint, whose keys may carry the prefix or not."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    weights = saved.get("state_dict", saved)
    model = SRCNN()
    model.load_state_dict({name.removeprefix(CHECKPOINT_PREFIX): value
                           for name, value in weights.items()})
    return model.eval()
