"""ATSS and the VLR of localization distillation, as tensor code on the CPU.

The algorithms as published, in the manner of MMDetection's ATSSAssigner and the
LD repository's get_vlr_region: whole [anchors, boxes] matrices, no Python loop
but over levels, each of the two by itself.
"""

from time import perf_counter

import torch

STRIDES = [8, 16, 32, 64, 128]
SCALE = 8
TOPK = 9
GAMMA = 0.25


def make_anchors(height, width):
    """[A, 4], row-major level after level, and the anchors of each level."""
    levels = []
    for stride in STRIDES:
        y = torch.arange(-(-height // stride)) * float(stride)
        x = torch.arange(-(-width // stride)) * float(stride)
        cy, cx = torch.meshgrid(y, x, indexing="ij")
        centers = torch.stack([cx.flatten(), cy.flatten()], 1)
        half = SCALE * stride / 2
        levels.append(torch.cat([centers - half, centers + half], 1))
    return torch.cat(levels), [len(level) for level in levels]


def area(boxes):
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def overlaps(anchors, gt, divisor):
    """IoU of every pair, or the released "DIoU", which divides by the anchor's area."""
    ax1, ay1, ax2, ay2 = anchors[:, None].unbind(-1)
    gx1, gy1, gx2, gy2 = gt[None].unbind(-1)
    width = (torch.min(ax2, gx2) - torch.max(ax1, gx1)).clamp_(min=0)
    height = (torch.min(ay2, gy2) - torch.max(ay1, gy1)).clamp_(min=0)
    intersection = width * height
    areas = area(anchors)[:, None]
    if divisor == "union":
        union = areas + area(gt)[None] - intersection
        return intersection / union.clamp_(min=1e-6)
    around_x = (torch.max(ax2, gx2) - torch.min(ax1, gx1)).clamp_(min=0)
    around_y = (torch.max(ay2, gy2) - torch.min(ay1, gy1)).clamp_(min=0)
    diagonal = (around_x.square_() + around_y.square_()).clamp_(min=1e-6)
    apart_x = ((gx1 + gx2) - (ax1 + ax2)).square_() / 4
    apart_y = ((gy1 + gy2) - (ay1 + ay2)).square_() / 4
    distance = (apart_x + apart_y) / diagonal
    return intersection / areas.clamp(min=1e-6) - distance


def candidates_of(anchors, level_sizes, gt):
    """The IoU of every pair, the nearest anchors of each box, their IoUs, thresholds."""
    iou = overlaps(anchors, gt, "union")
    centers = (anchors[:, :2] + anchors[:, 2:]) / 2
    gt_centers = (gt[:, :2] + gt[:, 2:]) / 2
    dx = centers[:, None, 0] - gt_centers[None, :, 0]
    dy = centers[:, None, 1] - gt_centers[None, :, 1]
    distances = (dx.square_() + dy.square_()).sqrt_()
    nearest, start = [], 0
    for size in level_sizes:
        level = distances[start : start + size]
        chosen = level.topk(min(TOPK, size), dim=0, largest=False).indices
        nearest.append(chosen + start)
        start += size
    nearest = torch.cat(nearest)
    found = iou[nearest, torch.arange(len(gt))]
    return iou, nearest, found, found.mean(0) + found.std(0)


def assign_atss(anchors, level_sizes, gt, labels, num_classes):
    """The box of each anchor, -1 for none, with its label and its sides."""
    iou, nearest, found, thresholds = candidates_of(anchors, level_sizes, gt)
    x = (anchors[:, 0] + anchors[:, 2])[nearest] / 2
    y = (anchors[:, 1] + anchors[:, 3])[nearest] / 2
    sides = torch.stack([x - gt[:, 0], y - gt[:, 1], gt[:, 2] - x, gt[:, 3] - y])
    positive = (found >= thresholds) & (sides.amin(0) > 0.01)
    best = torch.full_like(iou, -1)
    rows = nearest[positive]
    columns = torch.arange(len(gt)).expand_as(nearest)[positive]
    best[rows, columns] = iou[rows, columns]
    overlap, index = best.max(1)
    index[overlap < 0] = -1
    chosen = index >= 0
    assigned = torch.full_like(index, num_classes)
    assigned[chosen] = labels[index[chosen]]
    targets = torch.zeros_like(anchors)
    targets[chosen] = gt[index[chosen]]
    return index, assigned, targets


def vlr_region(anchors, level_sizes, gt):
    """[A]: the IoU of each anchor of the region, 0 elsewhere."""
    iou, _, _, thresholds = candidates_of(anchors, level_sizes, gt)
    measure = overlaps(anchors, gt, "anchor")
    ring = (measure >= GAMMA * thresholds) & (measure < thresholds)
    return (iou * ring).amax(1)


class Peer:
    def __init__(self, threads, height, width, boxes, labels, num_classes, repeats):
        torch.set_num_threads(threads)
        self.anchors, self.level_sizes = make_anchors(height, width)
        self.gt = torch.tensor(boxes, dtype=torch.float32).view(-1, 4)
        self.labels = torch.tensor(labels)
        self.num_classes = num_classes
        self.repeats = repeats

    def _assign(self):
        anchors, sizes, gt = self.anchors, self.level_sizes, self.gt
        assigned = assign_atss(anchors, sizes, gt, self.labels, self.num_classes)
        return *assigned, vlr_region(anchors, sizes, gt)

    def results(self):
        """What `once` computes, to be compared."""
        index, labels, targets, region = self._assign()
        return {
            "gtIndex": index.tolist(),
            "labels": labels.tolist(),
            "boxTargets": targets.flatten().tolist(),
            "vlr": region.tolist(),
        }

    def once(self):
        start = perf_counter()
        for _ in range(self.repeats):
            self._assign()
        return (perf_counter() - start) * 1e3 / self.repeats
