"""F1 to F10, D8 and keeping house: from the file on the morning after to the second call."""

from tests.fuzz.walk.steps import ADVISOR, AGENT, BOSS, Car, last
from tests.fuzz.walk.walking import Walk

TOPICS = ["car_condition", "service_opinion", "next_maintenance", "seasonal_check"]
CONTENT = {"result": "content", "topics": TOPICS[:2], "car_runs_well": True, "opinion": "满意"}


async def house(w: Walk) -> None:
    """Settings and people."""
    changed = {"key": "shop.slot_capacity", "value": 7, "reason": "春季客流增加"}
    await w.does(BOSS, "POST /followup/settings", changed)
    await w.refused("F10", BOSS, "POST /followup/settings", changed)
    person = {"roles": ["technician"], "team": "team-b", "skills": ["paint", "body"], "name": "新来的小郭", "reason": "扩充钣喷班组"}
    await w.does(BOSS, "POST /followup/staff/tech-99", person, name="called")
    await w.does(BOSS, "POST /followup/staff/tech-99/leaving", {"reason": "试用期未通过"})


async def agents(w: Walk) -> None:
    """F1."""
    await w.does(BOSS, "POST /followup/agents", {"agents": ["agent-2", AGENT]})
    away = {"stand_in": AGENT, "since": w.day(20), "until": w.day(21)}
    at = "/followup/agents/agent-2/absences"
    await w.refused("F1", BOSS, f"POST {at}", away | {"stand_in": "wash-1"})
    agent = await w.does(BOSS, f"POST {at}", away)
    await w.does(BOSS, f"POST {at}/{last(agent['absences'], 'absence')}/ending")


async def summaries(w: Walk) -> None:
    """F10."""
    period = "2026-02"
    await w.refused("F10", BOSS, "POST /followup/summaries", {"period": "2026-12"})
    await w.does(BOSS, "POST /followup/summaries", {"period": period})
    at = f"/followup/summaries/{period}"
    await w.does(BOSS, f"POST {at}/edits", {"words": "回访按时完成，今后加强路试。"})
    await w.does(BOSS, f"POST {at}/signature")
    await w.does(BOSS, f"POST {at}/meeting", {"met_on": w.day(), "present": [BOSS, AGENT]})


async def files(w: Walk, *cars: Car) -> None:
    """F2, F3."""
    for car in cars:
        at = f"/followup/file-duties/{car.id}"
        plan = {"need": "更换前制动盘", "topics": TOPICS, "at": w.moment("18:30", days=2)}
        await w.does(AGENT, f"POST {at}/file", plan)
    await w.refused("F2", AGENT, f"POST {at}/file", plan)
    await w.refused("F3", AGENT, f"POST {at}/contact-plan", plan | {"at": w.moment("06:00")})
    await w.does(AGENT, f"POST {at}/contact-plan", plan | {"need": "制动系统复查", "at": w.moment("18:45", days=2)})


async def too_early(w: Walk, car: Car) -> None:
    await w.refused("F4", AGENT, f"POST /followup/duties/{car.id}-first/call", CONTENT)
    await w.refused("F6", AGENT, f"POST /followup/duties/{car.id}-second/call", CONTENT)


async def another_hour(w: Walk, car: Car) -> None:
    """EDGE_CASES 14."""
    await w.told()
    await w.does(ADVISOR, f"POST /followup/duties/{car.id}-first/hour", {"hour": "10:00"})


async def first_call(w: Walk, car: Car) -> str:
    """F4: with a complaint, a demand and a wish. The complaint."""
    entries = [
        {"kind": "complaint", "text": "低速仍有异响", "owner": ADVISOR},
        {"kind": "demand", "text": "希望周末也能预约", "owner": AGENT},
    ]
    said = {"result": "not_content", "topics": TOPICS[:2], "car_runs_well": False, "opinion": "服务周到，但有异响", "note": "语气平和"}
    await w.does(AGENT, f"POST /followup/duties/{car.id}-first/call", said | {"entries": entries})
    await w.told()
    demand = (await w.get(f"/followup/entries?visit={car.id}"))[-1]["id"]
    await w.does(AGENT, f"POST /followup/entries/{demand}/report", {"reason": "周末是否营业须由主管决定"})
    await w.does(BOSS, f"POST /followup/entries/{demand}/decision", {"decision": "周末增设值班顾问", "due_on": w.day(5)})
    await w.does(AGENT, f"POST /followup/entries/{demand}/owner", {"owner": "advisor-2"})
    answered = {"answer": "周末预约已开放", "channel": "phone"}
    await w.does(AGENT, f"POST /followup/entries/{demand}/closing", answered)
    await w.refused("F5", AGENT, f"POST /followup/entries/{demand}/closing", answered)
    return str((await w.get(f"/followup/complaints?visit={car.id}"))[-1]["id"])


async def plain_call(w: Walk, car: Car) -> None:
    await w.does(AGENT, f"POST /followup/duties/{car.id}-first/call", CONTENT)


async def complaints(w: Walk, complaint: str, car: Car, come_back: Car) -> None:
    """F5: reported, decided, solved, told; one that was said face to face is another."""
    said = {"channel": "face_to_face", "customer": car.customer, "visit": car.id, "text": "休息区无热水", "owner": "advisor-2"}
    await w.does(ADVISOR, "POST /followup/complaints", said, text="words")
    at = f"/followup/complaints/{complaint}"
    await w.refused("F5", AGENT, f"POST {at}/told", {"channel": "phone", "content": True})
    await w.does(AGENT, f"POST {at}/owner", {"owner": "supervisor-1"})
    await w.does(AGENT, f"POST {at}/report", {"reason": "尚未找到异响来源"})
    await w.does(BOSS, f"POST {at}/decision", {"decision": "由技术总监主持复检", "due_on": w.day(4)})
    await w.does(AGENT, f"POST {at}/come-back", {"visit": come_back.id}, visit="come_back")
    await w.does(ADVISOR, f"POST {at}/solution", {"solution": "重新紧固隔热板"})
    await w.does(ADVISOR, f"POST {at}/told", {"channel": "message", "content": True})


async def try_in_vain(w: Walk, car: Car) -> None:
    await w.does(AGENT, f"POST /followup/duties/{car.id}-first/tries", {"result": "no_answer", "note": "响铃十声"})


async def give_up(w: Walk, car: Car) -> None:
    """EDGE_CASES 13."""
    await w.does(AGENT, f"POST /followup/duties/{car.id}-first/not-reached", {"told_by": "letter", "content": "多次致电未能联系到您。"})


async def second_call(w: Walk, car: Car) -> None:
    """F6."""
    await w.does(AGENT, f"POST /followup/duties/{car.id}-second/call", {"result": "content", "topics": TOPICS[2:], "note": "约定四月保养"})


async def registers(w: Walk, car: Car, unreachable: Car) -> None:
    """F8, F9: calls and letters beside the duties; a number that is wrong is not dialled again."""
    call = {"direction": "in", "customer": car.customer, "visit": car.id, "purpose": "inquiry", "reached": True, "result": "answered"}
    more = {"topics": ["opening_hours"], "number": "+8613700003333", "note": "询问营业时间"}
    await w.does(AGENT, "POST /followup/calls", call | more, number="dialled")
    await w.does(AGENT, f"POST /followup/duties/{unreachable.id}-first/tries", {"result": "wrong_number"})
    out = call | {"direction": "out", "customer": unreachable.customer, "visit": None}
    await w.refused("F8", AGENT, "POST /followup/calls", out)
    letter = {"kind": "answer", "customer": car.customer, "visit": car.id, "content": "感谢您的建议，附保养提示。"}
    await w.does(AGENT, "POST /followup/letters", letter)


async def campaigns(w: Walk, car: Car) -> str:
    """F7."""
    planned = {"kind": "free_check", "about": "春季免费检测", "held_on": w.day(8), "letter": True}
    await w.refused("F7", BOSS, "POST /followup/campaigns", planned)
    decided = await w.does(BOSS, "POST /followup/campaigns", planned | {"reason": "厂家临时通知"})
    await w.does(AGENT, f"POST /followup/campaigns/{decided['id']}/customers", {"customers": [car.customer]})
    at = f"/followup/invitations/{decided['id']}:{car.customer}"
    await w.told()
    await w.does(AGENT, f"POST {at}/call", {"reached": True, "result": "will_come", "note": "周六上午到店"})
    await w.does(AGENT, f"POST {at}/letter", {"content": "诚邀您参加春季免费检测"})
    return str(decided["id"])


async def late_for_the_campaign(w: Walk, campaign: str, car: Car) -> None:
    """F7."""
    at, chosen = f"POST /followup/campaigns/{campaign}/customers", {"customers": [car.customer]}
    await w.refused("F7", AGENT, at, chosen)
    await w.does(BOSS, at, chosen | {"reason": "客户昨日才来店"})


async def campaign_is_over(w: Walk, campaign: str, car: Car) -> None:
    """F7: nobody had told the customer until its day was over."""
    (lapsed,) = [each for each in await w.get(f"/followup/invitations?campaign={campaign}&state=closed") if each["lapsed"]]
    if (lapsed["customer"], lapsed["lapsed"]) != (car.customer, "call"):
        w.wrong.append(f"another invitation lapsed than that of {car.customer}: {lapsed}")
    at = f"POST /followup/invitations/{lapsed['id']}"
    await w.refused("F7", AGENT, f"{at}/call", {"reached": True, "result": "will_come"})
    await w.refused("F7", AGENT, f"{at}/letter", {"content": "诚邀您参加春季免费检测"})


async def reminders(w: Walk, booked: Car, withdrawn: Car, sold: Car) -> None:
    """D8."""
    yes = {"wants_appointment": True, "channel": "message", "wish": "下周六上午"}
    for car in (booked, withdrawn):
        await w.does(AGENT, f"POST /followup/reminders/{car.vehicle}/answer", yes)
    await w.does(ADVISOR, f"POST /followup/reminders/{sold.vehicle}/ending", {"reason": "sold"})
    await w.told()


async def do_not_call(w: Walk, car: Car) -> None:
    await w.does(AGENT, f"POST /followup/contacts/{car.customer}/do-not-call", {"do_not_call": True})
