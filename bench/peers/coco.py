"""pycocotools' COCOeval of boxes."""

import contextlib
import io
import json
from time import perf_counter

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def silence():
    """pycocotools tells on stdout what it does; the table says enough."""
    return contextlib.redirect_stdout(io.StringIO())


class Peer:
    def __init__(self, threads, file, num_classes):
        with open(file) as lines:
            data = json.load(lines)
        self.truths = COCO()
        annotations = []
        for image, truth in enumerate(data["truths"]):
            boxes = np.reshape(truth["boxes"], (-1, 4))
            for place, (x1, y1, x2, y2) in enumerate(boxes.tolist()):
                annotations.append({
                    "id": len(annotations) + 1,
                    "image_id": image,
                    "category_id": truth["labels"][place],
                    "bbox": [x1, y1, x2 - x1, y2 - y1],
                    "area": truth["areas"][place],
                    "iscrowd": truth["crowd"][place],
                })
        self.truths.dataset = {
            "info": {},
            "images": [{"id": image} for image in range(len(data["truths"]))],
            "categories": [{"id": label} for label in range(num_classes)],
            "annotations": annotations,
        }
        with silence():
            self.truths.createIndex()
        rows = []  # image, x, y, width, height, score, category
        for image, found in enumerate(data["detections"]):
            boxes = np.reshape(found["boxes"], (-1, 4))
            rows.append(np.column_stack([
                np.full(len(boxes), image),
                boxes[:, :2],
                boxes[:, 2:] - boxes[:, :2],
                found["scores"],
                found["labels"],
            ]))
        with silence():
            self.detections = self.truths.loadRes(np.concatenate(rows))

    def _evaluate(self):
        evaluation = COCOeval(self.truths, self.detections, "bbox")
        with silence():
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        return evaluation.stats

    def stats(self):
        return self._evaluate().tolist()

    def once(self):
        start = perf_counter()
        self._evaluate()
        return (perf_counter() - start) * 1e3
