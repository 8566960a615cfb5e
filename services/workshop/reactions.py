"""What starts by itself in the workshop: each reaction says its effect; the table below says what starts it."""

from services.workshop import handover, wash
from services.workshop.job import Job
from shared.contracts.reception import CarHandedOver, VehicleCheckedIn, WorkOrderSigned
from shared.contracts.workshop import CarTaken, QcPassed, WashStarted
from shared.reaction import Reactions
from shared.unit import Unit

SUPERVISOR = ("workshop_supervisor",)


async def announce_job(event: VehicleCheckedIn, unit: Unit) -> None:
    await unit.create(Job, event.visit, lambda job: handover.announce(job, event.vehicle))


async def open_job(event: WorkOrderSigned, unit: Unit) -> None:
    await unit.update(Job, event.visit, lambda job: handover.open_job(job, event))
    await unit.tell("job_waiting", clause="W1", visit=event.visit, roles=SUPERVISOR, promised_at=event.promised_at.isoformat())


async def offer_handover(event: CarHandedOver, unit: Unit) -> None:
    await unit.update(Job, event.visit, lambda job: handover.offer(job, event))


async def tell_difference(event: CarTaken, unit: Unit) -> None:
    if event.difference:
        job = await unit.load(Job, event.visit)
        await unit.tell(
            "car_differs_from_sheet",
            clause="W3",
            visit=event.visit,
            roles=SUPERVISOR,
            people=(job.advisor,),
            team=event.team,
            difference=event.difference,
        )


async def open_wash(event: QcPassed, unit: Unit) -> None:
    await unit.update(Job, event.visit, wash.open_wash)


async def tell_qc_passed(event: QcPassed, unit: Unit) -> None:
    job = await unit.load(Job, event.visit)
    await unit.tell("qc_passed", clause="W11", visit=event.visit, roles=SUPERVISOR, people=(job.advisor,), wash=str(event.wash).lower())


async def tell_washing_begins(event: WashStarted, unit: Unit) -> None:
    job = await unit.load(Job, event.visit)
    await unit.tell("washing_begins", clause="W12", visit=event.visit, roles=SUPERVISOR, people=(job.advisor,))


REACTIONS: Reactions = {
    VehicleCheckedIn: (announce_job,),
    WorkOrderSigned: (open_job,),
    CarHandedOver: (offer_handover,),
    CarTaken: (tell_difference,),
    QcPassed: (open_wash, tell_qc_passed),
    WashStarted: (tell_washing_begins,),
}
