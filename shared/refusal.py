"""Refusals: what the procedure forbids, said with its clause, what is missing and what to do, in two languages.

A department declares one class a rule beside the rule, named after what is wrong:

    class WorkOrderNotSigned(Refused):
        clause = "R11"
        title = {"en": "The work order is not signed.", "zh-CN": "任务委托书尚未签字。"}
        remedy = {"en": "Let the customer sign the order first.", "zh-CN": "请先让客户在任务委托书上签字。"}

and raises it with what is missing and the facts that explain it: `raise WorkOrderNotSigned(missing=("signature",), visit=id)`.
HTTP codes are given in `shared.web`, nowhere else.
"""

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

Texts = Mapping[str, str]


class Problem(Exception):
    """Anything that a caller is told in place of an answer. Texts are keyed by `en` and `zh-CN`."""

    clause: ClassVar[str] = ""
    title: ClassVar[Texts]
    remedy: ClassVar[Texts]

    def __init__(self, *, missing: Sequence[str] = (), **facts: object) -> None:
        self.missing = tuple(missing)
        self.facts = facts
        super().__init__(f"{self.clause} {self.title['en']} {', '.join(self.missing)} {facts or ''}".strip())

    @property
    def slug(self) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "-", type(self).__name__).lower()


class Refused(Problem):
    """The procedure, or the state of things, forbids it. Every subclass names its clause."""


class NotFound(Problem):
    title = {"en": "There is no such thing here.", "zh-CN": "未找到。"}
    remedy = {"en": "Check the id and the site.", "zh-CN": "请核对编号和站点。"}


class Stale(Problem):
    """The caller decided on a state that is no longer the present one (`If-Match`, or two writers at once)."""

    title = {"en": "Somebody changed this meanwhile.", "zh-CN": "内容已被他人修改。"}
    remedy = {"en": "Read it again, look at what changed, and decide anew.", "zh-CN": "请重新读取，查看变化后再操作。"}


class TooMuchAtOnce(Problem):
    """What it would record does not fit into one message of the stream; 413."""

    title = {"en": "This is too much to record at once.", "zh-CN": "一次记录的内容过多。"}
    remedy = {"en": "Record it in several steps.", "zh-CN": "请分几次记录。"}


class Malformed(Problem):
    """A field is not what it has to be; `missing` names the fields."""

    title = {"en": "The input is not valid.", "zh-CN": "输入无效。"}
    remedy = {"en": "Correct the fields named and send it again.", "zh-CN": "请更正所列字段后重新提交。"}


class NotAllowed(Problem):
    """The person's role or site does not permit it."""

    title = {"en": "Your role or site does not permit this.", "zh-CN": "您的岗位或站点无权执行此操作。"}
    remedy = {"en": "Ask a person whose job it is.", "zh-CN": "请由相应岗位人员操作。"}


class NotReadyYet(Problem):
    """It will be possible shortly: something announced elsewhere has not arrived here. The caller tries again."""

    title = {"en": "Not ready yet: something is still on its way here.", "zh-CN": "数据尚在同步中，请稍候。"}
    remedy = {"en": "Try again in a moment.", "zh-CN": "请稍后重试。"}


class KeyUsedForAnotherBody(Problem):
    """An `Idempotency-Key` names one command; 409."""

    title = {"en": "This Idempotency-Key was used for something else.", "zh-CN": "该幂等键已用于其他请求。"}
    remedy = {"en": "Send a new key with a new command.", "zh-CN": "请为新的操作使用新的幂等键。"}


class DatabaseAway(NotReadyYet):
    """503: not done, or done without our knowing: the same `Idempotency-Key` again is safe either way."""

    title = {"en": "The database did not answer in time.", "zh-CN": "数据库未能及时响应。"}
    remedy = {"en": "Send the same again, with the same Idempotency-Key, in a moment.", "zh-CN": "请稍后使用相同的幂等键重新提交。"}
