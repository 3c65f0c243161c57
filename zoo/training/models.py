"""The networks, in PyTorch. Input [N,1,28,28] or [N,3,32,32], output 10 logits.

Convolutional layers and pooling keep the "same" padding of the DiffChaser study's models.
"""

import torch
from torch import nn


def flat(x):
    return torch.flatten(x, 1)


class LeNet1(nn.Module):
    """LeNet-1 with ReLU and max pooling: 4 and 12 channels."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 5, padding=2)
        self.conv2 = nn.Conv2d(4, 12, 5, padding=2)
        self.fc1 = nn.Linear(12 * 7 * 7, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        return self.fc1(flat(x))


class LeNet4(nn.Module):
    """LeNet-4 with ReLU and max pooling: 6 and 16 channels, one hidden dense layer of 84."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5, padding=2)
        self.fc1 = nn.Linear(16 * 7 * 7, 84)
        self.fc2 = nn.Linear(84, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        return self.fc2(torch.relu(self.fc1(flat(x))))


class LeNet5(nn.Module):
    """LeNet-5 with ReLU and max pooling: 6 and 16 channels, hidden dense layers of 120 and 84."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5, padding=2)
        self.fc1 = nn.Linear(16 * 7 * 7, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = torch.relu(self.fc1(flat(x)))
        return self.fc3(torch.relu(self.fc2(x)))


class CNN(nn.Module):
    """The MNIST network of Carlini and Wagner: 32, 32, 64, 64 channels, dense layers of 200."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 32, 3)
        self.conv3 = nn.Conv2d(32, 64, 3)
        self.conv4 = nn.Conv2d(64, 64, 3)
        self.fc1 = nn.Linear(64 * 4 * 4, 200)
        self.fc2 = nn.Linear(200, 200)
        self.fc3 = nn.Linear(200, 10)

    def forward(self, x):
        x = torch.relu(self.conv1(x))
        x = torch.max_pool2d(torch.relu(self.conv2(x)), 2)
        x = torch.relu(self.conv3(x))
        x = torch.max_pool2d(torch.relu(self.conv4(x)), 2)
        x = torch.relu(self.fc1(flat(x)))
        return self.fc3(torch.relu(self.fc2(x)))


def conv_bn_relu(width_in, width, stride=1):
    """A 3x3 convolution with BatchNorm and ReLU."""
    return nn.Sequential(nn.Conv2d(width_in, width, 3, stride, padding=1, bias=False),
                         nn.BatchNorm2d(width), nn.ReLU())


class Block(nn.Module):
    """Two 3x3 convolutions with BatchNorm and, if residual, a shortcut around them."""

    def __init__(self, width_in, width, stride, residual):
        super().__init__()
        self.first = conv_bn_relu(width_in, width, stride)
        self.conv = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.shortcut = None
        if residual:
            self.shortcut = nn.Identity()
            if stride != 1 or width_in != width:
                self.shortcut = nn.Sequential(nn.Conv2d(width_in, width, 1, stride, bias=False),
                                              nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.bn(self.conv(self.first(x)))
        return torch.relu(y if self.shortcut is None else y + self.shortcut(x))


class ResNet20(nn.Module):
    """ResNet-20 of He et al. with projections in the two wider shortcuts."""

    residual = True

    def __init__(self):
        super().__init__()
        self.stem = conv_bn_relu(3, 16)
        blocks, width_in = [], 16
        for width, stride in ((16, 1), (32, 2), (64, 2)):
            for i in range(3):
                blocks.append(Block(width_in, width, stride if i == 0 else 1, self.residual))
                width_in = width
        self.blocks = nn.Sequential(*blocks)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        return self.fc(flat(self.pool(self.blocks(self.stem(x)))))


class Plain20(ResNet20):
    """ResNet-20 without its shortcuts."""

    residual = False


class VGG(nn.Module):
    """A VGG of half width with BatchNorm: convolutions, five poolings, one dense layer."""

    layers = ()

    def __init__(self):
        super().__init__()
        parts, width_in = [], 3
        for width in self.layers:
            if width == "pool":
                # ceil_mode only matters for the crops of the first epochs: 32 halves evenly.
                parts.append(nn.MaxPool2d(2, ceil_mode=True))
            else:
                parts.append(conv_bn_relu(width_in, width))
                width_in = width
        self.features = nn.Sequential(*parts)
        self.fc = nn.Linear(width_in, 10)

    def forward(self, x):
        return self.fc(flat(self.features(x)))


class VGG16(VGG):
    """VGG-16 of half width with BatchNorm and one dense layer."""

    layers = (32, 32, "pool", 64, 64, "pool", 128, 128, 128, "pool",
              256, 256, 256, "pool", 256, 256, 256, "pool")


class VGG11(VGG):
    """VGG-11 of half width with BatchNorm and one dense layer."""

    layers = (32, "pool", 64, "pool", 128, 128, "pool", 256, 256, "pool", 256, 256, "pool")


class Student(nn.Module):
    """A plain CNN of six convolutions with BatchNorm: twice 16, 32 and 64 channels."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            conv_bn_relu(3, 16), conv_bn_relu(16, 16), nn.MaxPool2d(2),
            conv_bn_relu(16, 32), conv_bn_relu(32, 32), nn.MaxPool2d(2),
            conv_bn_relu(32, 64), conv_bn_relu(64, 64), nn.AdaptiveAvgPool2d(1))
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        return self.fc(flat(self.features(x)))


def parameters(net):
    """Number of trainable parameters."""
    return sum(p.numel() for p in net.parameters())


if __name__ == "__main__":
    for kind in (LeNet1, LeNet4, LeNet5, CNN, ResNet20, Plain20, VGG16, VGG11, Student):
        print(kind.__name__, parameters(kind()))
