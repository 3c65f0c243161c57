"""The network, in PyTorch: a small MobileNet. Input [N,3,96,96], pixel/255; output 2 logits."""

from torch import nn


def conv_bn_relu(width_in, width, size, stride=1, groups=1):
    return nn.Sequential(
        nn.Conv2d(width_in, width, size, stride, padding=size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(width), nn.ReLU())


class MobileNet(nn.Module):
    """MobileNet v1 of Howard et al. (arXiv 1704.04861) at about a quarter of its width, with narrower last layers."""

    # Width and stride of each depthwise separable convolution.
    layers = ((16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (128, 1), (128, 1), (160, 2), (160, 1))

    def __init__(self):
        super().__init__()
        parts, width_in = [conv_bn_relu(3, 8, 3, 2)], 8
        for width, stride in self.layers:
            parts += [conv_bn_relu(width_in, width_in, 3, stride, width_in), conv_bn_relu(width_in, width, 1)]
            width_in = width
        self.features = nn.Sequential(*parts)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(width_in, 2)

    def forward(self, x):
        return self.fc(self.pool(self.features(x)).flatten(1))


def parameters(net):
    """Number of trainable parameters."""
    return sum(p.numel() for p in net.parameters())
