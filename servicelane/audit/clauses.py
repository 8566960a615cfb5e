"""The clauses of the procedure, each with its title and whether it is the regime's or the house's own (⌂), and the rules that judge it."""

from dataclasses import dataclass

from servicelane.audit import (
    rules_appointment,
    rules_attendance,
    rules_campaigns,
    rules_changes,
    rules_complaints,
    rules_delivery,
    rules_followup,
    rules_inspection,
    rules_insurer,
    rules_progress,
    rules_reception,
    rules_reminder,
    rules_settlement,
    rules_supervision,
    rules_supplement,
    rules_warranty,
    rules_workshop,
)
from servicelane.audit.findings import Rule

EXACTLY_ONCE = "exactly once"
"""What is judged beside the clauses: that nothing was lost, and nothing came twice."""

RULES: tuple[Rule, ...] = tuple(
    rule
    for module in (
        rules_appointment,
        rules_reception,
        rules_warranty,
        rules_workshop,
        rules_attendance,
        rules_changes,
        rules_insurer,
        rules_supplement,
        rules_progress,
        rules_inspection,
        rules_delivery,
        rules_settlement,
        rules_reminder,
        rules_followup,
        rules_complaints,
        rules_campaigns,
        rules_supervision,
    )
    for rule in module.rules.kept
)


@dataclass(frozen=True)
class Clause:
    """`house` where the whole clause is a house rule; of the others some rules may be."""

    id: str
    title: str
    house: bool = False

    @property
    def rules(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in RULES if rule.clause == self.id)


CLAUSES: tuple[Clause, ...] = (
    Clause("A1", "预约 An appointment takes a slot that is free"),
    Clause("A2", "The day before: reminder, confirmation, no-shows", house=True),
    Clause("A3", "准备 Parts, bay, team and file are ready before the car comes"),
    Clause("A4", "Each advisor's opening checklist"),
    Clause("R1", "Arrivals queue; an appointment holds its slot"),
    Clause("R2", "接车登记表 Walk-around and check-in sheet, before any order"),
    Clause("R3", "The customer's concerns in the customer's own words"),
    Clause("R4", "Each fault determined or to be inspected, each demand with its cover"),
    Clause("R5", "质量担保 Unclear warranty goes to the manufacturer for a ruling"),
    Clause("R6", "A full inspection first, its price after it"),
    Clause("R7", "行驶证 Papers taken, verified and given back"),
    Clause("R8", "Every part of the order looked up; a missing one gives a date"),
    Clause("R9", "Estimate line by line; prices freeze at consent"),
    Clause("R10", "A promised time from the real state of the shop"),
    Clause("R11", "任务委托书 The work order is signed before any work"),
    Clause("R12", "Told: newly found work waits for consent"),
    Clause("R13", "Where the customer waits, and how to be reached"),
    Clause("R14", "访谈咨询 An inquiry visit without an order is recorded too"),
    Clause("W1", "Car, key and papers handed over on both sides"),
    Clause("W2", "派工 Dispatch by skill and load; the leader names technicians"),
    Clause("W3", "The team checks the car against the sheet"),
    Clause("W4", "The fault is confirmed"),
    Clause("W5", "出库单 Parts only for consented items, against a signed slip"),
    Clause("W6", "Nobody touches belongings without need and leave"),
    Clause("W7", "Changes of progress are told at once"),
    Clause("W8", "增项 Changed items only with recorded consent"),
    Clause("W9", "The technician inspects, then the leader"),
    Clause("W10", "The leader's signed recommendations, before the final inspection"),
    Clause("W11", "总检 Every car passes a final inspection by somebody who did not work on it"),
    Clause("W12", "The wash starts by itself, where accepted, after the pass"),
    Clause("W13", "Parked in line, nose to the exit, spot recorded"),
    Clause("W14", "Work item by item, by named technicians"),
    Clause("D1", "Things come back hand by hand; the advisor is told where the car stands"),
    Clause("D2", "The advisor's internal check, before the customer is called"),
    Clause("D3", "The customer is told, a delivery time agreed"),
    Clause("D4", "Work shown and explained with the customer at the car"),
    Clause("D5", "结算单、出门证 Settlement to the cent, and one exit pass"),
    Clause("D6", "Safety items answered and signed before the settlement closes"),
    Clause("D7", "Booklet, first maintenance and warranty explained"),
    Clause("D8", "Next maintenance on the settlement; its reminder comes by itself"),
    Clause("D9", "The convenient call hour is on the settlement"),
    Clause("D10", "索赔单 Each warranty item yields a claim"),
    Clause("F1", "Agents named, stand-ins take over open calls"),
    Clause("F2", "客户档案 A customer file within two days"),
    Clause("F3", "The next contact is planned with the file"),
    Clause("F4", "First call: promised in three days, due in seven"),
    Clause("F5", "What is open is worked on until the customer is content"),
    Clause("F6", "Second call in the week that starts a week after the first"),
    Clause("F7", "Campaigns told in time"),
    Clause("F8", "电话登记表 Every call is in the register"),
    Clause("F9", "信函登记表 Every letter is in the register"),
    Clause("F10", "月小结、年总结 Summaries, and overdue duties escalate"),
)
