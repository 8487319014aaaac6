"""Makes deform_conv.json: what torchvision 0.28.0's deform_conv2d gives.

Run: python make_deform_conv.py > deform_conv.json (pip install torch==2.13.0
torchvision==0.28.0). Inputs are float32 numbers; values and gradients are computed
in float64 and rounded to float32. `factors` weigh the outputs, so that the
gradients are those of sum(y * factors). All tensors are stored as [B, H, W, C],
filters as [K, L, C, O]; the order of the channels is torchvision's. The layers are
those of mmcv 2.1.0, ops/deform_conv.py and ops/modulated_deform_conv.py, with
torchvision's operator in place of mmcv's, which needs a GPU.
"""

import json
import torch
import torchvision

FRACTIONS = lambda draw, shape: draw(*shape) * 1.3
INTEGERS = lambda draw, shape: (draw(*shape) * 2).round()
# Beside, on and far beyond the map's edges, where the kernel has its own rules.
FAR = lambda draw, shape: torch.where(
    draw(*shape) > 0, (draw(*shape) * 6).round() + 0.25, (draw(*shape) * 8).round()
) * torch.where(draw(*shape) > 1.2, 1e5, 1.0)
# name, offsets, options
CASES = [
    ("fractions", FRACTIONS, dict()),
    ("integers", INTEGERS, dict()),
    ("far outside", FAR, dict()),
    ("far outside, mask", FAR, dict(mask=True)),
    ("zero offsets", lambda draw, shape: torch.zeros(shape), dict(mask=True)),
    ("mask", FRACTIONS, dict(mask=True)),
    ("stride 2", FRACTIONS, dict(stride=2, size=(7, 6))),
    ("stride 2, integers, mask", INTEGERS, dict(stride=2, mask=True, size=(6, 7))),
    ("deform groups 2", FRACTIONS, dict(deform_groups=2, size=(4, 4))),
    ("deform groups 2, mask", FRACTIONS, dict(deform_groups=2, mask=True, size=(4, 3))),
    ("groups 2", FRACTIONS, dict(groups=2, size=(4, 4))),
    (
        "groups 2, deform groups 4, mask, stride 2",
        FRACTIONS,
        dict(groups=2, deform_groups=4, mask=True, stride=2, size=(5, 6)),
    ),
    ("dilation 2", FRACTIONS, dict(dilation=2, padding=2)),
    ("kernel 1 x 2 without padding", FRACTIONS, dict(kernel=(1, 2), padding=0)),
    ("kernel 2 x 3, padding 2", FRACTIONS, dict(kernel=(2, 3), padding=2, mask=True, size=(3, 4))),
    ("one cell", FRACTIONS, dict(size=(1, 1), mask=True)),
]


def stored(tensor, order):
    values = tensor.detach().permute(order).float()
    # numpy prints a float32 with just the digits that tell it from the next.
    data = [float(str(v)) for v in values.flatten().numpy()]
    return dict(shape=list(values.shape), dtype="float32", data=data)


MAP, FILTER = (0, 2, 3, 1), (2, 3, 1, 0)


def run(number, draw_offsets, options):
    batch, channels, out = 2, 4, 2
    height, width = options.get("size", (5, 4))
    kernel = options.get("kernel", (3, 3))
    stride, dilation = options.get("stride", 1), options.get("dilation", 1)
    padding, groups = options.get("padding", 1), options.get("groups", 1)
    deform_groups = options.get("deform_groups", 1)
    generator = torch.Generator().manual_seed(300 + number)
    # Three decimals are enough, and short.
    draw = lambda *shape: (torch.randn(shape, generator=generator) * 1e3).round() / 1e3
    cells = [
        (size + 2 * padding - dilation * (k - 1) - 1) // stride + 1
        for size, k in zip((height, width), kernel)
    ]
    taps = deform_groups * kernel[0] * kernel[1]
    tensors = dict(
        x=draw(batch, channels, height, width),
        offsets=draw_offsets(draw, (batch, 2 * taps, *cells)),
        filter=draw(out, channels // groups, *kernel),
    )
    if options.get("mask"):
        tensors["mask"] = torch.rand((batch, taps, *cells), generator=generator).round(decimals=3)
    tensors = {k: v.float().double().requires_grad_() for k, v in tensors.items()}
    y = torchvision.ops.deform_conv2d(
        tensors["x"],
        tensors["offsets"],
        tensors["filter"],
        stride=stride,
        padding=padding,
        dilation=dilation,
        mask=tensors.get("mask"),
    )
    factors = draw(*y.shape)
    (y * factors.double()).sum().backward()
    order = lambda name: FILTER if name == "filter" else MAP
    return dict(
        params=dict(stride=stride, padding=padding, dilation=dilation),
        inputs={k: stored(v, order(k)) for k, v in (tensors | dict(factors=factors)).items()},
        outputs=dict(y=stored(y, MAP)),
        gradients={k: stored(v.grad, order(k)) for k, v in tensors.items()},
    )


# name, options
LAYERS = [
    ("layer, version 1", dict(modulated=False)),
    ("layer, version 1, stride 2, deform groups 2", dict(modulated=False, stride=2, deform_groups=2)),
    ("layer, version 2", dict(modulated=True)),
    ("layer, version 2, stride 2, deform groups 2", dict(modulated=True, stride=2, deform_groups=2)),
    ("layer, version 2, groups 2", dict(modulated=True, groups=2)),
]


def run_layer(number, modulated, stride=1, groups=1, deform_groups=1):
    channels, out = 4, 2
    generator = torch.Generator().manual_seed(400 + number)
    draw = lambda *shape: (torch.randn(shape, generator=generator) * 1e3).round() / 1e3
    made = deform_groups * 9 * (3 if modulated else 2)
    tensors = {
        "x": draw(2, channels, 5, 4),
        "weight": draw(out, channels // groups, 3, 3),
        "conv_offset.weight": draw(made, channels, 3, 3) / 4,
        "conv_offset.bias": draw(made),
    }
    tensors = {k: v.float().double().requires_grad_() for k, v in tensors.items()}
    found = torch.nn.functional.conv2d(
        tensors["x"], tensors["conv_offset.weight"], tensors["conv_offset.bias"], stride, 1
    )
    if modulated:
        o1, o2, mask = torch.chunk(found, 3, dim=1)
        offset, mask = torch.cat((o1, o2), dim=1), torch.sigmoid(mask)
    else:
        offset, mask = found, None
    y = torchvision.ops.deform_conv2d(
        tensors["x"], offset, tensors["weight"], stride=stride, padding=1, mask=mask
    )
    factors = draw(*y.shape)
    (y * factors.double()).sum().backward()
    order = lambda name: (0,) if "bias" in name else FILTER if "weight" in name else MAP
    return dict(
        params=dict(
            modulated=modulated, stride=stride, groups=groups, deformGroups=deform_groups
        ),
        inputs={k: stored(v, order(k)) for k, v in (tensors | dict(factors=factors)).items()},
        outputs=dict(y=stored(y, MAP)),
        gradients={k: stored(v.grad, order(k)) for k, v in tensors.items()},
    )


source = "torchvision " + torchvision.__version__
cases = [
    dict(name=name, source=source, **run(number, draw, options))
    for number, (name, draw, options) in enumerate(CASES)
] + [
    dict(name=name, source=source, **run_layer(number, **options))
    for number, (name, options) in enumerate(LAYERS)
]
print(json.dumps(dict(cases=cases)))
