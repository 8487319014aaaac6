"""Makes keep_ratio_batch.json: a training batch as mmdet 3.3.0 makes it from files.

Run: python make_keep_ratio_batch.py > keep_ratio_batch.json (pip install
torch==2.13.0 mmdet==3.3.0 mmengine==0.10.7 mmcv-lite==2.1.0
opencv-python-headless==5.0.0.93)
Two images of data/bccd, each read, resized within a scale of its own, the first
mirrored, normalised and padded to 32 by itself and to the batch's size; boxes, some
of them beyond the image; and what the anchors of GFL, RetinaNet and FCOS learn.
"""

import json
import sys
from pathlib import Path
from unittest.mock import MagicMock

import torch

# mmcv-lite has no compiled operators; nothing here calls one.
sys.modules["mmcv._ext"] = MagicMock()

import numpy as np
from mmcv.transforms import LoadImageFromFile
from mmdet.datasets.transforms import PackDetInputs, RandomFlip, Resize
from mmdet.models.data_preprocessors import DetDataPreprocessor
from mmdet.models.dense_heads import FCOSHead, GFLHead, RetinaHead
from mmdet.structures.bbox import HorizontalBoxes

DATA = Path(__file__).parents[2] / "data/bccd/JPEGImages"
IMAGES = [
    dict(file="BloodImage_00000.jpg", scale=(34, 20), flip=True, labels=[0, 2, 1],
         boxes=[[260, 176, 491, 376], [-30, 300, 140, 479], [600, 20, 660, 90]]),
    dict(file="BloodImage_00001.jpg", scale=(67, 40), flip=False, labels=[1, 0],
         boxes=[[68, 315, 286, 480], [345, 360, 445, 445]]),
]
SIZES = [(8, 8), (4, 4), (2, 2), (1, 1), (1, 1)]
ASSIGN = dict(allowed_border=-1, pos_weight=-1, debug=False)
CONFIG = dict(num_classes=3, in_channels=4, feat_channels=32, stacked_convs=1)


def tensor(values):
    array = np.asarray(values)
    return dict(shape=list(array.shape), dtype=str(array.dtype),
                data=[float(str(v)) if array.dtype == np.float32 else int(v)
                      for v in array.flatten()])


def prepared(image):
    results = dict(img_path=str(DATA / image["file"]),
                   gt_bboxes=HorizontalBoxes(torch.tensor(image["boxes"], dtype=torch.float32)),
                   gt_bboxes_labels=np.array(image["labels"]),
                   gt_ignore_flags=np.zeros(len(image["labels"]), bool))
    for step in [LoadImageFromFile(), Resize(scale=image["scale"], keep_ratio=True),
                 RandomFlip(prob=float(image["flip"])), PackDetInputs(meta_keys=("img_shape",))]:
        results = step(results)
    return results


samples = [prepared(image) for image in IMAGES]
process = DetDataPreprocessor(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375],
                              bgr_to_rgb=True, pad_size_divisor=32, boxtype2tensor=True)
batch = process(dict(inputs=[s["inputs"] for s in samples],
                     data_samples=[s["data_samples"] for s in samples]))
metas = [s.metainfo for s in batch["data_samples"]]
truth = [s.gt_instances for s in batch["data_samples"]]


def per_image(levels):
    """[B, A, ...] of targets that are listed level by level."""
    return torch.cat(list(levels), 1).numpy()


heads = {
    "atss": GFLHead(reg_max=16, anchor_generator=dict(
        type="AnchorGenerator", ratios=[1.0], octave_base_scale=8, scales_per_octave=1,
        strides=[8, 16, 32, 64, 128]),
        train_cfg=dict(assigner=dict(type="ATSSAssigner", topk=9), **ASSIGN), **CONFIG),
    "maxIou": RetinaHead(reg_decoded_bbox=True, train_cfg=dict(
        assigner=dict(type="MaxIoUAssigner", pos_iou_thr=0.5, neg_iou_thr=0.4, min_pos_iou=0,
                      ignore_iof_thr=-1), sampler=dict(type="PseudoSampler"), **ASSIGN), **CONFIG),
}
targets = {}
for name, head in heads.items():
    anchors, flags = head.get_anchors(SIZES, metas, device="cpu")
    found = head.get_targets(anchors, flags, truth, metas)
    _, labels, weights, boxes = found[:4] if name == "atss" else (None, *found[:3])
    targets[name] = dict(labels=tensor(per_image(labels)), weights=tensor(per_image(weights)),
                         boxes=tensor(per_image(boxes)))
fcos = FCOSHead(strides=[8, 16, 32, 64, 128], center_sampling=True, center_sample_radius=1.5,
                norm_on_bbox=True, **CONFIG)
points = fcos.prior_generator.grid_priors(SIZES, dtype=torch.float32, device="cpu")
labels, _ = fcos.get_targets(points, truth)
targets["fcos"] = dict(labels=tensor(per_image(level.reshape(2, -1) for level in labels)))

print(json.dumps(dict(cases=[dict(
    name="two images of BCCD", source="mmdet Resize, RandomFlip, DetDataPreprocessor, get_targets",
    inputs=dict(images=[dict(image, scale=list(image["scale"])) for image in IMAGES]), params={},
    outputs=dict(batch=tensor(batch["inputs"].permute(0, 2, 3, 1).numpy()),
                 sizes=[list(m["img_shape"]) for m in metas],
                 boxes=[tensor(t.bboxes.numpy()) for t in truth], targets=targets),
    gradients={})]), separators=(",", ":")))
