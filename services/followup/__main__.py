from services.followup.app import FOLLOWUP
from shared.runtime import run

run(FOLLOWUP)
