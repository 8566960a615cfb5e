"""Whose an event is, in tests that tell a department what another one has published."""

from shared.contracts.event import DEPARTMENTS, DepartmentName, Event


def publisher_of(event: Event) -> DepartmentName:
    """By its wire name; what every department publishes is reception's here."""
    owner = event.TYPE.partition(".")[0].replace("*", "reception")
    return next(department for department in DEPARTMENTS if department == owner)
