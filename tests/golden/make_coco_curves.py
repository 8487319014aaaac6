"""Makes coco_curves.json: the arrays COCOeval accumulates, on seeded boxes.

Run: python make_coco_curves.py > coco_curves.json
     (pip install pycocotools==2.0.11 numpy==2.4.6)
Per case: ground truth and results as COCO has them in JSON, ids with gaps, and
`eval["recall"]` [T, K, A, M] whole; of `eval["precision"]` [T, R, K, A, M] the
thresholds of `params.thresholds`; -1 where there is nothing to be found. Edges
of boxes and scores are float32, so `bbox` holds exact differences of them and
the results are what a writer of float32 detections has to give.
"""

import contextlib
import io
import json

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

THRESHOLDS = [0, 5, 9]
# name, images, category ids, boxes an image and class, detections a box, limits
CASES = [
    ("usual limits", 6, [2, 5, 90], 3, 5, [1, 10, 100]),
    ("other limits", 5, [7, 11], 4, 3, [2, 5, 300]),
]


def float32(values):
    return np.asarray(values, dtype=np.float32)


def xywh(edges):
    x1, y1, x2, y2 = (float(edge) for edge in edges)
    return [x1, y1, x2 - x1, y2 - y1]


def make_box(rng):
    sides = 2 ** rng.uniform(3, 7.5, 2)
    corner = rng.uniform(0, 200, 2)
    return float32([*corner, *(corner + sides)])


def make(rng, images, categories, per_class, per_box):
    image_ids = [3 + 10 * i for i in range(images)]
    truths, found = [], []
    for image in image_ids[1:]:  # the first one is empty
        for category in categories[:-1]:  # the last one has no boxes
            for _ in range(per_class):
                box = make_box(rng)
                bbox = xywh(box)
                truths.append(
                    dict(
                        id=len(truths) + 1,
                        image_id=image,
                        category_id=category,
                        bbox=bbox,
                        area=bbox[2] * bbox[3] * rng.uniform(0.5, 1),
                        iscrowd=int(rng.random() < 0.1),
                    )
                )
                for _ in range(per_box):
                    moved = float32(box + rng.normal(0, rng.choice([0.3, 3]), 4))
                    near = rng.random() < 0.6 and (moved[2:] > moved[:2]).all()
                    chosen = category if rng.random() < 0.9 else rng.choice(categories)
                    found.append((image, int(chosen), moved if near else make_box(rng)))
    for _ in range(3):  # in the empty image
        found.append((image_ids[0], categories[0], make_box(rng)))
    # Scores in steps of 1/64: exact in float32, with ties.
    scores = rng.integers(1, 64, len(found)) / 64
    results = [
        dict(image_id=image, category_id=category, bbox=xywh(box), score=float(score))
        for (image, category, box), score in zip(found, scores)
    ]
    # As a detector gives them: image by image, best first.
    results.sort(key=lambda row: (row["image_id"], -row["score"]))
    truth = dict(
        images=[dict(id=i) for i in image_ids],
        categories=[dict(id=c) for c in categories],
        annotations=truths,
    )
    return truth, results


def tensor(values):
    return dict(
        shape=list(values.shape), dtype="float64", data=values.flatten().tolist()
    )


def run(truth, results, limits):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = json.loads(json.dumps(truth))
        coco.createIndex()
        loaded = coco.loadRes(json.loads(json.dumps(results)))
        evaluation = COCOeval(coco, loaded, "bbox")
        evaluation.params.maxDets = limits
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation.eval


cases = []
for number, (name, images, categories, per_class, per_box, limits) in enumerate(CASES):
    rng = np.random.default_rng(200 + number)
    truth, results = make(rng, images, categories, per_class, per_box)
    out = run(truth, results, limits)
    cases.append(
        dict(
            name=name,
            source="pycocotools 2.0.11 COCOeval.accumulate",
            inputs=dict(gt=truth, dt=results),
            params=dict(maxDets=limits, thresholds=THRESHOLDS),
            outputs=dict(
                precision=tensor(out["precision"][THRESHOLDS]),
                recall=tensor(out["recall"]),
            ),
        )
    )
print(json.dumps(dict(cases=cases)))
