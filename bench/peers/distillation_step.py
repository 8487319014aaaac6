"""A distillation step in eager PyTorch: the teacher's forward pass, the student's
training step."""

from time import perf_counter

import torch
from safetensors.torch import load_file

import gfl
from layouts import fastest, form_of, peak_memory, round_filters, use_device
from losses import Targets, training_losses


class Peer:
    def __init__(
        self,
        threads,
        student,
        teacher,
        cached,
        batch,
        levels,
        optimizer,
        terms,
        precision,
        clip,
        device="cpu",
    ):
        torch.set_num_threads(threads)
        self.device = use_device(device)
        self.options = student, teacher, optimizer
        self.terms = terms
        self.bfloat16 = precision == "bfloat16"
        self.clip = clip
        data = {name: given.to(self.device) for name, given in load_file(batch).items()}
        self.given = data["images"].permute(0, 3, 1, 2)
        self.cached = None
        if cached:
            with torch.no_grad():
                self.cached = gfl.load(**teacher).to(self.device).eval()(self.given)
        self.targets = Targets(
            data["labels"].long(),
            data["boxTargets"],
            data["vlr"],
            data["centers"],
            data["strides"],
            levels,
            student["config"]["numClasses"],
        )

    def use(self, layout):
        """Starts anew, from the given weights, in a memory layout."""
        student, teacher, optimizer = self.options
        form, compiled = form_of(layout)
        self.images = self.given.contiguous(memory_format=form)
        self.student = gfl.load(**student).to(self.device)
        self.student.to(memory_format=form).train()
        self.teacher = None
        if self.cached is None:
            self.teacher = gfl.load(**teacher).to(self.device)
            self.teacher.to(memory_format=form).eval()
            if self.bfloat16:
                round_filters(self.teacher)
        weights = [p for p in self.student.parameters() if p.requires_grad]
        kind = {"sgd": torch.optim.SGD, "adamW": torch.optim.AdamW}[optimizer["kind"]]
        settings = {name: optimizer[name] for name in optimizer if name != "kind"}
        self.optimizer = kind(weights, fused=True, **settings)
        if compiled:
            self.student.compile()
            if self.teacher is not None:
                self.teacher.compile()

    def step(self):
        """One update; the losses that it was made from, by name."""
        autocast = torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16)
        with autocast:
            teacher = self.cached
            if self.teacher is not None:
                with torch.no_grad():
                    teacher = self.teacher(self.images)
            student = self.student(self.images)
        # Losses are float32, as autocast itself would have the softmaxes.
        student = [logits.float() for logits in student]
        teacher = [logits.float() for logits in teacher]
        losses = training_losses(student, teacher, self.targets, self.terms)
        total = sum(losses.values())
        self.optimizer.zero_grad()
        total.backward()
        if self.clip is not None:
            torch.nn.utils.clip_grad_norm_(self.student.parameters(), self.clip)
        self.optimizer.step()
        losses["total"] = total
        return {name: loss.item() for name, loss in losses.items()}

    def once(self):
        start = perf_counter()
        self.step()
        return (perf_counter() - start) * 1000

    def best_layout(self):
        return fastest(self, compiled=self.device.type == "cuda")

    def memory(self):
        return peak_memory(self.device)
