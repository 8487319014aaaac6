"""Makes dense_heads.json and .safetensors: heads and losses of MMDetection 3.3.0.

Run: python make_dense_heads.py (pip install torch==2.13.0 mmdet==3.3.0
mmengine==0.10.7 mmcv-lite==2.1.0 safetensors); writes beside itself.
Per case: weights, features, outputs, losses, and the norm of each weight's
gradient of the losses' sum. The heads with distributions are MMDetection's with
wider box layers, whose integrals over the distributions are decoded from the
centres, as in HikariTJU/LD; GFLv2's quality is written out from its paper.
"""

import json
import sys
from pathlib import Path
from unittest.mock import MagicMock

import torch

# mmcv-lite has no compiled operators; heads and losses on CPU call none.
sys.modules["mmcv._ext"] = MagicMock()

from mmdet.models.dense_heads import ATSSHead, FCOSHead, GFLHead, RetinaHead
from mmdet.models.task_modules import DeltaXYWHBBoxCoder
from mmengine.structures import InstanceData
from safetensors.torch import save_file
from torch import nn

HEIGHT, WIDTH, CLASSES, IN, CHANNELS = 56, 72, 3, 4, 8
STRIDES = [8, 16, 32, 64, 128]
SIZES = [(7, 9), (4, 5), (2, 3), (1, 2), (1, 1)]
NORM = dict(type="GN", num_groups=4, requires_grad=True)
ASSIGN = dict(allowed_border=-1, pos_weight=-1, debug=False)
ATSS = dict(assigner=dict(type="ATSSAssigner", topk=9), **ASSIGN)
MAX_IOU = dict(
    assigner=dict(
        type="MaxIoUAssigner", pos_iou_thr=0.5, neg_iou_thr=0.4, min_pos_iou=0, ignore_iof_thr=-1
    ),
    sampler=dict(type="PseudoSampler"),
    **ASSIGN,
)
FOCAL = dict(type="FocalLoss", use_sigmoid=True, gamma=2.0, alpha=0.25, loss_weight=1.0)
SIZE = dict(num_classes=CLASSES, in_channels=IN, feat_channels=CHANNELS)


def giou(weight):
    return dict(type="GIoULoss", loss_weight=weight)


def deltas(*stds):
    return dict(type="DeltaXYWHBBoxCoder", target_means=[0.0] * 4, target_stds=list(stds))


def square_anchors():
    return dict(
        type="AnchorGenerator", ratios=[1.0], octave_base_scale=8, scales_per_octave=1, strides=STRIDES
    )


class Distances(DeltaXYWHBBoxCoder):
    """Boxes as distances in pixels from the centres of anchors."""

    def decode(self, anchors, distances, **kwargs):
        centers = (anchors[:, :2] + anchors[:, 2:]) / 2
        return torch.cat([centers - distances[:, :2], centers + distances[:, 2:]], -1)


def integrals(maps, bins, unit):
    """Maps [N, a * 4n, H, W] to distances [N, a * 4, H, W]; unit: of each level."""
    out = []
    for x, u in zip(maps, unit):
        n, _, h, w = x.shape
        p = x.reshape(n, -1, bins, h, w).softmax(2)
        out.append((p * torch.arange(float(bins)).reshape(1, 1, -1, 1, 1)).sum(2) * u)
    return out


def wider(head, name, bins):
    layer = getattr(head, name)
    setattr(head, name, nn.Conv2d(layer.in_channels, layer.out_channels * bins, 3, padding=1))


class ATSSGFL(ATSSHead):
    def __init__(self, reg_max, **kwargs):
        self.bins = reg_max + 1
        super().__init__(**kwargs)
        self.bbox_coder = Distances()

    def _init_layers(self):
        super()._init_layers()
        wider(self, "atss_reg", self.bins)

    def loss_by_feat(self, cls, box, *rest):
        return super().loss_by_feat(cls, integrals(box, self.bins, STRIDES), *rest)


class RetinaGFL(RetinaHead):
    def __init__(self, reg_max, **kwargs):
        self.bins = reg_max + 1
        super().__init__(**kwargs)
        self.bbox_coder = Distances()

    def _init_layers(self):
        super()._init_layers()
        wider(self, "retina_reg", self.bins)
        # The released head's names.
        self.atss_cls, self.atss_reg = self.retina_cls, self.retina_reg
        del self.retina_cls, self.retina_reg
        self.init_cfg["override"]["name"] = "atss_cls"

    def forward_single(self, x):
        a = b = x
        for layer in self.cls_convs:
            a = layer(a)
        for layer in self.reg_convs:
            b = layer(b)
        return self.atss_cls(a), self.atss_reg(b)

    def loss_by_feat(self, cls, box, *rest):
        return super().loss_by_feat(cls, integrals(box, self.bins, STRIDES), *rest)


class FCOSGFL(FCOSHead):
    def __init__(self, reg_max, **kwargs):
        self.bins = reg_max + 1
        super().__init__(**kwargs)

    def _init_layers(self):
        super()._init_layers()
        wider(self, "conv_reg", self.bins)

    def forward_single(self, x, scale, stride):
        a = b = x
        for layer in self.cls_convs:
            a = layer(a)
        for layer in self.reg_convs:
            b = layer(b)
        return self.conv_cls(a), scale(self.conv_reg(b)), self.conv_centerness(b)

    def loss_by_feat(self, cls, box, *rest):
        return super().loss_by_feat(cls, integrals(box, self.bins, [1] * 5), *rest)


class Scores(torch.Tensor):
    """Scores where GFLHead has logits: it weighs locations by their sigmoid."""

    def sigmoid(self):
        return self


class GFLV2(GFLHead):
    """Li et al., "Generalized Focal Loss V2", CVPR 2021, section 3.2."""

    def _init_layers(self):
        super()._init_layers()
        self.reg_conf = nn.Sequential(
            nn.Conv2d(20, 64, 1), nn.ReLU(), nn.Conv2d(64, 1, 1), nn.Sigmoid()
        )

    def forward_single(self, x, scale):
        cls, box = super().forward_single(x, scale)
        n, _, h, w = box.shape
        top = box.reshape(n, 4, -1, h, w).softmax(2).topk(4, dim=2)[0]
        statistics = torch.cat([top, top.mean(2, keepdim=True)], 2).reshape(n, 20, h, w)
        return cls, box, cls.sigmoid() * self.reg_conf(statistics)

    def loss_by_feat(self, cls, box, scores, *rest):
        scores = [score.as_subclass(Scores) for score in scores]
        return super().loss_by_feat(scores, box, *rest)


FCOS = dict(
    strides=STRIDES, norm_cfg=NORM, norm_on_bbox=True, centerness_on_reg=True, center_sampling=True,
    loss_cls=FOCAL, loss_bbox=giou(1.0), train_cfg=None, **SIZE,
)
ATSS_HEAD = dict(
    norm_cfg=NORM, anchor_generator=square_anchors(), bbox_coder=deltas(0.1, 0.1, 0.2, 0.2),
    loss_cls=FOCAL, loss_bbox=giou(2.0), train_cfg=ATSS, **SIZE,
)
RETINA = dict(loss_cls=FOCAL, train_cfg=MAX_IOU, **SIZE)
RETINA_GIOU = dict(RETINA, reg_decoded_bbox=True, bbox_coder=deltas(1, 1, 1, 1), loss_bbox=giou(2.0))
GFL = dict(
    norm_cfg=NORM, anchor_generator=square_anchors(), train_cfg=ATSS,
    loss_cls=dict(type="QualityFocalLoss", use_sigmoid=True, beta=2.0, loss_weight=1.0),
    loss_bbox=giou(2.0), loss_dfl=dict(type="DistributionFocalLoss", loss_weight=0.25), **SIZE,
)
GFL_V2 = dict(GFL, loss_cls=dict(GFL["loss_cls"], activated=True))
BOXES = [
    [[9.5, 7.2, 50.3, 44.8], [30.1, 20.6, 68.7, 50.9], [2.2, 25.4, 30.9, 52.1]],
    [[30.7, 4.1, 65.2, 39.3], [5.3, 5.8, 70.6, 53.4]],
]
LABELS = [[0, 2, 1], [1, 0]]
# name, kind, head, its settings, regMax, convolutions of a tower, images with boxes;
# None where the scores alone are pulled
CASES = [
    ("atss", "atss", ATSSHead, ATSS_HEAD, None, 2, (0, 1)),
    ("atss_one_empty", "atss", ATSSHead, ATSS_HEAD, None, 1, (0,)),
    ("atss_all_empty", "atss", ATSSHead, ATSS_HEAD, None, 1, ()),
    ("atss_gfl", "atss", ATSSGFL, ATSS_HEAD, 5, 1, (0, 1)),
    ("atss_gfl_one_empty", "atss", ATSSGFL, ATSS_HEAD, 5, 1, (1,)),
    ("fcos", "fcos", FCOSHead, dict(FCOS, conv_bias=True), None, 2, (0, 1)),
    ("fcos_one_empty", "fcos", FCOSHead, dict(FCOS, conv_bias=True), None, 1, (0,)),
    ("fcos_all_empty", "fcos", FCOSHead, dict(FCOS, conv_bias=True), None, 1, ()),
    ("fcos_gfl", "fcos", FCOSGFL, FCOS, 5, 1, (0, 1)),
    ("fcos_gfl_one_empty", "fcos", FCOSGFL, FCOS, 5, 1, (1,)),
    ("retina", "retina", RetinaHead, dict(RETINA, loss_bbox=dict(type="L1Loss", loss_weight=1.0)), None, 1, (0, 1)),
    ("retina_one_empty", "retina", RetinaHead, dict(RETINA, loss_bbox=dict(type="L1Loss", loss_weight=1.0)), None, 1, (1,)),
    ("retina_gfl", "retina", RetinaGFL, RETINA_GIOU, 3, 1, (0, 1)),
    ("gfl_v2", "gflV2", GFLV2, GFL, 5, 1, None),
    ("gfl_v2_losses", "gflV2", GFLV2, GFL_V2, 5, 1, (0, 1)),
    ("gfl_v2_one_empty", "gflV2", GFLV2, GFL_V2, 5, 1, (1,)),
    ("gfl_v2_all_empty", "gflV2", GFLV2, GFL_V2, 5, 1, ()),
]
METAS = [dict(img_shape=(HEIGHT, WIDTH), pad_shape=(HEIGHT, WIDTH), scale_factor=(1.0, 1.0))] * 2


def build(head, settings, reg_max, convs):
    more = {} if reg_max is None else dict(reg_max=reg_max)
    return head(stacked_convs=convs, **settings, **more)


def truth(image, with_boxes):
    there = image in with_boxes
    return InstanceData(
        bboxes=torch.tensor(BOXES[image] if there else []).reshape(-1, 4),
        labels=torch.tensor(LABELS[image] if there else [], dtype=torch.long),
    )


def scatter(head, draw):
    """Weights that let the outputs differ, unlike those of the start."""
    with torch.no_grad():
        for name, p in head.named_parameters():
            if p.ndim == 4:
                p.copy_(draw(*p.shape) * 1.2 / p[0].numel() ** 0.5)
            elif name.endswith("gn.weight"):
                p.copy_(1 + 0.2 * draw(*p.shape))
            elif name.endswith("scale"):
                p.copy_(0.8 + 0.2 * draw(*p.shape))
            else:
                p.copy_(0.3 * draw(*p.shape))


def main():
    tensors, cases = {}, []
    for number, (name, kind, make, settings, reg_max, convs, with_boxes) in enumerate(CASES):
        generator = torch.Generator().manual_seed(700 + number)
        draw = lambda *shape: torch.randn(shape, generator=generator)
        head = build(make, settings, reg_max, convs)
        torch.manual_seed(number)
        head.init_weights()
        start = {
            key: dict(
                mean=float(p.mean()), deviation=float(p.std()) if p.numel() > 1 else 0.0, shape=list(p.shape)
            )
            for key, p in head.named_parameters()
        }
        scatter(head, draw)
        features = [draw(2, IN, h, w) for h, w in SIZES]
        outputs = head(features)
        if with_boxes is None:
            pull = [draw(*score.shape) for score in outputs[2]]
            losses = dict(pulled=sum((s * p).sum() for s, p in zip(outputs[2], pull)))
        else:
            given = [truth(image, with_boxes) for image in range(2)]
            losses = {
                key: sum(loss) if isinstance(loss, list) else loss
                for key, loss in head.loss_by_feat(*outputs, given, METAS).items()
            }
            pull = []
        sum(losses.values()).backward()
        names = ["classLogits", "boxLogits", "scores" if kind == "gflV2" else "centerness"]
        for key, maps in [("in", features), ("pull", pull)] + list(zip(names, outputs)):
            for level, x in enumerate(maps):
                tensors[f"{name}/{key}.{level}"] = x.detach().contiguous()
        for key, p in head.named_parameters():
            tensors[f"{name}/weights/{key}"] = p.detach().contiguous()
        cases.append(
            dict(
                name=name,
                source=f"mmdet 3.3.0 {make.__mro__[0 if make.__module__ != '__main__' else 1].__name__}",
                inputs=dict(
                    boxes=[BOXES[i] if i in (with_boxes or ()) else [] for i in range(2)],
                    labels=[LABELS[i] if i in (with_boxes or ()) else [] for i in range(2)],
                ),
                params=dict(
                    kind=kind, height=HEIGHT, width=WIDTH, featmap_sizes=SIZES, strides=STRIDES,
                    inChannels=IN, channels=CHANNELS, convs=convs, groups=NORM["num_groups"],
                    numClasses=CLASSES, regMax=reg_max,
                ),
                outputs=dict(losses={key: float(loss) for key, loss in losses.items()}, start=start),
                gradients={
                    key: 0.0 if p.grad is None else float(p.grad.norm())
                    for key, p in head.named_parameters()
                },
            )
        )
        print(name, {k: round(float(v), 5) for k, v in losses.items()})
    folder = Path(__file__).parent
    save_file(tensors, folder / "dense_heads.safetensors")
    (folder / "dense_heads.json").write_text(json.dumps(dict(cases=cases)) + "\n")


main()
