"""Makes detector_losses.json: training steps of whole detectors of MMDetection 3.3.0.

Run: python make_detector_losses.py (pip install torch==2.13.0 torchvision==0.28.0
mmdet==3.3.0 mmengine==0.10.7 mmcv-lite==2.1.0 safetensors); writes beside itself.
Each case is one of MMDetection's configs, made narrow as by make_detectors.py, in
training mode: `model.loss` of two images of different sizes, padded each to 32
pixels and both to the batch's size, gives the losses and the norm of each
parameter's gradient of their sum, null where it has none. `learning` cases have no
frozen stage and batch norms that take the batch's statistics. Weights and images
are `noise` of their names, so none are stored.
"""

import json
from pathlib import Path

import make_detectors as detectors
import torch
from mmdet.structures import DetDataSample
from mmdet.utils import register_all_modules
from mmengine.structures import InstanceData

SIZE = (192, 320)  # of the batch, height and width
IMAGES = [(171, 310), (120, 200)]  # inside it
BOXES = [
    [
        [10.5, 12.2, 300.3, 168.8],
        [40.1, 30.6, 118.7, 100.9],
        [130.2, 95.4, 158.9, 122.1],
        [200.7, 4.1, 228.2, 60.3],
        [45.9, 36.4, 110.2, 160.5],
    ],
    [[80.7, 14.1, 195.2, 119.3], [5.3, 65.8, 60.6, 113.4], [150.4, 40.2, 171.7, 63.9]],
]
LABELS = [[0, 2, 1, 1, 0], [1, 0, 2]]
BOTH, FIRST, SECOND, NONE = (0, 1), (0,), (1,), ()
# The kind of its config, the name of its case, images with boxes, whether all learn
CASES = [
    ("gfl/gfl_r50_fpn_1x_coco", "gfl", BOTH, False),
    ("gfl/gfl_r50_fpn_1x_coco", "gfl_first", FIRST, False),
    ("gfl/gfl_r50_fpn_1x_coco", "gfl_learning", BOTH, True),
    ("gfl/gfl_r101-dconv-c3-c5_fpn_ms-2x_coco", "gfl_deformable", BOTH, False),
    ("gfl/gfl_x101-32x4d-dconv-c4-c5_fpn_ms-2x_coco", "gfl_resnext_deformable", SECOND, False),
    ("atss/atss_r50_fpn_1x_coco", "atss", BOTH, False),
    ("atss/atss_r50_fpn_1x_coco", "atss_second", SECOND, False),
    ("atss/atss_r50_fpn_1x_coco", "atss_none", NONE, False),
    ("atss/atss_r50_fpn_1x_coco", "atss_learning", BOTH, True),
    (detectors.CASES[9][0], "fcos", BOTH, False),
    (detectors.CASES[9][0], "fcos_first", FIRST, False),
    (detectors.CASES[9][0], "fcos_none", NONE, False),
    (detectors.CASES[9][0], "fcos_learning", BOTH, True),
    ("retinanet/retinanet_r50_fpn_1x_coco", "retina", BOTH, False),
    ("retinanet/retinanet_r50_fpn_1x_coco", "retina_second", SECOND, False),
    ("retinanet/retinanet_r50_fpn_1x_coco", "retina_none", NONE, False),
    ("retinanet/retinanet_r50_fpn_1x_coco", "retina_learning", BOTH, True),
    ("ld/ld_r18-gflv1-r101_fpn_1x_coco", "ld", BOTH, False),
    ("ld/ld_r18-gflv1-r101_fpn_1x_coco", "ld_first", FIRST, False),
    ("ld/ld_r18-gflv1-r101_fpn_1x_coco", "ld_learning", BOTH, True),
]
# What narrow backbones have beside their width.
CHANGES = dict(
    gfl_deformable=dict(depth=50), gfl_resnext_deformable=dict(depth=50, groups=4)
)
MODES = ["frozen_stages", "norm_eval", "norm_cfg"]


def fill(model, prefix=""):
    """Weights from their names, so that a teacher's differ from its student's."""
    weights = detectors.weights_of(model)
    state = {name: detectors.fill(prefix + name, tuple(v.shape)) for name, v in weights.items()}
    model.load_state_dict(state, strict=False)


def padded(size):
    return tuple(-(-side // 32) * 32 for side in size)


def batch():
    shape = (len(IMAGES), 3, *SIZE)
    images = (4 * (detectors.noise("images", shape) - 0.5)).float()
    for image, (height, width) in zip(images, IMAGES):
        image[:, height:] = 0
        image[:, :, width:] = 0
    return images


def samples(with_boxes):
    found = []
    for i, size in enumerate(IMAGES):
        there = i in with_boxes
        truth = InstanceData(
            bboxes=torch.tensor(BOXES[i] if there else []).reshape(-1, 4),
            labels=torch.tensor(LABELS[i] if there else [], dtype=torch.long),
        )
        meta = dict(
            img_shape=size, pad_shape=padded(size), batch_input_shape=SIZE, scale_factor=(1.0, 1.0)
        )
        found.append(DetDataSample(metainfo=meta, gt_instances=truth))
    return found


def build(config, name, learning):
    settings = detectors.Config.fromfile(detectors.CONFIGS / f"{config}.py").model
    model = detectors.narrowed(detectors.model_of(config), CHANGES.get(name, {}))
    if learning:
        model.backbone.update(frozen_stages=-1, norm_eval=False)
        model.backbone.norm_cfg = dict(type="BN", requires_grad=True)
    params = dict(narrow=detectors.params_of(model, False))
    if name.startswith("ld"):
        teacher = detectors.narrowed(detectors.model_of("gfl/gfl_r50_fpn_1x_coco"), {})
        params["teacher"] = detectors.params_of(teacher, False)
        model.type = settings.type
        model.teacher_config = dict(model=teacher)
    params["narrow"]["backbone"].update({key: model.backbone[key] for key in MODES})
    network = detectors.build(model, False)
    fill(network)
    if name.startswith("ld"):
        fill(network.teacher_model, "teacher ")
    network.train()
    return network, params


def main():
    register_all_modules()
    cases = []
    for config, name, with_boxes, learning in CASES:
        network, params = build(config, name, learning)
        found = network.loss(batch(), samples(with_boxes))
        losses = {
            key: sum(one) if isinstance(one, list) else one for key, one in found.items()
        }
        sum(losses.values()).backward()
        losses = {key: float(one) for key, one in losses.items()}
        cases.append(
            dict(
                name=name,
                source=f"mmdet 3.3.0 configs/{config}.py",
                inputs=dict(
                    size=SIZE,
                    images=IMAGES,
                    boxes=[BOXES[i] if i in with_boxes else [] for i in range(2)],
                    labels=[LABELS[i] if i in with_boxes else [] for i in range(2)],
                ),
                params=params,
                outputs=dict(losses=losses),
                gradients={
                    key: None if p.grad is None else float(p.grad.norm())
                    for key, p in network.named_parameters()
                },
            )
        )
        print(name, losses)
    text = json.dumps(dict(cases=cases))
    (Path(__file__).parent / "detector_losses.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
