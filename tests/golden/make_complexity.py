"""Makes complexity.json: parameters and FLOPs of MMDetection 3.3.0's detectors.

Run: python make_complexity.py (pip install torch==2.13.0 mmdet==3.3.0
mmengine==0.10.7 mmcv-lite==2.1.0); writes beside itself. Counts those of
tools/analysis_tools/get_flops.py, MMEngine's FlopAnalyzer, of the published
configs, GFL also on ResNet-18, operator by operator. It counts
a multiply-add once.
"""

import json
import sys
from pathlib import Path
from unittest.mock import MagicMock

import torch

# mmcv-lite has no compiled operators; a forward pass calls none.
sys.modules["mmcv._ext"] = MagicMock()

import mmdet
from mmdet.registry import MODELS
from mmdet.utils import register_all_modules
from mmengine.analysis import FlopAnalyzer
from mmengine.config import Config

CONFIGS = Path(mmdet.__file__).parent / ".mim/configs"
GFL = "gfl/gfl_r50_fpn_1x_coco.py"
BASIC = [64, 128, 256, 512]
# name, config, depth and channels of the backbone where they differ
CASES = [
    ("gfl_r18", GFL, 18, BASIC),
    ("gfl_r50", GFL, None, None),
    ("gfl_x101_32x4d", "gfl/gfl_x101-32x4d_fpn_ms-2x_coco.py", None, None),
    ("atss_r50", "atss/atss_r50_fpn_1x_coco.py", None, None),
    ("fcos_r50", "fcos/fcos_r50-caffe_fpn_gn-head-center-normbbox-centeronreg-giou_1x_coco.py", None, None),
    ("retina_r50", "retinanet/retinanet_r50_fpn_1x_coco.py", None, None),
]
SIZES = [(128, 160), (800, 1280)]


def main():
    register_all_modules()
    cases = []
    for name, path, depth, channels in CASES:
        model = Config.fromfile(CONFIGS / path).model
        model.backbone.pop("init_cfg")
        if depth:
            model.backbone.depth, model.neck.in_channels = depth, channels
        detector = MODELS.build(model).eval()
        parameters = sum(p.numel() for p in detector.parameters())
        for height, width in SIZES:
            counts = FlopAnalyzer(detector, (torch.zeros(1, 3, height, width),))
            counts.unsupported_ops_warnings(False)
            counts.uncalled_modules_warnings(False)
            cases.append(
                dict(
                    name=f"{name}_{width}x{height}",
                    source=f"mmengine 0.10.7 FlopAnalyzer of mmdet 3.3.0 {path}",
                    inputs={},
                    params=dict(
                        kind=name.split("_")[0],
                        backbone=dict(
                            kind=model.backbone.type.lower(), depth=model.backbone.depth,
                            style=model.backbone.style,
                        ),
                        plain="gfl" not in name, height=height, width=width,
                    ),
                    outputs=dict(
                        parameters=parameters, flops=int(counts.total()),
                        byOperator={key: int(n) for key, n in sorted(counts.by_operator().items())},
                    ),
                    gradients={},
                )
            )
            print(cases[-1]["name"], cases[-1]["outputs"], flush=True)
    (Path(__file__).parent / "complexity.json").write_text(json.dumps(dict(cases=cases)) + "\n")


main()
