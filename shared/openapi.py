"""A department's OpenAPI document: what every operation shares is said once, here."""

import re
from typing import Any

from fastapi import FastAPI

from shared.problems import MEDIA_TYPE, ProblemDetails

_CHANGING = frozenset({"post", "put", "patch", "delete"})

_PROBLEMS = {
    401: "No token, or one that does not hold.",
    403: "The role or the site does not permit it; the answer names who may.",
    404: "There is no such thing here.",
    409: "The procedure forbids it (`clause` says which), or the version is stale, or the key was used for something else.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    422: "The input is not valid; `missing` names the fields.",
    429: "Too many calls in a minute: try again after `Retry-After` seconds.",
    431: "The headers are too large.",
    503: "Not ready yet: try again after `Retry-After` seconds.",
}
_ONLY_CHANGING = frozenset({408, 413})

_PARAMETERS = {
    "Idempotency-Key": "Names this command of this person: sent again with it within 30 days, it is answered as before and does nothing.",
    "If-Match": 'The version (`ETag`) that was decided on, such as `"3"`; 409 where it is no longer the present one.',
    "X-Correlation-Id": "An id that the answer, the journal and the logs carry too; made where it is left out.",
    "Accept-Language": "`zh-CN` or `en`: the language of titles and remedies.",
}
_AFTER = "To go on behind it: the `id` of the last item of the page before; of an item without one, its `visit`."

_HEADERS = {
    "X-Correlation-Id": "The id of this call: also in the journal, where it changed something, and in the logs.",
    "ETag": "The version of what is answered, where it has one; what `If-Match` is compared with.",
    "Idempotency-Replayed": "`true` where the command had been carried out before, under the same key: this is the answer from then.",
    "Retry-After": "Seconds.",
}
_HEADERS_OF_READING = ("X-Correlation-Id", "ETag")
_HEADERS_OF_COMMANDS = (*_HEADERS_OF_READING, "Idempotency-Replayed")
_HEADERS_OF_PROBLEMS = {429: ("X-Correlation-Id", "Retry-After"), 503: ("X-Correlation-Id", "Retry-After")}

_PARAMETERS_ONLY_CHANGING = frozenset({"Idempotency-Key", "If-Match"})


class Documented(FastAPI):
    """Its servers and docs are relative, so that they work behind any prefix of a gateway."""

    def openapi(self) -> dict[str, Any]:
        if not self.openapi_schema:
            self.openapi_schema = _complete(super().openapi())
        return self.openapi_schema


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["ProblemDetails"] = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    components["parameters"] = {name: _header(name, says) for name, says in _PARAMETERS.items()}
    components["headers"] = {name: {"description": says, "schema": {"type": "string"}} for name, says in _HEADERS.items()}
    components["responses"] = {f"Problem{status}": _problem(status, says) for status, says in _PROBLEMS.items()}
    for path in document["paths"].values():
        for method, operation in path.items():
            _complete_operation(operation, changing=method in _CHANGING)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _say_local_times(document)
    return document


def _say_local_times(part: Any) -> None:
    """A time of day of the branch has no offset, which the format `time` demands."""
    if isinstance(part, dict):
        if part.get("format") == "time":
            part["format"] = "time-local"
        for each in part.values():
            _say_local_times(each)
    elif isinstance(part, list):
        for each in part:
            _say_local_times(each)


def _complete_operation(operation: dict[str, Any], *, changing: bool) -> None:
    operation["responses"].pop("422", None)
    if "security" not in operation:
        return
    named = [name for name in _PARAMETERS if changing or name not in _PARAMETERS_ONLY_CHANGING]
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        if parameter["name"] == "after":
            parameter.setdefault("description", _AFTER)
    parameters.extend({"$ref": f"#/components/parameters/{name}"} for name in named)
    for answer in operation["responses"].values():  # what went well: the problems come below
        answer["headers"] = _named(*(_HEADERS_OF_COMMANDS if changing else _HEADERS_OF_READING))
    for status in _PROBLEMS:
        if changing or status not in _ONLY_CHANGING:
            operation["responses"][str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    if clauses := re.match(r"((?:[ARWDF]\d+(?:, | to |: ))+)", operation.get("description", "")):
        operation.setdefault("tags", re.findall(r"[ARWDF]\d+", clauses[1]))


def _header(name: str, says: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": False, "description": says, "schema": {"type": "string"}}


def _named(*headers: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in headers}


def _problem(status: int, says: str) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {"description": says, "content": content, "headers": _named(*_HEADERS_OF_PROBLEMS.get(status, ("X-Correlation-Id",)))}
