"""Makes published_weights.json: where published weights are to be had, as torchvision
0.28.0, mmengine 0.10.7 and mmdet 3.3.0 say.

Run: python make_published_weights.py > published_weights.json
(pip install torchvision==0.28.0 mmengine==0.10.7 pyyaml; pip install --no-deps mmdet==3.3.0)
"""

import importlib.util
import json
import pathlib

import yaml
from torchvision import models


def folder(package):
    return pathlib.Path(importlib.util.find_spec(package).origin).parent


cases = [
    {
        "name": f"torchvision://resnet{depth}",
        "url": getattr(models, f"ResNet{depth}_Weights").IMAGENET1K_V1.url,
    }
    for depth in (18, 34, 50, 101)
]
hub = json.loads((folder("mmengine") / "hub/openmmlab.json").read_text())
cases += [
    {"name": f"open-mmlab://{name}", "url": hub[name]}
    for name in (
        "resnext101_32x4d",
        "res2net101_v1d_26w_4s",
        "detectron/resnet50_caffe",
        "detectron/resnet101_caffe",
        "detectron2/resnet50_caffe",
        "detectron2/resnet101_caffe",
    )
]
for family in ("gfl", "ld"):
    path = folder("mmdet") / f".mim/configs/{family}/metafile.yml"
    cases += [
        {"name": model["Name"], "url": model["Weights"]}
        for model in yaml.safe_load(path.read_text())["Models"]
    ]
print(json.dumps({"cases": cases}, indent=1))
