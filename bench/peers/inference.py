"""Detection in eager PyTorch: forward pass, decoding, torchvision's NMS."""

from time import perf_counter

import torch
from safetensors.torch import load_file

import gfl
from layouts import fastest, form_of, peak_memory, round_filters, use_device
from vision import batched_nms, build

SCORE_THRESHOLD = 0.05
PRE_NMS = 1000
IOU_THRESHOLD = 0.6
LIMIT = 100


class Peer:
    def __init__(self, threads, detector, image, levels, device="cpu", precision="float32"):
        torch.set_num_threads(threads)
        self.device = use_device(device)
        self.bfloat16 = precision == "bfloat16"
        data = {name: given.to(self.device) for name, given in load_file(image).items()}
        self.given = data["images"].permute(0, 3, 1, 2)
        height, width = self.given.shape[2:]
        self.reach = torch.tensor([width, height, width, height], device=self.device)
        self.centers = data["centers"]
        self.levels = levels
        self.detector = detector
        self.bins = torch.arange(detector["config"]["regMax"] + 1.0, device=self.device)
        self.use("contiguous")

    def use(self, layout):
        form, compiled = form_of(layout)
        self.images = self.given.contiguous(memory_format=form)
        self.model = gfl.load(**self.detector).to(self.device).eval()
        self.model.to(memory_format=form)
        if self.bfloat16:
            round_filters(self.model)
        if compiled:
            self.model.compile()

    @torch.inference_mode()
    def detect(self):
        """Boxes, scores and labels of the image; how many candidates there were."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            classes, boxes = self.model(self.images)
        classes, boxes = classes.float(), boxes.float()
        start = 0
        found = []
        above = 0
        for stride, count in self.levels:
            scores = classes[0, start : start + count].sigmoid()  # [A, C]
            anchor, label = (scores > SCORE_THRESHOLD).nonzero(as_tuple=True)
            scores = scores[anchor, label]
            above += len(scores)
            if len(scores) > PRE_NMS:
                scores, best = scores.topk(PRE_NMS)
                anchor, label = anchor[best], label[best]
            anchor += start
            distances = boxes[0, anchor].softmax(-1) @ self.bins * stride  # [P, 4]
            centers = self.centers[anchor]
            corners = torch.cat([centers - distances[:, :2], centers + distances[:, 2:]], 1)
            found.append((corners, scores, label))
            start += count
        corners, scores, labels = (torch.cat(parts) for parts in zip(*found))
        corners = torch.minimum(corners.clamp(min=0), self.reach)
        wide = (corners[:, 2:] > corners[:, :2]).all(1)
        corners, scores, labels = corners[wide], scores[wide], labels[wide]
        kept = batched_nms(corners, scores, labels, IOU_THRESHOLD)[:LIMIT]
        return corners[kept], scores[kept], labels[kept], above

    def build(self):
        return build()

    def summary(self):
        boxes, scores, labels, above = self.detect()
        return {
            "boxes": len(boxes),
            "scores": scores.sum().item(),
            "labels": labels.sum().item(),
            "coordinates": boxes.sum().item(),
            "candidates": above,
        }

    def once(self):
        start = perf_counter()
        boxes, *_ = self.detect()
        boxes.cpu()  # waits for the card
        return (perf_counter() - start) * 1000

    def best_layout(self):
        return fastest(self, compiled=self.device.type == "cuda")

    def memory(self):
        return peak_memory(self.device)
