"""The models of bench/Model in plain PyTorch operators: prints the best time of one run in seconds.

Usage: torch_models.py encoder|prefill|decode THREADS float32|bfloat16 LAYERS
"""
import sys
import time

import torch
import torch.nn.functional as F

what, threads, dtype, layers = sys.argv[1], int(sys.argv[2]), getattr(torch, sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)


def weight(*shape):
    return (torch.rand(*shape) - 0.5).mul_(3.4 / shape[-1] ** 0.5).to(dtype)


def attend(q, k, v, mask=None):
    scores = (q @ k.transpose(-1, -2)) * q.shape[-1] ** -0.5
    if mask is not None:
        scores = scores + mask
    return torch.softmax(scores, dim=-1) @ v


def encoder():
    hidden, heads, tokens = 1024, 16, 577
    patch, positions = weight(hidden, 3, 14, 14), weight(tokens, hidden)
    blocks = [[weight(hidden, hidden) for _ in range(4)] + [weight(4 * hidden, hidden), weight(hidden, 4 * hidden)] for _ in range(layers)]
    one, zero, wide = torch.ones(hidden, dtype=dtype), torch.zeros(hidden, dtype=dtype), torch.zeros(4 * hidden, dtype=dtype)
    pixels = torch.randn(1, 3, 336, 336).to(dtype)

    def split(x):
        return x.view(tokens, heads, -1).transpose(0, 1)

    def run():
        x = F.conv2d(pixels, patch, stride=14).flatten(2).transpose(1, 2)[0]
        x = F.layer_norm(torch.cat([zero[None], x]) + positions, (hidden,), one, zero)
        for q, k, v, o, up, down in blocks:
            n = F.layer_norm(x, (hidden,), one, zero)
            a = attend(split(F.linear(n, q, zero)), split(F.linear(n, k, zero)), split(F.linear(n, v, zero)))
            x = x + F.linear(a.transpose(0, 1).reshape(tokens, hidden), o, zero)
            h = F.linear(F.layer_norm(x, (hidden,), one, zero), up, wide)
            x = x + F.linear(h * torch.sigmoid(1.702 * h), down, zero)
        return x

    return run


def llama(prompt):
    hidden, heads, kv_heads, dim, wide, vocabulary, held = 2048, 32, 8, 64, 8192, 128256, 32
    table = weight(vocabulary, hidden)
    blocks = [[weight(hidden, hidden), weight(kv_heads * dim, hidden), weight(kv_heads * dim, hidden), weight(hidden, hidden),
               weight(wide, hidden), weight(wide, hidden), weight(hidden, wide)] for _ in range(layers)]
    one = torch.ones(hidden, dtype=dtype)
    decoding = prompt == 1
    caches = [(torch.zeros(kv_heads, held, dim, dtype=dtype), torch.zeros(kv_heads, held, dim, dtype=dtype)) for _ in range(layers)]
    ids = torch.arange(prompt)
    angles = torch.outer(torch.arange(prompt).float(), 500000.0 ** (-torch.arange(0, dim, 2).float() / dim))
    cos, sin = angles.cos().to(dtype), angles.sin().to(dtype)
    mask = None if decoding else torch.full((prompt, prompt), float("-inf"), dtype=dtype).triu(1)

    def norm(x):
        return x * torch.rsqrt(x.float().pow(2).mean(-1, keepdim=True) + 1e-5).to(dtype) * one

    def turn(x):
        a, b = x[..., : dim // 2], x[..., dim // 2:]
        return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)

    def split(x, count):
        return x.view(prompt, count, dim).transpose(0, 1)

    def run():
        x = F.embedding(ids, table)
        for layer, (q, k, v, o, gate, up, down) in enumerate(blocks):
            n = norm(x)
            queries, keys, values = turn(split(F.linear(n, q), heads)), turn(split(F.linear(n, k), kv_heads)), split(F.linear(n, v), kv_heads)
            if decoding:
                keys, values = torch.cat([caches[layer][0], keys], dim=1), torch.cat([caches[layer][1], values], dim=1)
            queries = queries.reshape(kv_heads, -1, dim)   # heads that share keys side by side
            shared = None if mask is None else mask.repeat(heads // kv_heads, 1)
            a = attend(queries, keys, values, shared).view(heads, prompt, dim)
            x = x + F.linear(a.transpose(0, 1).reshape(prompt, hidden), o)
            n = norm(x)
            x = x + F.linear(F.silu(F.linear(n, gate)) * F.linear(n, up), down)
        return F.linear(norm(x[-1:]), table).argmax()

    return run


run = encoder() if what == "encoder" else llama(512 if what == "prefill" else 1)
best, rounds = float("inf"), 12 if what == "decode" else 4
with torch.inference_mode():
    run()
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
print(best)
