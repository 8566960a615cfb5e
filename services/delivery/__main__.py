"""`python -m services.delivery`: the delivery department as a process."""

from services.delivery.app import DELIVERY
from shared.runtime import run

run(DELIVERY)
