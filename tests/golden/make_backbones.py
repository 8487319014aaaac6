"""Makes backbones.json and backbones.safetensors: mmdet 3.3.0's backbones.

Run in the folder of the files: python make_backbones.py (torch 2.13.0,
torchvision 0.28.0, mmdet 3.3.0, mmengine 0.10.7, mmcv-lite 2.1.0, safetensors)

Weights are not stored: `fill` gives every tensor from its name, and
tests/detectors/golden_backbone.ts does the same. Per case: the number of
parameters of the network at its published width; and of a narrow one C2 to C5
(of the later cases C4 and C5), the norms of the gradients of sum(C2..C5 * factors), and the norms of the running
statistics after a forward pass in training.
"""

import copy
import json
import math
import sys
import types

import numpy as np
import torch
import torchvision
from safetensors.torch import save_file

# mmcv-lite lacks the compiled operators; backbones call the two below only.
ext = types.ModuleType("mmcv._ext")
ext.__getattr__ = lambda name: None
sys.modules["mmcv._ext"] = ext

from mmcv.ops import deform_conv, modulated_deform_conv  # noqa: E402
from mmdet.models.backbones import Res2Net, ResNet, ResNeXt  # noqa: E402

deform_conv.deform_conv2d = lambda x, offset, weight, stride, padding, dilation, *_: (
    torchvision.ops.deform_conv2d(x, offset, weight, None, stride, padding, dilation)
)
modulated_deform_conv.modulated_deform_conv2d = (
    lambda x, offset, mask, weight, bias, stride, padding, dilation, *_: (
        torchvision.ops.deform_conv2d(x, offset, weight, bias, stride, padding, dilation, mask)
    )
)

# Height and width are odd at every stride, so that windows end beyond them.
IMAGES = (2, 3, 45, 59)
NARROW = dict(base_channels=8)
CASES = [
    ("resnet101", ResNet, dict(depth=101, style="pytorch"), {}),
    ("resnet50_caffe", ResNet, dict(depth=50, style="caffe"), {}),
    (
        "resnext101_32x4d",
        ResNeXt,
        dict(depth=101, groups=32, base_width=4, style="pytorch"),
        dict(groups=4, base_width=3.5),  # widths that are rounded down
    ),
    (
        "res2net101_26w4s",
        Res2Net,
        dict(depth=101, scales=4, base_width=26),
        dict(base_width=3.25),
    ),
    (
        "resnet101_dconv_c3_c5",
        ResNet,
        dict(
            depth=101,
            style="pytorch",
            dcn=dict(type="DCN", deform_groups=1, fallback_on_stride=False),
            stage_with_dcn=(False, True, True, True),
        ),
        dict(depth=50),
    ),
    (
        "resnext101_32x4d_dconv_c4_c5",
        ResNeXt,
        dict(
            depth=101,
            groups=32,
            base_width=4,
            style="pytorch",
            dcn=dict(type="DCNv2", deform_groups=1, fallback_on_stride=False),
            stage_with_dcn=(False, False, True, True),
        ),
        dict(depth=50, groups=4, base_width=3.5),
    ),
    (
        "res2net101_26w4s_dconv_c3_c5",
        Res2Net,
        dict(
            depth=101,
            scales=4,
            base_width=26,
            dcn=dict(type="DCN", deform_groups=1, fallback_on_stride=False),
            stage_with_dcn=(False, True, True, True),
        ),
        dict(depth=50, base_width=3.25),
    ),
    (
        "resnet18_gn",
        ResNet,
        dict(depth=18, norm_cfg=dict(type="GN", num_groups=32, requires_grad=True)),
        dict(base_channels=32),  # what 32 groups divide
    ),
    (
        "resnet50_gn",
        ResNet,
        dict(depth=50, norm_cfg=dict(type="GN", num_groups=32, requires_grad=True)),
        dict(base_channels=32),
    ),
]
FIRST_CASES = 4  # whose C2 and C3 are stored too


def noise(name, shape):
    """Numbers in [0, 1) from a hash of the name and each place."""
    seed = 2166136261
    for byte in name.encode():
        seed = (seed ^ byte) * 16777619 % 2**32
    x = np.arange(math.prod(shape), dtype=np.uint32) * np.uint32(2654435761)
    x = x + np.uint32(seed)
    for multiplier in (0x85EBCA6B, 0xC2B2AE35):
        x = (x ^ (x >> np.uint32(16))) * np.uint32(multiplier)
    x = x ^ (x >> np.uint32(16))
    return torch.from_numpy((x / 2**32).reshape(shape))


def fill(name, shape):
    u = noise(name, shape)
    if len(shape) == 4:
        # Small offsets: under larger ones float32 and float64 already differ.
        size = 0.2 if "conv_offset" in name else 1
        return size * (u - 0.5) * math.sqrt(24 / math.prod(shape[1:]))
    if name.endswith("running_var"):
        return 0.5 + u
    if name.endswith("weight"):  # a short cut outweighs its branch
        return 0.2 + 0.2 * u if "bn3" in name else 0.5 + u
    return 0.4 * (u - 0.5)


def norm(tensor):
    return float(tensor.double().norm())


def count(network):
    return sum(p.numel() for p in network.parameters())


def run(network, images, training):
    state = {
        name: fill(name, tuple(value.shape)) if value.dim() else value
        for name, value in network.state_dict().items()
    }
    network.load_state_dict(state)
    network.train(training)
    maps = network(images)
    total = sum(
        (c * (noise(f"C{i + 2}", tuple(c.shape)) - 0.5).float()).sum()
        for i, c in enumerate(maps)
    )
    total.backward()
    gradients = {
        name: None if p.grad is None else norm(p.grad)
        for name, p in network.named_parameters()
    }
    running = {
        name: norm(value)
        for name, value in network.state_dict().items()
        if "running" in name
    }
    return maps, gradients, running


def main():
    images = (4 * (noise("images", IMAGES) - 0.5)).float()
    cases, tensors = [], {}
    for number, (name, kind, options, narrow) in enumerate(CASES):
        narrow = {**options, **NARROW, **narrow}
        outputs = dict(parameters=count(kind(**copy.deepcopy(options))))
        gradients = {}
        for mode, rest in [
            ("bn_eval", dict(norm_eval=False)),
            ("bn_train", dict(norm_eval=False)),
            ("norm_eval_frozen1", dict(norm_eval=True, frozen_stages=1)),
        ]:
            network = kind(**copy.deepcopy(narrow), **rest)
            maps, gradients[mode], running = run(network, images, mode != "bn_eval")
            if mode != "norm_eval_frozen1":  # whose maps are those of bn_eval
                for i, c in enumerate(maps):
                    if number >= FIRST_CASES and i < 2:
                        continue
                    tensors[f"{name}/{mode}/C{i + 2}"] = c.detach().contiguous()
            if mode == "bn_train":
                outputs["running"] = running
        cases.append(
            dict(
                name=name,
                source=f"mmdet 3.3.0 {kind.__name__}",
                params=dict(full=options, narrow=narrow),
                inputs=dict(images=IMAGES),
                outputs=outputs,
                gradients=gradients,
            )
        )
        print(name, outputs["parameters"], [c.abs().max().item() for c in maps])
    save_file(tensors, "backbones.safetensors")
    with open("backbones.json", "w") as file:
        json.dump(dict(cases=cases), file)


main()
