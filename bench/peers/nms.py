"""torchvision's NMS on the CPU."""

from time import perf_counter

import torch

from vision import build, nms


class Peer:
    def __init__(self, threads, boxes, scores, iou_threshold, repeats):
        torch.set_num_threads(threads)
        self.boxes = torch.tensor(boxes).view(-1, 4)
        self.scores = torch.tensor(scores)
        self.iou_threshold = iou_threshold
        self.repeats = int(repeats)

    def build(self):
        return build()

    def kept(self):
        return nms(self.boxes, self.scores, self.iou_threshold).tolist()

    def once(self):
        start = perf_counter()
        for _ in range(self.repeats):
            nms(self.boxes, self.scores, self.iou_threshold)
        return (perf_counter() - start) * 1e3 / self.repeats
