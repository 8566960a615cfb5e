"""What the branch does on every day that passes, and when a month or a year ends: A3, A4, F10."""

from datetime import date, datetime, time, timedelta

from servicelane.play.course import House
from shared.branch import Shop

CHECKLIST = ["appearance", "forms", "tools_and_materials", "surroundings"]
PREPARED = ["bay_and_team", "surroundings", "customer_file", "forms"]
PREPARES_AT = time(16)
MONTHS = 12


async def keep_house(house: House) -> None:
    """Day after day, as long as the play goes on."""
    zone, shop = house.branch.site.zone, house.branch.site.shop
    while True:
        today = house.world.now.astimezone(zone).date()
        if today.weekday() in shop.open_days:
            await _on(house, today)
        await house.world.at(datetime.combine(today + timedelta(days=1), time.min, zone))


async def _on(house: House, today: date) -> None:
    zone, shop = house.branch.site.zone, house.branch.site.shop
    opens = datetime.combine(today, shop.opens, zone)
    if house.world.now <= opens:
        await house.world.at(opens)
        for advisor in house.branch.people("advisor"):
            await house.person(advisor.id).post("/reception/opening-checklists", {"points": CHECKLIST})
        await _sum_up(house, today)
    if house.world.now <= (afternoon := datetime.combine(today, PREPARES_AT, zone)):
        await house.world.at(afternoon)
        await _order_below_reorder_point(house)
        await _prepare(house, _next_open_day(today, shop))


def _next_open_day(today: date, shop: Shop) -> date:
    return next(day for day in (today + timedelta(days=number) for number in range(1, 8)) if day.weekday() in shop.open_days)


async def _prepare(house: House, tomorrow: date) -> None:
    """A3: each advisor sees to the cars of the next open day that are theirs."""
    board = await house.the("receptionist").get(f"/reception/preparations?day={tomorrow.isoformat()}")
    for line in board:
        if left := [thing for thing in PREPARED if thing in line["missing"]]:
            await house.person(line["advisor"]).post(f"/reception/appointments/{line['visit']}/preparations", {"things": left})


async def _order_below_reorder_point(house: House) -> None:
    """A3: checked daily."""
    for shelf in await house.the("parts_clerk").get("/workshop/stock-below-reorder-point"):
        await house.order(shelf["id"], house.branch.parts[shelf["id"]].reorder_at * 2)


async def _sum_up(house: House, today: date) -> None:
    """F10: the month that ended, and in January the year: those in which something was played."""
    last = today.replace(day=1) - timedelta(days=1)
    month, year = last.strftime("%Y-%m"), last.strftime("%Y")
    for period in (month, year) if last.month == MONTHS else (month,):
        if house.began and period >= house.began.strftime("%Y-%m")[: len(period)] and period not in house.summed_up:
            house.summed_up.add(period)
            await _give_summary(house, period, today)


async def _give_summary(house: House, period: str, today: date) -> None:
    """Drafted, edited and signed by the supervisor, given in a meeting, filed."""
    supervisor = house.the("business_supervisor")
    await supervisor.post("/followup/summaries", {"period": period})
    await supervisor.post(f"/followup/summaries/{period}/edits", {"words": "回访按时完成；投诉集中于异响，今后加强路试。"})
    await supervisor.post(f"/followup/summaries/{period}/signature")
    present = [person.id for role in ("business_supervisor", "followup_agent") for person in house.branch.people(role)]
    await supervisor.post(f"/followup/summaries/{period}/meeting", {"met_on": today.isoformat(), "present": present})
