"""Who is calling: a signed token (OIDC / JWT) says person, sites and roles; nothing of it is ever taken from a body.

Claims: `sub` (staff id), `name`, `sites` and `roles` (lists of text), `aud`, `iss`, `exp`. Keys come from a JWKS, a file or a URL.
Tokens expire in system time.
"""

import asyncio
import json
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import jwt

from shared.refusal import NotAllowed, NotReadyYet, Problem

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)

ALGORITHMS = ("ES256", "RS256")
GROUP_ROLE = "group_analyst"
LEEWAY_SECONDS = 30

_KEYS_FOR_SECONDS = 600
_SECONDS_BETWEEN_FETCHES = 5


@dataclass(frozen=True)
class Person:
    """`id` is the staff id; `site` the first of the sites that the token is for."""

    id: str
    name: str
    sites: tuple[str, ...]
    roles: tuple[str, ...]

    @property
    def site(self) -> str:
        return self.sites[0] if self.sites else ""

    def is_a(self, *roles: str) -> bool:
        return not set(roles).isdisjoint(self.roles)


class Unauthenticated(Problem):
    """No token, or one that does not hold: expired, forged, for somebody else's ears."""

    title = {"en": "You are not signed in.", "zh-CN": "尚未登录或登录已失效。"}
    remedy = {"en": "Sign in again and send the new token.", "zh-CN": "请重新登录后再试。"}


class ForeignSite(NotAllowed):
    title = {"en": "Your token is not for this site.", "zh-CN": "您的登录凭证不适用于本站点。"}
    remedy = {"en": "Sign in for this site, or ask a person of it.", "zh-CN": "请以本站点身份登录，或由本站点人员操作。"}


class WrongRole(NotAllowed):
    """`may` names the roles that may."""

    title = {"en": "Your role may not do this.", "zh-CN": "您的岗位无权执行此操作。"}
    remedy = {"en": "Ask a person of one of the roles named.", "zh-CN": "请由所列岗位的人员操作。"}


class SigningKeysAway(NotReadyYet):
    title = {"en": "The issuer of tokens cannot be reached.", "zh-CN": "暂时无法连接身份认证服务。"}


class Verifier(Protocol):
    async def person(self, token: str | None) -> Person:
        """The person that the token stands for, or `Unauthenticated`."""


class SigningKeys:
    """A JWKS by file path or `http(s)` URL, kept; looked up anew for a key id that it does not know, and every ten minutes.

    Nobody whose key is known waits for that: an address that hangs would hold up every call.
    """

    def __init__(self, source: str, *, client: "httpx.AsyncClient | None" = None) -> None:
        self._source = source
        self._client = client
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()
        self._beside: asyncio.Task[bool] | None = None

    async def key(self, kid: str) -> jwt.PyJWK | None:
        if kid in self._keys:
            self._refresh_beside()
            return self._keys[kid]
        async with self._one_at_a_time:
            if kid not in self._keys and self._may_try():
                await self._refresh()
        if kid not in self._keys and self._tried_at > self._fetched_at:
            raise SigningKeysAway
        return self._keys.get(kid)

    def _refresh_beside(self) -> None:
        is_old = time.monotonic() - self._fetched_at > _KEYS_FOR_SECONDS
        if is_old and self._may_try() and (self._beside is None or self._beside.done()):
            self._beside = asyncio.create_task(self._refresh())

    def _may_try(self) -> bool:
        return time.monotonic() - self._tried_at > _SECONDS_BETWEEN_FETCHES

    async def _refresh(self) -> bool:
        """Whether there were any to be had; what is known stays where there were none."""
        try:
            if not (keys := _keys_in(await self._read())):
                raise _Unfetched
            self._keys = keys
            self._fetched_at = self._tried_at = time.monotonic()
        except (OSError, ValueError, _Unfetched) as error:
            self._tried_at = time.monotonic()
            log.warning("the issuer's keys cannot be had: %s", type(error).__name__)
            return False
        return True

    async def _read(self) -> Any:
        if not self._source.startswith(("http://", "https://")):
            return json.loads(Path(self._source).read_text(encoding="utf-8"))
        import httpx  # noqa: PLC0415 (with all that it draws in it costs a process 4 MB, and where the keys are a file nobody needs it)

        self._client = self._client or httpx.AsyncClient(timeout=5, trust_env=not _is_local(self._source))
        try:
            answer = await self._client.get(self._source)
            return answer.raise_for_status().json()
        except httpx.HTTPError as error:
            raise _Unfetched from error


class _Unfetched(Exception):
    """The keys' address does not answer, or not with keys."""


def _is_local(url: str) -> bool:
    """A proxy of the environment leads to the outside, not to this machine."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


def _keys_in(document: Any) -> dict[str, jwt.PyJWK]:
    keys = {}
    for entry in document["keys"] if isinstance(document, Mapping) and isinstance(document.get("keys"), list) else ():
        if isinstance(entry, Mapping) and "kid" in entry and entry.get("kty") in ("EC", "RSA") and entry.get("use", "sig") == "sig":
            with suppress(jwt.PyJWTError):  # one that is for something else, or of a curve that nobody here knows, is none of ours
                keys[str(entry["kid"])] = jwt.PyJWK.from_dict(dict(entry))
    return keys


class TokenVerifier:
    def __init__(self, keys: SigningKeys, *, issuer: str, audience: str) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience

    async def person(self, token: str | None) -> Person:
        if not token:
            raise Unauthenticated(missing=("token",))
        return _person_of(await self._claims(token))

    async def _claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            kid, algorithm = header.get("kid"), header.get("alg")
            key = await self._keys.key(kid) if isinstance(kid, str) and algorithm in ALGORITHMS else None
            if key is None or key.algorithm_name != algorithm:
                raise Unauthenticated(reason="signed with a key that is not the issuer's")
            return jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated(reason="expired") from error
        except jwt.PyJWTError as error:
            raise Unauthenticated(reason="not valid here") from error


def _person_of(claims: Mapping[str, Any]) -> Person:
    sites, roles = claims.get("sites"), claims.get("roles")
    if not _texts(sites) or not _texts(roles):
        raise Unauthenticated(missing=("sites", "roles"))
    return Person(id=claims["sub"], name=str(claims.get("name", "")), sites=tuple(sites or ()), roles=tuple(roles or ()))


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def check_may(person: Person, roles: Sequence[str], *, site: str, changes: bool) -> None:
    """The site is one of the token's and a role is one of those named, or `NotAllowed`.

    The group's role counts on every site, where it is named, for what changes nothing; for what changes something it never counts.
    """
    may = tuple(role for role in roles if not (changes and role == GROUP_ROLE))
    if GROUP_ROLE in may and person.is_a(GROUP_ROLE):
        return
    if site not in person.sites:
        raise ForeignSite(site=site, sites=person.sites)
    if not person.is_a(*may):
        raise WrongRole(may=may, yours=person.roles)
