"""Run by tests/mutants/test_mutants.py alone: its name is none that pytest looks for."""

import pytest

from shared.refusal import Refused
from tests.mutants.toy import parcel


@pytest.mark.clause("D5")
def test_an_unpaid_parcel_stays() -> None:
    with pytest.raises(Refused):
        parcel.send(paid=False)


@pytest.mark.clause("F9")
def test_a_parcel_without_an_address_stays() -> None:
    with pytest.raises(Refused):
        parcel.send(addressed=False)


@pytest.mark.clause("W2")
def test_a_light_parcel_goes() -> None:
    assert parcel.send() == "sent"
