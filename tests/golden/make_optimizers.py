"""Makes optimizers.json: what torch 2.13.0 does with given gradients.

Run: python make_optimizers.py > optimizers.json (pip install torch==2.13.0)
Per case: parameters before the first step, then for every step the learning
rate, the gradients as they come, and the parameters after the step. float32;
the gradient norm is what torch.nn.utils.clip_grad_norm_ returns. Biases of
convolutions, not of norms, are in groups of their own where `biases` has factors
for them, as mmcv's DefaultOptimizerConstructor makes them of bias_lr_mult and
bias_decay_mult.
"""

import json
import torch

BIASES = dict(rate=2.0, decay=0.0)
CASES = [
    ("sgd", torch.optim.SGD, dict(momentum=0.9, weight_decay=1e-4), None),
    ("sgd without momentum", torch.optim.SGD, dict(momentum=0.0, weight_decay=0.1), None),
    ("adamW", torch.optim.AdamW, dict(betas=(0.9, 0.999), eps=1e-8, weight_decay=0.05), None),
    ("adamW clipped", torch.optim.AdamW, dict(betas=(0.8, 0.99), eps=1e-6, weight_decay=0.2), 1.0),
    ("sgd clipped", torch.optim.SGD, dict(momentum=0.9, weight_decay=1e-4), 1.0),
    ("sgd biases", torch.optim.SGD, dict(momentum=0.9, weight_decay=0.1), None, BIASES),
]
RATES = [1e-3, 4e-3, 4e-3, 1e-2, 0.0, 2e-3]
STEPS = 12


def flat(tensors):
    # numpy prints a float32 with just the digits that tell it from the next.
    return {
        name: [float(str(v)) for v in t.detach().flatten().numpy()]
        for name, t in tensors.items()
    }


def run(number, kind, options, clip, biases=None):
    generator = torch.Generator().manual_seed(100 + number)
    draw = lambda *shape: torch.randn(shape, generator=generator)
    parameters = {
        "conv.weight": torch.nn.Parameter(draw(2, 3)),
        "conv.bias": torch.nn.Parameter(draw(3)),
        "scale": torch.nn.Parameter(torch.tensor(1.0)),
    }
    if biases:
        parameters["gn.weight"] = torch.nn.Parameter(draw(3))
        parameters["gn.bias"] = torch.nn.Parameter(draw(3))
    groups = [dict(params=[p]) for p in parameters.values()]
    for name, group in zip(parameters, groups):
        if biases and name == "conv.bias":
            group["weight_decay"] = options["weight_decay"] * biases["decay"]
            group["factor"] = biases["rate"]
    optimizer = kind(groups, lr=1.0, **options)
    before, steps = flat(parameters), []
    for i in range(STEPS):
        rate = RATES[i % len(RATES)]
        for group in optimizer.param_groups:
            group["lr"] = rate * group.get("factor", 1)
        # Large and tiny gradients: the clip acts on some steps, not on all.
        size = [3.0, 0.1, 1e-4][i % 3]
        for p in parameters.values():
            p.grad = draw(*p.shape) * size
        gradients = flat({n: p.grad for n, p in parameters.items()})
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), clip or float("inf"))
        optimizer.step()
        steps.append(
            dict(rate=rate, gradients=gradients, norm=float(norm), after=flat(parameters))
        )
    return before, steps


cases = []
for number, (name, kind, options, clip, *biases) in enumerate(CASES):
    before, steps = run(number, kind, options, clip, *biases)
    cases.append(
        dict(
            name=name,
            source="torch " + torch.__version__,
            params=options | (dict(biases=biases[0]) if biases else {}),
            inputs=dict(before=before, clip=clip, steps=steps),
        )
    )
print(json.dumps(dict(cases=cases)))
