"""Tokens of an issuer that signs whatever it is told, and tokens that nobody should believe."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

ISSUER, AUDIENCE, KID = "urn:test:issuer", "servicelane", "the-key"


class Signer:
    """The issuer that the departments believe; its public keys are in the file `jwks`."""

    def __init__(self, folder: Path) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.public: dict[str, Any] = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        self.jwks = folder / "jwks.json"
        self.jwks.write_text(json.dumps({"keys": [self.public | {"kid": KID, "use": "sig", "alg": "ES256"}]}))

    def token(self, roles: Sequence[str], site: str, claims: Mapping[str, Any] | None = None) -> str:
        return jwt.encode(said(roles, site, claims or {}), self.key, algorithm="ES256", headers={"kid": KID})


def said(roles: Sequence[str], site: str, claims: Mapping[str, Any]) -> dict[str, Any]:
    now = int(time.time())
    given = {"sub": "somebody", "name": "某人", "sites": [site], "roles": list(roles), "iss": ISSUER, "aud": AUDIENCE, "exp": now + 3600}
    return {name: value for name, value in {**given, **claims}.items() if value is not None}


def not_to_be_believed(signer: Signer, roles: Sequence[str], site: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """What is wrong → the headers that are sent. All roles, the right site: with a believable signature each would open every door."""
    claims = said(roles, site, {})
    yield "no token", {}
    yield "not a bearer", {"authorization": "Basic " + signer.token(roles, site)}
    for wrong, token in _forged(signer, claims):
        yield wrong, {"authorization": f"Bearer {token}"}
    for wrong, changed in _MIS_SAID.items():
        yield wrong, {"authorization": f"Bearer {signer.token(roles, site, changed)}"}


_MIS_SAID: Mapping[str, Mapping[str, Any]] = {
    "expired": {"exp": int(time.time()) - 60},
    "never expires": {"exp": None},
    "not valid yet": {"nbf": int(time.time()) + 3600},
    "of another issuer": {"iss": "urn:test:another"},
    "of no issuer": {"iss": None},
    "for other ears": {"aud": "payroll"},
    "for nobody's ears": {"aud": None},
    "about nobody": {"sub": None},
    "roles as one text": {"roles": "business_supervisor"},
    "sites as a number": {"sites": 1},
}


def _forged(signer: Signer, claims: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    another = ec.generate_private_key(ec.SECP256R1())
    public = signer.key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head, body, signature = jwt.encode(dict(claims), signer.key, algorithm="ES256", headers={"kid": KID}).split(".")
    yield "not a token", "xyz"
    yield "another's key", jwt.encode(dict(claims), another, algorithm="ES256", headers={"kid": KID})
    yield (
        "a key of its own",
        jwt.encode(
            dict(claims), another, algorithm="ES256", headers={"kid": "mine", "jwk": ECAlgorithm.to_jwk(another.public_key(), as_dict=True)}
        ),
    )
    yield "alg none", jwt.encode(dict(claims), "", algorithm="none", headers={"kid": KID})
    yield "signed with the public key", _hmac(claims, public)
    yield "another body", f"{head}.{_encoded(dict(claims) | {'sub': 'another'})}.{signature}"
    yield "no signature", f"{head}.{body}."


def _hmac(claims: Mapping[str, Any], public: bytes) -> str:
    """By hand: the library refuses to make it."""
    head = _encoded({"alg": "HS256", "typ": "JWT", "kid": KID})
    signed = f"{head}.{_encoded(claims)}"
    return f"{signed}.{jwt.utils.base64url_encode(hmac.digest(public, signed.encode(), hashlib.sha256)).decode()}"


def _encoded(said: Mapping[str, Any]) -> str:
    return jwt.utils.base64url_encode(json.dumps(said).encode()).decode()
