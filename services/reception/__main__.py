from services.reception.app import RECEPTION
from shared.runtime import run

run(RECEPTION)
