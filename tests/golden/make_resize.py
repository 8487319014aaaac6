"""Makes resize.json: how mmcv sizes images, OpenCV resizes them, mmdet pads them.

Run: python make_resize.py > resize.json (pip install torch==2.13.0
mmcv-lite==2.1.0 mmdet==3.3.0 opencv-python-headless==5.0.0.93)
Kinds, by the part of a case's name before ": ": "size" (rescale_size, the
factors of mmdet's Resize, a box there), "pixels" (cv2.resize, INTER_LINEAR, RGB
rows), "input" (mmdet's DetDataPreprocessor on what Resize gave).
"""

import json
import sys
import types


class Unused(types.ModuleType):
    """mmcv's compiled operators, which mmcv-lite lacks and nothing here calls."""

    __file__ = None

    def __getattr__(self, name):
        return None


sys.modules["mmcv._ext"] = Unused("mmcv._ext")

import cv2
import numpy as np
import torch
from mmdet.datasets.transforms import Resize
from mmdet.models.data_preprocessors import DetDataPreprocessor
from mmdet.structures import DetDataSample
from mmdet.structures.bbox import HorizontalBoxes

random = np.random.default_rng(600)
cases = []


def tensor(values):
    array = np.asarray(values)
    data = [float(str(v)) for v in array.flatten()]
    if array.dtype != np.float32:
        data = [int(v) for v in array.flatten()]
    return dict(shape=list(array.shape), dtype=str(array.dtype), data=data)


def case(name, source, inputs, params, outputs):
    cases.append(dict(name=name, source=source, inputs=inputs, params=params,
                      outputs=outputs, gradients={}))


SIZES = [(640, 480), (480, 640), (500, 375), (333, 500), (612, 612), (1333, 800),
         (800, 1333), (1, 1), (3, 2), (640, 427), (427, 640), (2000, 150),
         (97, 1511), (4000, 3000), (51, 640), (1999, 1200)]
SIZES += [tuple(int(v) for v in random.integers(20, 1500, 2)) for _ in range(24)]
SCALES = [(1333, 800), (1333, 480), (480, 1333), (1333, 637), (1000, 600), (256, 192)]
for number, size in enumerate(SIZES):
    for scale in [SCALES[0], SCALES[1 + number % 5]]:
        w, h = size
        x, y = np.sort(random.uniform(-3, w + 3, 2)), np.sort(random.uniform(-3, h + 3, 2))
        box = np.array([[x[0], y[0], x[1], y[1]]], np.float32)
        results = dict(img=np.zeros((h, w, 3), np.uint8), img_shape=(h, w),
                       gt_bboxes=HorizontalBoxes(torch.from_numpy(box.copy())))
        results = Resize(scale=scale, keep_ratio=True)(results)
        back = results["gt_bboxes"].tensor / torch.tensor(results["scale_factor"]).repeat(2)
        case(f"size: {w}x{h} to {scale[0]}x{scale[1]}",
             "mmdet Resize(keep_ratio=True)",
             dict(width=w, height=h, box=tensor(box)), dict(scale=list(scale)),
             dict(width=results["img_shape"][1], height=results["img_shape"][0],
                  factors=[float(f) for f in results["scale_factor"]],
                  box=tensor(results["gt_bboxes"].tensor.numpy()),
                  back=tensor(back.numpy())))


def picture(w, h):
    """Noise on a slope: every pixel and channel differs from its neighbours."""
    slope = np.linspace(0, 160, w)[None, :, None] + np.linspace(60, 0, h)[:, None, None]
    return np.clip(slope + random.integers(-60, 96, (h, w, 3)), 0, 255).astype(np.uint8)


for w, h, to in [(10, 7, (13, 5)), (16, 12, (37, 29)), (24, 16, (12, 8)), (24, 18, (8, 6)),
                 (31, 17, (9, 40)), (20, 20, (20, 20)), (1, 1, (5, 3)), (2, 1, (9, 9)),
                 (40, 3, (7, 3)), (33, 25, (44, 34)), (64, 4, (61, 4)), (9, 14, (3, 2))]:
    image = picture(w, h)
    resized = cv2.resize(image, to, interpolation=cv2.INTER_LINEAR)
    case(f"pixels: {w}x{h} to {to[0]}x{to[1]}", "cv2.resize INTER_LINEAR",
         dict(image=tensor(image)), dict(width=to[0], height=to[1]),
         dict(image=tensor(resized)))

NORMS = {
    "imagenet_rgb": dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375],
                         bgr_to_rgb=True),
    "caffe_bgr": dict(mean=[103.53, 116.28, 123.675], std=[1.0, 1.0, 1.0],
                      bgr_to_rgb=False),
}
for number, (name, norm) in enumerate(NORMS.items()):
    # Sides that are and are not multiples of the divisor 8 (32 is the same, larger).
    rgb = [picture(*size) for size in [(19, 11), (16, 8)][: 2 - number]]
    process = DetDataPreprocessor(**norm, pad_size_divisor=8)
    samples = [DetDataSample(metainfo=dict(img_shape=i.shape[:2])) for i in rgb]
    data = dict(inputs=[torch.from_numpy(i[..., ::-1].copy()).permute(2, 0, 1) for i in rgb],
                data_samples=samples)
    out = process(data)
    case(f"input: {name}", "mmdet DetDataPreprocessor(pad_size_divisor=8)",
         dict(images=[tensor(i) for i in rgb]), dict(normalisation=name, divisor=8),
         dict(batch=tensor(out["inputs"].permute(0, 2, 3, 1).numpy()),
              padded=[list(s.pad_shape) for s in out["data_samples"]]))

print(json.dumps(dict(cases=cases), separators=(",", ":")))
