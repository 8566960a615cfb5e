"""The embedded stack's own issuer of tokens: it signs for whoever of `staff.csv` is named, without asking for a password.

For a machine of one's own, for tests and played days: it answers loopback only. A real site uses its OIDC provider (`SERVICELANE_JWKS`).
"""

import hashlib
import ipaddress
import json
import os
import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import APIRouter, Depends, Request
from jwt.algorithms import ECAlgorithm
from pydantic import BaseModel, ConfigDict, Field

from shared.auth import ForeignSite
from shared.branch import Branch, StaffMember
from shared.refusal import NotAllowed, NotFound

ISSUER = "urn:servicelane:embedded-issuer"
AUDIENCE = "servicelane"
HOURS = 12
"""How long a token holds, in system time: longer than any played day takes."""


class NotFromHere(NotAllowed):
    title = {"en": "This address answers this machine only.", "zh-CN": "该地址只应答本机请求。"}
    remedy = {"en": "Call it on the loopback address, or use an OIDC provider.", "zh-CN": "请在本机调用，或改用 OIDC 认证服务。"}


class Issuer:
    """Its key is kept in `folder` and survives; the public half is the file `jwks`, which the services are given."""

    def __init__(self, folder: Path, branch: Branch) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.branch = branch
        self.jwks = folder / "jwks.json"
        self._key = _kept_key(folder / "issuer-key.pem")
        public: dict[str, Any] = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        self._kid = hashlib.sha256(f"{public['x']}.{public['y']}".encode()).hexdigest()[:16]
        self.public_keys = {"keys": [public | {"kid": self._kid, "use": "sig", "alg": "ES256"}]}
        _write(self.jwks, json.dumps(self.public_keys).encode(), mode=0o644)

    @property
    def sites(self) -> tuple[str, ...]:
        return (self.branch.site.id, *self.branch.site.site.sister_sites)

    def token(self, person: str, site: str | None = None) -> str:
        """For a member of staff at this site, or at one of the sister sites, where the same people work. `NotFound`, `ForeignSite`."""
        member = self.branch.staff.get(person)
        if member is None:
            raise NotFound(missing=(f"staff:{person}",))
        site = site or self.branch.site.id
        if site not in self.sites:
            raise ForeignSite(site=site, sites=self.sites)
        return jwt.encode(_claims(member, site), self._key, algorithm="ES256", headers={"kid": self._kid})


def _claims(member: StaffMember, site: str) -> dict[str, Any]:
    now = int(time.time())
    return {
        "sub": member.id,
        "name": member.name,
        "sites": [site],
        "roles": list(member.roles),
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + HOURS * 3600,
    }


def _kept_key(path: Path) -> ec.EllipticCurvePrivateKey:
    if not path.exists():
        fresh = ec.generate_private_key(ec.SECP256R1())
        text = fresh.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        _write(path, text, mode=0o600)
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path}: not the issuer's key")
    return key


def _write(path: Path, content: bytes, *, mode: int) -> None:
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    fresh.replace(path)


class AskToken(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person: str = Field(max_length=60, examples=["advisor-1"])
    site: str | None = Field(default=None, max_length=60, examples=["BJ01"])


class Token(BaseModel):
    access_token: str
    token_type: str = Field(default="Bearer", examples=["Bearer"])
    expires_in: int = Field(default=HOURS * 3600, description="Seconds of system time.")


class StaffShown(BaseModel):
    id: str
    name: str
    roles: tuple[str, ...]
    team: str | None


class FromHereOnly:
    async def __call__(self, request: Request) -> None:
        await self.admit(request)

    async def admit(self, request: Request) -> None:
        host = request.client.host if request.client else ""
        try:
            here = ipaddress.ip_address(host).is_loopback
        except ValueError:
            here = False
        if not here:
            raise NotFromHere


from_here_only = FromHereOnly()


def issuer_router(issuer: Issuer) -> APIRouter:
    router = APIRouter(prefix="/issuer", tags=["issuer"], dependencies=[Depends(from_here_only)])

    @router.post("/token")
    async def token(body: AskToken) -> Token:
        return Token(access_token=issuer.token(body.person, body.site))

    @router.get("/jwks.json")
    async def jwks() -> dict[str, Any]:
        return issuer.public_keys

    @router.get("/staff")
    async def staff() -> list[StaffShown]:
        return [StaffShown(id=each.id, name=each.name, roles=each.roles, team=each.team) for each in issuer.branch.staff.values()]

    return router
