"""A domain of one file, for the test of the mutants: a rule that its test misses, one that only another's test does, one that none does."""

from collections.abc import Iterator

from shared.refusal import Refused

_TEXTS = {"en": "No.", "zh-CN": "否"}


class NotPaid(Refused):
    clause, title, remedy = "D5", _TEXTS, _TEXTS


class NotAddressed(Refused):
    clause, title, remedy = "A1", _TEXTS, _TEXTS


class TooHeavy(Refused):
    clause, title, remedy = "W2", _TEXTS, _TEXTS


def send(*, paid: bool = True, addressed: bool = True, weight: int = 1) -> str:
    must_be_paid(paid=paid)
    for problem in problems(addressed=addressed):
        raise problem
    if weight > 30:
        raise TooHeavy(weight=weight)
    return "sent"


def must_be_paid(*, paid: bool) -> None:
    if not paid:
        raise NotPaid(missing=("payment",))


def problems(*, addressed: bool) -> Iterator[Refused]:
    if not addressed:
        yield NotAddressed(missing=("address",))
