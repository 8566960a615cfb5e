from services.workshop.app import WORKSHOP
from shared.runtime import run

run(WORKSHOP)
