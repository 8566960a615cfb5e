"""R10, A1: what reception keeps of the workshop's attendance: one document, the branch's."""

from services.reception.attendance import ROSTER, Attendance, attendance_of
from shared.contracts.workshop import AbsenceEnded, AbsenceRecorded, ShiftSet
from shared.unit import Unit


async def attendance(unit: Unit) -> Attendance:
    return attendance_of(await unit.fetch("attendance", ROSTER))


async def keep_attendance(event: ShiftSet | AbsenceRecorded | AbsenceEnded, unit: Unit) -> None:
    kept = (await attendance(unit)).after(event)
    await unit.put("attendance", ROSTER, {"kept": kept.model_dump(mode="json")}, subject=ROSTER)
