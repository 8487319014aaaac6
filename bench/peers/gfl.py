"""GFL in PyTorch: ResNet, FPN and GFL head, with MMDetection's names of weights.

Letters: B images, A locations of all levels, C classes, n bins.
"""

import torch
from torch import nn
from torch.nn import functional as F

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}


class Basic(nn.Module):
    expansion = 1

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = downsample(inputs, width, stride)

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)), inplace=True)
        h = self.bn2(self.conv2(h))
        shortcut = x if self.downsample is None else self.downsample(x)
        h += shortcut
        return F.relu(h, inplace=True)


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, width * 4, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(width * 4)
        self.downsample = downsample(inputs, width * 4, stride)

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)), inplace=True)
        h = F.relu(self.bn2(self.conv2(h)), inplace=True)
        h = self.bn3(self.conv3(h))
        shortcut = x if self.downsample is None else self.downsample(x)
        h += shortcut
        return F.relu(h, inplace=True)


def downsample(inputs, outputs, stride):
    if stride == 1 and inputs == outputs:
        return None
    conv = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))


class ResNet(nn.Module):
    def __init__(self, depth, base_width, frozen_stages, norm_eval):
        super().__init__()
        block = Bottleneck if depth == 50 else Basic
        self.norm_eval = norm_eval
        self.conv1 = nn.Conv2d(3, base_width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(base_width)
        self.stages = []
        inputs = base_width
        self.channels = []
        for index, count in enumerate(BLOCKS[depth]):
            width = base_width * 2**index
            blocks = []
            for i in range(count):
                stride = 2 if i == 0 and index > 0 else 1
                blocks.append(block(inputs, width, stride))
                inputs = width * block.expansion
            self.channels.append(inputs)
            self.stages.append(nn.Sequential(*blocks))
            self.add_module(f"layer{index + 1}", self.stages[-1])
        self.frozen = [self.conv1, self.bn1] if frozen_stages >= 0 else []
        self.frozen += self.stages[: max(frozen_stages, 0)]
        for part in self.frozen:
            part.requires_grad_(False)

    def train(self, mode=True):
        super().train(mode)
        for part in self.modules() if self.norm_eval else self.frozen:
            if part is not self:
                part.eval()
        return self

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = F.max_pool2d(x, 3, 2, 1)
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features


class ConvModule(nn.Module):
    """A convolution, with a group norm and ReLU if `groups` is given."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=None):
        super().__init__()
        padding = kernel // 2
        bias = groups is None
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=bias)
        self.gn = None if groups is None else nn.GroupNorm(groups, outputs)

    def forward(self, x):
        x = self.conv(x)
        return x if self.gn is None else F.relu(self.gn(x), inplace=True)


class FPN(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.lateral_convs = nn.ModuleList(ConvModule(c, outputs, 1) for c in inputs)
        convs = [ConvModule(outputs, outputs, 3) for _ in inputs]
        convs += [ConvModule(outputs, outputs, 3, 2) for _ in range(2)]
        self.fpn_convs = nn.ModuleList(convs)

    def forward(self, features):
        merged = [conv(x) for conv, x in zip(self.lateral_convs, features)]
        for i in range(len(merged) - 1, 0, -1):
            size = merged[i - 1].shape[2:]
            merged[i - 1] = merged[i - 1] + F.interpolate(merged[i], size=size)
        levels = [conv(x) for conv, x in zip(self.fpn_convs, merged)]
        for conv in self.fpn_convs[len(merged) :]:
            levels.append(conv(levels[-1]))
        return levels


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.0))

    def forward(self, x):
        return x * self.scale


class GFLHead(nn.Module):
    def __init__(self, inputs, channels, convs, groups, classes, reg_max):
        super().__init__()
        self.classes = classes
        self.bins = reg_max + 1

        def tower():
            sizes = [inputs] + [channels] * convs
            pairs = zip(sizes, sizes[1:])
            return nn.Sequential(*(ConvModule(a, b, 3, 1, groups) for a, b in pairs))

        self.cls_convs = tower()
        self.reg_convs = tower()
        self.gfl_cls = nn.Conv2d(channels, classes, 3, 1, 1)
        self.gfl_reg = nn.Conv2d(channels, 4 * self.bins, 3, 1, 1)
        self.scales = nn.ModuleList(Scale() for _ in range(5))

    def forward(self, levels):
        classes, boxes = [], []
        for x, scale in zip(levels, self.scales):
            c = self.gfl_cls(self.cls_convs(x))
            b = scale(self.gfl_reg(self.reg_convs(x)))
            count = len(x)
            classes.append(c.permute(0, 2, 3, 1).reshape(count, -1, self.classes))
            boxes.append(b.permute(0, 2, 3, 1).reshape(count, -1, 4, self.bins))
        return torch.cat(classes, 1), torch.cat(boxes, 1)  # [B, A, C], [B, A, 4, n]


class GFL(nn.Module):
    def __init__(
        self,
        numClasses,
        backbone,
        neckChannels,
        headChannels,
        headConvs,
        groups,
        regMax,
        **_,
    ):
        super().__init__()
        self.backbone = ResNet(
            backbone["depth"],
            backbone["baseWidth"],
            backbone["frozenStages"],
            backbone["normEval"],
        )
        self.neck = FPN(self.backbone.channels[1:], neckChannels)
        self.bbox_head = GFLHead(
            neckChannels, headChannels, headConvs, groups, numClasses, regMax
        )

    def forward(self, images):
        return self.bbox_head(self.neck(self.backbone(images)[1:]))


def load(weights, config):
    """A GFL with the weights of a safetensors file."""
    from safetensors.torch import load_file

    model = GFL(**config)
    missing, unexpected = model.load_state_dict(load_file(weights), strict=False)
    missing = [name for name in missing if "num_batches_tracked" not in name]
    if missing or unexpected:
        raise ValueError(f"weights do not fit: {missing=}, {unexpected=}")
    return model
