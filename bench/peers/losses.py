"""The losses of GFL and of localization distillation, as the released code takes
them: box losses and distillation on the picked locations only.

Letters: B images, A locations of all levels, C classes, n bins, P picked locations.
"""

import torch
from torch.nn import functional as F

EPSILON = 1e-6


class Targets:
    """What each location of a batch is to learn, from dense arrays."""

    def __init__(self, labels, box_targets, vlr, centers, strides, level_sizes, classes):
        self.classes = classes
        self.labels = labels.reshape(-1)  # [B·A], C on background
        self.boxes = box_targets.reshape(-1, 4)
        self.vlr = vlr.reshape(-1)
        batch = len(labels)
        self.batch = batch
        self.centers = centers.repeat(batch, 1)  # [B·A, 2]
        self.strides = strides.repeat(batch)  # [B·A]
        sizes = torch.tensor(level_sizes, device=labels.device)
        levels = torch.arange(len(sizes), device=labels.device)
        self.levels = torch.repeat_interleave(levels, sizes)
        self.levels = self.levels.repeat(batch)  # [B·A]
        self.level_count = len(sizes)


def training_losses(student, teacher, targets, terms):
    """All weighted losses by name; `teacher` is None without distillation."""
    class_logits = student[0].reshape(-1, targets.classes)  # [B·A, C]
    box_logits = student[1].reshape(-1, 4, student[1].shape[-1])  # [B·A, 4, n]
    positive = targets.labels < targets.classes
    main = positive.nonzero().squeeze(1)  # [P]
    losses, weights = gfl_losses(class_logits, box_logits, targets, positive, main)
    if teacher is None:
        return losses
    teacher_classes = teacher[0].reshape(class_logits.shape)
    teacher_boxes = teacher[1].reshape(box_logits.shape)
    vlr = (targets.vlr > 0).nonzero().squeeze(1)
    if "ld" in terms:
        t = terms["ld"]
        kl = soft_kl(box_logits[main], teacher_boxes[main], t["temperature"])
        losses["ld"] = t["weight"] * (kl.sum(1) * weights).sum() / 4
    if "vlrLd" in terms:
        t = terms["vlrLd"]
        kl = soft_kl(box_logits[vlr], teacher_boxes[vlr], t["temperature"])
        losses["vlrLd"] = t["weight"] * (kl.sum(1) * targets.vlr[vlr]).sum() / 16
    for name, region in (("kd", main), ("vlrKd", vlr)):
        if name in terms:
            t = terms[name]
            kl = soft_kl(
                class_logits[region], teacher_classes[region], t["temperature"]
            )
            levels = targets.levels[region]
            counts = torch.bincount(levels, minlength=targets.level_count)
            losses[name] = t["weight"] * (kl / counts[levels]).sum()
    return losses


def gfl_losses(class_logits, box_logits, targets, positive, main):
    """Quality focal, GIoU and distribution focal loss, and the weights [P]."""
    bins = box_logits.shape[-1]
    with torch.no_grad():
        weights = class_logits[main].sigmoid().amax(1)  # [P]
        divisor = weights.sum() + EPSILON
    logits = box_logits[main]  # [P, 4, n]
    log_p = F.log_softmax(logits, -1)
    steps = torch.arange(bins, dtype=log_p.dtype, device=log_p.device)
    distances = log_p.exp() @ steps  # [P, 4]
    strides = targets.strides[main, None]
    centers = targets.centers[main] / strides
    boxes = targets.boxes[main] / strides
    truth = torch.cat([centers - boxes[:, :2], boxes[:, 2:] - centers], 1)  # [P, 4]
    iou, giou = overlaps(distances, truth)

    quality = torch.zeros_like(class_logits)
    quality[main, targets.labels[main]] = iou.detach()
    entropy = F.binary_cross_entropy_with_logits(
        class_logits, quality, reduction="none"
    )
    modulation = (class_logits.sigmoid() - quality).square()
    number = positive.reshape(targets.batch, -1).sum(1).clamp(min=1).sum()

    truth = truth.clamp(0, bins - 1 - 0.1)
    left = truth.long()
    share = truth - left
    pair = torch.stack([left, left + 1], -1)  # [P, 4, 2]
    dfl = -(log_p.gather(-1, pair) * torch.stack([1 - share, share], -1)).sum(-1)
    losses = {
        "qfl": (entropy * modulation).sum() / number,
        "giou": 2 * ((1 - giou) * weights).sum() / divisor,
        "dfl": 0.25 * (dfl.mean(1) * weights).sum() / divisor,
    }
    return losses, weights


def overlaps(a, b):
    """IoU and GIoU of boxes given as distances from one centre: [P, 4] to [P]."""
    area_a = (a[:, 0] + a[:, 2]) * (a[:, 1] + a[:, 3])
    area_b = (b[:, 0] + b[:, 2]) * (b[:, 1] + b[:, 3])
    inner = torch.minimum(a, b)
    outer = torch.maximum(a, b)
    sides = (inner[:, :2] + inner[:, 2:]).clamp(min=0)
    intersection = sides[:, 0] * sides[:, 1]
    union = (area_a + area_b - intersection).clamp(min=EPSILON)
    enclosing = (outer[:, :2] + outer[:, 2:]).prod(1).clamp(min=EPSILON)
    iou = intersection / union
    return iou, iou - (enclosing - union) / enclosing


def soft_kl(student, teacher, temperature):
    """Mean over the last axis of KL(teacher ‖ student) at a temperature, times its
    square: [..., n] to [...]."""
    log_q = F.log_softmax(student / temperature, -1)
    log_p = F.log_softmax(teacher / temperature, -1)
    kl = F.kl_div(log_q, log_p, reduction="none", log_target=True)
    return kl.mean(-1) * temperature**2
