"""Makes detectors.json and .safetensors: whole detectors of MMDetection 3.3.0.

Run: python make_detectors.py (pip install torch==2.13.0 torchvision==0.28.0
mmdet==3.3.0 mmengine==0.10.7 mmcv-lite==2.1.0 safetensors); writes beside itself.
Each case is one of MMDetection's configs: at full width its parameters' count, and
the SHA-256 of the names and shapes of its weights with some of them; cases with
`narrow` also have what a narrow network gives for one image. Weights are not
stored: `fill` gives every tensor from its name, as tests/detectors/golden_backbone.ts
does.
"""

import copy
import hashlib
import json
import math
import sys
import types
from pathlib import Path

import mmdet
import numpy as np
import torch
import torchvision
from safetensors.torch import save_file

# mmcv-lite lacks the compiled operators; detectors call the two below only.
ext = types.ModuleType("mmcv._ext")
ext.__getattr__ = lambda name: None
sys.modules["mmcv._ext"] = ext

from mmcv.ops import deform_conv, modulated_deform_conv  # noqa: E402
from mmdet.registry import MODELS  # noqa: E402
from mmdet.utils import register_all_modules  # noqa: E402
from mmengine.config import Config  # noqa: E402

deform_conv.deform_conv2d = lambda x, offset, weight, stride, padding, dilation, *_: (
    torchvision.ops.deform_conv2d(x, offset, weight, None, stride, padding, dilation)
)
modulated_deform_conv.modulated_deform_conv2d = (
    lambda x, offset, mask, weight, bias, stride, padding, dilation, *_: (
        torchvision.ops.deform_conv2d(x, offset, weight, bias, stride, padding, dilation, mask)
    )
)

CONFIGS = Path(mmdet.__file__).parent / ".mim/configs"
# Height and width are odd at most strides, so that windows end beyond them.
IMAGE = (1, 3, 93, 131)
WIDTHS = dict(backbone=8, neck=16, head=24, groups=4, convs=2, classes=3)
# config, whether it is the backbone alone, changes of a narrow backbone or None
CASES = [
    ("gfl/gfl_r50_fpn_1x_coco", False, None),
    ("gfl/gfl_r101_fpn_ms-2x_coco", False, None),
    ("gfl/gfl_r101-dconv-c3-c5_fpn_ms-2x_coco", False, dict(depth=50)),
    ("gfl/gfl_x101-32x4d_fpn_ms-2x_coco", False, None),
    ("gfl/gfl_x101-32x4d-dconv-c4-c5_fpn_ms-2x_coco", False, dict(depth=50, groups=4)),
    ("ld/ld_r18-gflv1-r101_fpn_1x_coco", False, {}),
    ("ld/ld_r34-gflv1-r101_fpn_1x_coco", False, None),
    ("atss/atss_r50_fpn_1x_coco", False, {}),
    ("atss/atss_r101_fpn_1x_coco", False, None),
    ("fcos/fcos_r50-caffe_fpn_gn-head-center-normbbox-centeronreg-giou_1x_coco", False, {}),
    ("retinanet/retinanet_r18_fpn_1x_coco", False, None),
    ("retinanet/retinanet_r50_fpn_1x_coco", False, {}),
    ("retinanet/retinanet_x101-32x4d_fpn_1x_coco", False, None),
    ("res2net/faster-rcnn_res2net-101_fpn_2x_coco", True, None),
    ("gn/mask-rcnn_r50_fpn_gn-all_2x_coco", True, None),
]
# Settings that say what is built.
BACKBONE = (
    "type depth base_channels style norm_cfg dcn stage_with_dcn groups base_width scales"
).split()
NECK = ["out_channels", "add_extra_convs", "relu_before_extra_convs"]
HEAD = ["type", "num_classes", "feat_channels", "stacked_convs", "norm_cfg"]


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
        size = 0.2 if "conv_offset" in name else 1
        return size * (u - 0.5) * math.sqrt(24 / math.prod(shape[1:]))
    if name.endswith("running_var"):
        return 0.5 + u
    if name.endswith(("weight", "scale")):  # a short cut outweighs its branch
        return 0.2 + 0.2 * u if "bn3" in name else 0.5 + u
    return 0.4 * (u - 0.5)


def weights_of(network):
    """Its weights and statistics, without counters and the bins' numbers."""
    return {
        name: value
        for name, value in network.state_dict().items()
        if not name.endswith(("num_batches_tracked", "integral.project"))
    }


def settings(options, names):
    return {name: options[name] for name in names if name in options}


def model_of(config):
    model = Config.fromfile(CONFIGS / f"{config}.py").model
    if "teacher_config" in model:  # the student alone
        model.type = "GFL"
        del model.teacher_config, model.teacher_ckpt
    model.backbone.init_cfg = None
    return model


def narrowed(model, changes):
    model = copy.deepcopy(model)
    model.backbone.update(base_channels=WIDTHS["backbone"], **changes)
    expansion = 1 if model.backbone.depth < 50 else 4
    model.neck.in_channels = [WIDTHS["backbone"] * expansion * 2**i for i in range(4)]
    model.neck.out_channels = model.bbox_head.in_channels = WIDTHS["neck"]
    model.bbox_head.feat_channels = WIDTHS["head"]
    model.bbox_head.stacked_convs = WIDTHS["convs"]
    model.bbox_head.num_classes = WIDTHS["classes"]
    if model.bbox_head.type != "RetinaHead":
        model.bbox_head.norm_cfg = dict(type="GN", num_groups=WIDTHS["groups"])
    return model


def build(model, alone):
    model = copy.deepcopy(model)
    network = torch.nn.Module() if alone else MODELS.build(model)
    if alone:
        network.backbone = MODELS.build(model.backbone)
    return network


def describe(network):
    shapes = [f"{name} {list(v.shape)}" for name, v in weights_of(network).items()]
    return dict(
        parameters=sum(p.numel() for p in network.parameters()),
        weights=len(shapes),
        sha256=hashlib.sha256("\n".join(sorted(shapes)).encode()).hexdigest(),
        some=sorted(shapes)[::50],
    )


def params_of(model, alone):
    params = dict(backbone=settings(model.backbone, BACKBONE))
    if not alone:
        params["neck"] = settings(model.neck, NECK)
        params["head"] = settings(model.bbox_head, HEAD)
    return params


def run(model, tensors, name):
    network = build(model, False)
    state = {key: fill(key, tuple(value.shape)) for key, value in weights_of(network).items()}
    network.load_state_dict(state, strict=False)
    network.eval()
    network.bbox_head.training = True  # distances in strides, as losses take them
    image = (4 * (noise("images", IMAGE) - 0.5)).float()
    with torch.no_grad():
        levels = network.extract_feat(image)
        outputs = network.bbox_head(levels)
    kinds = ["classLogits", "boxLogits", "centerness"]
    for kind, maps in zip(["features", *kinds], [levels, *outputs]):
        for level, x in enumerate(maps):
            tensors[f"{name}/{kind}.{level}"] = x.contiguous()
        print(name, kind, max(float(x.abs().max()) for x in maps))


def main():
    register_all_modules()
    cases, tensors = [], {}
    for config, alone, changes in CASES:
        name = config.split("/")[1]
        model = model_of(config)
        case = dict(
            name=name,
            source=f"mmdet 3.3.0 configs/{config}.py",
            inputs={},
            params=dict(full=params_of(model, alone)),
            outputs=describe(build(model, alone)),
            gradients={},
        )
        if changes is not None:
            narrow = narrowed(model, changes)
            case["inputs"]["images"] = IMAGE
            case["params"]["narrow"] = params_of(narrow, alone)
            run(narrow, tensors, name)
        cases.append(case)
        print(name, case["outputs"]["parameters"])
    folder = Path(__file__).parent
    save_file(tensors, folder / "detectors.safetensors")
    (folder / "detectors.json").write_text(json.dumps(dict(cases=cases)) + "\n")


if __name__ == "__main__":
    main()
