"""Reaction and command with 1, 10 and 100 thousand finished orders in the database: how much slower the most is than the least."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from bench import command, orders, reaction
from bench.client import all_at_once
from bench.figure import Figure, at_most
from bench.servers import folder
from bench.site import Site, site

EACH = 20


async def measure(*, short: bool) -> list[Figure]:
    with folder() as at:
        return await _measure(at, (100, 1_000, 5_000) if short else (1_000, 10_000, 100_000), rounds=2 if short else 3)


async def _measure(at: Path, sizes: tuple[int, ...], rounds: int) -> list[Figure]:
    there, reactions, commands = 0, {}, {}
    async with site(at) as running:
        for size in sizes:
            await running.seed(orders.finished(), size - there)
            await running.written_out()
            there = size
            reactions[size], commands[size] = await _at_this_size(running, rounds)
    most, least = sizes[-1], sizes[0]
    return [
        _flat("growth, reaction", {size: median(took) * 1000 for size, took in reactions.items()}, "ms", most, least),
        _flat("growth, command", {size: 1000 / median(rates) for size, rates in commands.items()}, "ms a command", most, least),
    ]


async def _at_this_size(running: Site, rounds: int) -> tuple[list[float], list[float]]:
    product = reaction.Product(running)
    took: list[float] = []
    rates: list[float] = []
    await reaction.idle(await product.requests(3), product.watch(), product.at_rest)
    for _ in range(rounds):
        await command.clear_shop(running)
        took += await reaction.idle(await product.requests(EACH), product.watch(), product.at_rest)
        rates.append(await all_at_once(await command.of_product(running, EACH), command.CLIENTS))
        await running.at_rest()
    return took, rates


def _flat(name: str, by_size: dict[int, float], unit: str, most: int, least: int) -> Figure:
    told = ", ".join(f"{value:.4g} with {size:,}" for size, value in by_size.items() if size != least)
    return at_most(name, 1.3, by_size[most], by_size[least], says=(f"{told} ({unit})", f"{by_size[least]:.4g} with {least:,}"))
