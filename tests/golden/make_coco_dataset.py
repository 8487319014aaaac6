"""Makes coco_dataset.json: what mmdet's CocoDataset reads of an annotation file.

Run: python make_coco_dataset.py > coco_dataset.json (pip install torch==2.13.0
mmcv-lite==2.1.0 mmdet==3.3.0 pycocotools==2.0.11)
Of a crowd `ignored` is 1, as CocoDataset sets ignore_flag; annotations with
`ignore` it leaves out.
"""

import contextlib
import json
import os
import random
import sys
import tempfile
import types

# mmcv-lite lacks the compiled operators, which no dataset calls.
ext = types.ModuleType("mmcv._ext")
ext.__getattr__ = lambda name: None
sys.modules["mmcv._ext"] = ext

from mmdet.datasets import CocoDataset  # noqa: E402

CATEGORIES = [{"id": id, "name": f"c{id}"} for id in (9, 2, 4, 77)]
NAMES = [category["name"] for category in CATEGORIES]
CASES = [
    ("every image", NAMES, {}),
    ("without empty and small ones", NAMES, {"filter_empty_gt": True, "min_size": 32}),
    ("two classes", ["c2", "c77"], {"filter_empty_gt": True, "min_size": 0}),
]


def make_file(seed):
    draw = random.Random(seed)
    images = [
        {"id": 3 + 7 * at, "file_name": f"{at}.jpg",
         "width": draw.randint(10, 90), "height": draw.randint(10, 90)}
        for at in range(24)
    ]
    draw.shuffle(images)
    annotations = []
    for at in range(150):
        x, y, w, h = (round(draw.uniform(*ends), 2)
                      for ends in ((-20, 70), (-20, 70), (0, 60), (0, 60)))
        w *= draw.choice([0, 0.02] + [1] * 9)
        kind = draw.choice([{}] * 5 + [{"iscrowd": 1}, {"ignore": 1}])
        annotations.append({
            "id": 1000 - at, "image_id": draw.choice(images[:16])["id"],
            "category_id": draw.choice(CATEGORIES)["id"], "bbox": [x, y, w, h],
            "area": draw.choice([0] + [w * h / 2] * 9), "iscrowd": 0, **kind,
        })
    return {"images": images, "annotations": annotations, "categories": CATEGORIES}


def read(file, classes, filter_cfg):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "instances.json")
        with open(path, "w") as stream:
            json.dump(file, stream)
        with contextlib.redirect_stdout(sys.stderr):
            dataset = CocoDataset(
                ann_file=path, data_prefix={"img": folder}, pipeline=[],
                metainfo={"classes": tuple(classes)}, filter_cfg=filter_cfg)
        infos = [dataset.get_data_info(at) for at in range(len(dataset))]
    return [
        {"id": info["img_id"], "width": info["width"], "height": info["height"],
         "boxes": [one["bbox"] for one in info["instances"]],
         "labels": [one["bbox_label"] for one in info["instances"]],
         "ignored": [one["ignore_flag"] for one in info["instances"]]}
        for info in infos
    ]


json.dump({"cases": [
    {"name": name, "source": "mmdet CocoDataset", "inputs": {"file": file},
     "params": {"classes": classes, **filter_cfg},
     "outputs": {"images": read(file, classes, filter_cfg)}, "gradients": None}
    for seed, (name, classes, filter_cfg) in enumerate(CASES)
    for file in [make_file(seed)]
]}, sys.stdout)
