"""What a refusal looks like over HTTP: problem details (RFC 9457) in the reader's language. The one place of HTTP codes."""

from typing import Any

from fastapi.responses import Response
from pydantic import BaseModel, Field
from pydantic_core import to_json

from shared.auth import Unauthenticated
from shared.rates import TooMany
from shared.refusal import (
    KeyUsedForAnotherBody,
    Malformed,
    NotAllowed,
    NotFound,
    NotReadyYet,
    Problem,
    Refused,
    Stale,
    TooMuchAtOnce,
)

MEDIA_TYPE = "application/problem+json"
LANGUAGES = ("en", "zh-CN")
RETRY_AFTER_SECONDS = 1


class TooLarge(Problem):
    title = {"en": "The body is too large.", "zh-CN": "请求内容过大。"}
    remedy = {"en": "Send less at once.", "zh-CN": "请减少单次提交的内容。"}


class TooSlow(Problem):
    title = {"en": "The body did not arrive in time.", "zh-CN": "请求内容未能及时送达。"}
    remedy = {"en": "Send the same again, with the same Idempotency-Key.", "zh-CN": "请使用相同的幂等键重新提交。"}


class HeadersTooLarge(Problem):
    title = {"en": "The headers are too large.", "zh-CN": "请求头过大。"}
    remedy = {"en": "Send fewer or shorter headers.", "zh-CN": "请减少请求头内容。"}


class NoSuchRoute(Problem):
    title = {"en": "There is nothing at this address.", "zh-CN": "该地址不存在。"}
    remedy = {"en": "Look the address up in the API's documentation.", "zh-CN": "请查阅接口文档。"}


class NoSuchMethod(Problem):
    title = {"en": "This address does not take that method.", "zh-CN": "该地址不支持此方法。"}
    remedy = {"en": "Look the address up in the API's documentation.", "zh-CN": "请查阅接口文档。"}


class Failed(Problem):
    """A defect of ours. What went wrong is in the log, under the correlation id."""

    title = {"en": "Something went wrong on our side.", "zh-CN": "系统内部错误。"}
    remedy = {"en": "Try again; if it stays, report the correlation id.", "zh-CN": "请重试；如仍失败，请报告关联编号。"}


STATUS: tuple[tuple[type[Problem], int], ...] = (
    (Unauthenticated, 401),
    (NotAllowed, 403),
    (NotFound, 404),
    (NoSuchRoute, 404),
    (NoSuchMethod, 405),
    (Refused, 409),
    (Stale, 409),
    (KeyUsedForAnotherBody, 409),
    (TooSlow, 408),
    (TooLarge, 413),
    (TooMuchAtOnce, 413),
    (Malformed, 422),
    (TooMany, 429),
    (HeadersTooLarge, 431),
    (NotReadyYet, 503),
)


class ProblemDetails(BaseModel):
    """RFC 9457, with the clause of the procedure, what is missing, and what to do."""

    type: str = Field(examples=["urn:servicelane:problem:work-order-not-signed"])
    title: str = Field(examples=["The work order is not signed."])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["R11: The work order is not signed. Missing: signature."])
    instance: str = Field(examples=["/jobs/visit-5f3c9a/acceptance"])
    clause: str = Field(default="", examples=["R11"], description="The clause of the procedure that refuses; empty where none does.")
    remedy: str = Field(examples=["Let the customer sign the order first."])
    missing: list[str] = Field(default=[], examples=[["signature"]])
    facts: dict[str, Any] = Field(default={}, description="What explains it; ids and values, never personal data.")
    correlation: str = Field(description="The id of this call, also in `X-Correlation-Id`, the journal and the logs.")


def status_of(problem: Problem) -> int:
    return next((status for kind, status in STATUS if isinstance(problem, kind)), 500)


def language_of(accepted: str | None) -> str:
    """`zh-CN` where the reader prefers any Chinese to English (`Accept-Language`); English is the default."""
    wishes = {"en": 0.0, "zh": 0.0}
    for entry in (accepted or "").split(","):
        tag, _, rest = entry.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        if language in wishes:
            wishes[language] = max(wishes[language], _quality(rest))
    return "zh-CN" if wishes["zh"] > wishes["en"] else "en"


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def details(problem: Problem, *, language: str, instance: str, correlation: str) -> ProblemDetails:
    title = problem.title[language]
    parts = [f"{problem.clause}: {title}" if problem.clause else title]
    if problem.missing:
        named = ", ".join(problem.missing)
        parts.append(f"缺少：{named}。" if language == "zh-CN" else f"Missing: {named}.")
    return ProblemDetails(
        type=f"urn:servicelane:problem:{problem.slug}",
        title=title,
        status=status_of(problem),
        detail=" ".join(parts),
        instance=instance,
        clause=problem.clause,
        remedy=problem.remedy[language],
        missing=list(problem.missing),
        facts=problem.facts,
        correlation=correlation,
    )


def problem_response(problem: Problem, *, accepted: str | None, instance: str, correlation: str) -> Response:
    language = language_of(accepted)
    said = details(problem, language=language, instance=instance, correlation=correlation)
    headers = {"Content-Language": language, "Vary": "Accept-Language", "X-Correlation-Id": correlation}
    return Response(to_json(said, fallback=str), said.status, headers | _headers_of(problem), media_type=MEDIA_TYPE)


def _headers_of(problem: Problem) -> dict[str, str]:
    if isinstance(problem, Unauthenticated):
        return {"WWW-Authenticate": 'Bearer realm="servicelane"' + (', error="invalid_token"' if problem.facts else "")}
    if isinstance(problem, TooMany):
        return {"Retry-After": str(problem.facts["retry_after"])}
    if isinstance(problem, NotReadyYet):
        return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return {}
