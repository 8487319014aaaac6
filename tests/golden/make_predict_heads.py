"""Makes predict_heads.json and .safetensors: detections of MMDetection 3.3.0's heads.

Run: python make_predict_heads.py (pip install torch==2.13.0 mmdet==3.3.0
mmengine==0.10.7 mmcv-lite==2.1.0 safetensors); writes beside itself.
Random outputs of a head are decoded by its own predict_by_feat. Heads with
distributions are given the integrals over them, decoded from the centres of
anchors, as in HikariTJU/LD; GFLv2's scores reach GFLHead as their logits. Greedy
NMS, a compiled operator that mmcv-lite lacks, is written out.
"""

import json
import sys
from pathlib import Path
from unittest.mock import MagicMock

import torch

extension = MagicMock()
sys.modules["mmcv._ext"] = extension

from mmdet.models.dense_heads import ATSSHead, FCOSHead, GFLHead, RetinaHead
from mmdet.models.task_modules import DeltaXYWHBBoxCoder
from mmdet.structures.bbox import bbox_overlaps, distance2bbox
from mmengine.config import ConfigDict
from safetensors.torch import save_file

STRIDES = [8, 16, 32, 64, 128]
SIZES = [(6, 8), (3, 4), (2, 2), (1, 1), (1, 1)]
CLASSES, IMAGES = 3, 2
METAS = [
    dict(img_shape=(44, 62), ori_shape=(96, 128), pad_shape=(48, 64), scale_factor=(0.75, 0.8)),
    dict(img_shape=(48, 64), ori_shape=(48, 64), pad_shape=(48, 64), scale_factor=(1.25, 1.25)),
]


def nms(boxes, scores, iou_threshold, offset):
    assert offset == 0
    iou = bbox_overlaps(boxes, boxes)
    kept = []
    for i in scores.sort(descending=True, stable=True)[1].tolist():
        if all(iou[i, j] <= iou_threshold for j in kept):
            kept.append(i)
    return torch.tensor(kept, dtype=torch.long)


extension.nms = nms


class Distances(DeltaXYWHBBoxCoder):
    """Boxes as distances in pixels from the centres of anchors."""

    def decode(self, anchors, distances, max_shape=None, **kwargs):
        return distance2bbox((anchors[:, :2] + anchors[:, 2:]) / 2, distances, max_shape)


def integral(x, bins):
    """Maps [N, a * 4n, H, W] to their means in bins, [N, a * 4, H, W]."""
    n, _, h, w = x.shape
    p = x.reshape(n, -1, bins, h, w).softmax(2)
    return (p * torch.arange(float(bins)).reshape(1, 1, -1, 1, 1)).sum(2)


def anchors(**settings):
    return dict(type="AnchorGenerator", strides=STRIDES, **settings)


def deltas(*stds):
    return dict(type="DeltaXYWHBBoxCoder", target_means=[0.0] * 4, target_stds=list(stds))


SIZE = dict(num_classes=CLASSES, in_channels=4, feat_channels=32, stacked_convs=1)
SQUARE = anchors(ratios=[1.0], octave_base_scale=8, scales_per_octave=1)
ATSS = dict(anchor_generator=SQUARE, bbox_coder=deltas(0.1, 0.1, 0.2, 0.2), **SIZE)
FCOS = dict(strides=STRIDES, norm_on_bbox=True, centerness_on_reg=True, **SIZE)
# kind, head, regMax, anchors a cell
HEADS = dict(
    atss=("atss", lambda: ATSSHead(**ATSS), None, 1),
    atss_gfl=("atss", lambda: ATSSHead(**ATSS), 5, 1),
    fcos=("fcos", lambda: FCOSHead(**FCOS), None, 1),
    fcos_gfl=("fcos", lambda: FCOSHead(**FCOS), 5, 1),
    retina=("retina", lambda: RetinaHead(**SIZE), None, 9),
    retina_gfl=("retina", lambda: RetinaHead(**SIZE), 3, 9),
    gfl_v2=("gflV2", lambda: GFLHead(anchor_generator=SQUARE, reg_max=5, **SIZE), 5, 1),
)
# name, what differs from the published settings, whether boxes are in original
# pixels, how likely classes are
SETTINGS = [
    ("basic", {}, False, -1.5),
    ("rescale", {}, True, -1.5),
    ("capped", dict(max_per_img=20, nms_pre=30), False, 0.5),
    ("strict", dict(score_thr=0.3, min_bbox_size=12), True, -0.5),
    ("none", {}, False, -12.0),
]


def tensor(x):
    return dict(shape=list(x.shape), dtype=str(x.dtype)[6:], data=x.flatten().tolist())


def main():
    tensors, cases = {}, []
    for number, (name, (kind, make, reg_max, per_cell)) in enumerate(HEADS.items()):
        generator = torch.Generator().manual_seed(900 + number)
        draw = lambda channels: [
            torch.randn((IMAGES, channels, h, w), generator=generator) for h, w in SIZES
        ]
        head = make().eval()
        if reg_max is not None and kind in ("atss", "retina"):
            head.bbox_coder = Distances()
        classes = draw(per_cell * CLASSES)
        if reg_max is not None:
            boxes = [2 * x for x in draw(per_cell * 4 * (reg_max + 1))]
        elif kind == "fcos":
            boxes = [(1.5 * x + 2).clamp(min=0) for x in draw(4)]
        else:
            boxes = [1.5 * x for x in draw(per_cell * 4)]
        extra = draw(CLASSES if kind == "gflV2" else 1) if kind != "retina" else []
        extra_name = "scores" if kind == "gflV2" else "centerness"
        for level in range(len(SIZES)):
            tensors[f"{name}/classLogits.{level}"] = classes[level]
            tensors[f"{name}/boxLogits.{level}"] = boxes[level]
            if kind in ("atss", "fcos"):
                tensors[f"{name}/centerness.{level}"] = extra[level]
        given = boxes
        if kind != "gflV2" and reg_max is not None:
            given = [integral(x, reg_max + 1) for x in boxes]
        if kind == "fcos" or (kind != "gflV2" and reg_max is not None):
            given = [x * stride for x, stride in zip(given, STRIDES)]
        for setting, different, rescale, shift in SETTINGS:
            published = 0.5 if kind == "retina" and reg_max is None else 0.6
            config = dict(
                dict(
                    nms_pre=1000, min_bbox_size=0, score_thr=0.05,
                    nms=dict(type="nms", iou_threshold=published), max_per_img=100,
                ),
                **different,
            )
            shifted = [1.5 * x + shift for x in classes]
            head_outputs = [shifted, given]
            if kind == "gflV2":
                quality = [(x + 1).sigmoid() for x in extra]
                scores = [x.sigmoid() * q for x, q in zip(shifted, quality)]
                for level, x in enumerate(scores):
                    tensors[f"{name}_{setting}/scores.{level}"] = x
                head_outputs = [[x.logit() for x in scores], given]
            elif kind != "retina":
                head_outputs.append(extra)
            with torch.no_grad():
                found = head.predict_by_feat(
                    *head_outputs, batch_img_metas=METAS, cfg=ConfigDict(config), rescale=rescale
                )
            cases.append(
                dict(
                    name=f"{name}_{setting}",
                    source=f"mmdet 3.3.0 {type(head).__name__}.predict_by_feat",
                    inputs=dict(tensors=name, classScale=1.5, classShift=shift),
                    params=dict(
                        kind=kind, regMax=reg_max, numClasses=CLASSES, anchorsPerCell=per_cell,
                        featmap_sizes=SIZES, strides=STRIDES, img_metas=METAS, rescale=rescale,
                        test_cfg=config,
                    ),
                    outputs=[
                        dict(bboxes=tensor(r.bboxes), scores=tensor(r.scores), labels=tensor(r.labels))
                        for r in found
                    ],
                    gradients={},
                )
            )
            print(cases[-1]["name"], [len(r.scores) for r in found])
    folder = Path(__file__).parent
    save_file({k: v.contiguous() for k, v in tensors.items()}, folder / "predict_heads.safetensors")
    (folder / "predict_heads.json").write_text(json.dumps(dict(cases=cases)) + "\n")


main()
