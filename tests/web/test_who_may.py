"""Who may call: tokens, sites, roles."""

import asyncio
import base64
import json
import time
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from shared.auth import Person, SigningKeys, SigningKeysAway, TokenVerifier, Unauthenticated
from shared.branch import BadBranch, Branch, NoSuchSetting
from shared.call import as_administered
from shared.web import table
from tests.web.conftest import ADVISOR, ANALYST, SUPERVISOR, TECHNICIAN, Toy


def claims(toy: Toy, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    site = toy.store.site.id
    plain = {
        "sub": SUPERVISOR,
        "name": "x",
        "sites": [site],
        "roles": ["workshop_supervisor"],
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": now + 60,
    }
    return {name: value for name, value in (plain | changed).items() if value is not None}


def signed(toy: Toy, **changed: Any) -> str:
    return jwt.encode(claims(toy, **changed), toy.issuer._key, algorithm="ES256", headers={"kid": toy.issuer._kid})


async def status_with(toy: Toy, token: str) -> int:
    answer = await toy.http.get("/lamps/lamp-1", headers={"Authorization": f"Bearer {token}"})
    if answer.status_code == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["type"] == "urn:servicelane:problem:unauthenticated"
    return answer.status_code


async def test_a_call_without_token_is_401_and_changes_nothing(toy: Toy) -> None:
    answer = await toy.post(None, "/lamps/lamp-1")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="servicelane"'
    assert await toy.entries() == 0


async def test_a_good_token_is_taken(toy: Toy, lamp: str) -> None:
    assert await status_with(toy, signed(toy)) == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": 1},
        {"exp": None},
        {"aud": "somebody-else"},
        {"aud": None},
        {"iss": "urn:somebody:else"},
        {"iss": None},
        {"sub": None},
        {"sites": None},
        {"sites": "BJ01"},
        {"roles": [7]},
    ],
    ids=str,
)
async def test_a_token_that_does_not_hold_is_401(toy: Toy, lamp: str, changed: dict[str, Any]) -> None:
    assert await status_with(toy, signed(toy, **changed)) == 401


async def test_a_token_signed_with_another_key_is_401(toy: Toy, lamp: str) -> None:
    forged = jwt.encode(claims(toy), ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": toy.issuer._kid})
    assert await status_with(toy, forged) == 401


async def test_an_unsigned_token_is_401(toy: Toy, lamp: str) -> None:
    parts = [{"alg": "none", "kid": toy.issuer._kid}, claims(toy)]
    unsigned = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."
    assert await status_with(toy, unsigned) == 401


async def test_a_token_signed_with_the_public_key_as_a_secret_is_401(toy: Toy, lamp: str) -> None:
    secret = json.dumps(toy.issuer.public_keys["keys"][0]) * 2
    assert await status_with(toy, jwt.encode(claims(toy), secret, algorithm="HS256", headers={"kid": toy.issuer._kid})) == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "ü", "e30.e30.e30"])
async def test_what_is_no_token_at_all_is_401(toy: Toy, lamp: str, token: str) -> None:
    answer = await toy.http.get(f"/lamps/{lamp}", headers={b"Authorization": f"Bearer {token}".encode()})
    assert answer.status_code == 401


async def test_a_token_of_a_sister_site_is_403_here(toy: Toy, lamp: str) -> None:
    before = await toy.entries()
    token = toy.issuer.token(SUPERVISOR, toy.issuer.sites[1])
    answer = await toy.http.post(f"/lamps/{lamp}/light", json={"watts": 5}, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:servicelane:problem:foreign-site")
    assert await toy.entries() == before


async def test_a_person_of_a_sister_site_whose_token_names_this_site_too_may(toy: Toy, lamp: str) -> None:
    assert await status_with(toy, signed(toy, sites=["SH01", toy.store.site.id])) == 200


async def test_a_wrong_role_is_403_and_told_who_may(toy: Toy, lamp: str) -> None:
    before = await toy.entries()
    answer = await toy.post(ADVISOR, f"/lamps/{lamp}/light", {"watts": 5})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:servicelane:problem:wrong-role")
    assert answer.json()["facts"]["may"] == ["technician", "workshop_supervisor"]
    assert await toy.entries() == before


async def test_the_group_reads_every_site(toy: Toy, lamp: str) -> None:
    assert await status_with(toy, signed(toy, sites=["SH01"], roles=["group_analyst"])) == 200


async def test_the_group_changes_nothing_even_where_a_table_names_it(toy: Toy, lamp: str) -> None:
    answer = await toy.post(ANALYST, f"/lamps/{lamp}/light", {"watts": 5})
    assert answer.status_code == 403


async def test_the_group_does_not_read_what_the_table_keeps_from_it(toy: Toy, lamp: str) -> None:
    assert (await toy.get(ANALYST, f"/lamps/{lamp}/price")).status_code == 403


async def test_who_acted_is_the_person_of_the_token(toy: Toy, lamp: str) -> None:
    await toy.post(TECHNICIAN, f"/lamps/{lamp}/light", {"watts": 5})
    entry = await toy.store.collection("journal").find_one({"type": "workshop.lamp_lit.v1"})
    assert entry and entry["actor"] == TECHNICIAN


def test_a_table_with_a_role_that_nobody_has_is_refused_when_wiring() -> None:
    with pytest.raises(ValueError, match="light_lamp: no such role: electrician"):
        table({"light_lamp": ("electrician",)})


async def test_a_key_that_the_issuer_adds_later_is_found(toy: Toy, tmp_path: Path) -> None:
    verifier = TokenVerifier(keys := SigningKeys(str(toy.issuer.jwks)), issuer=ISSUER, audience=AUDIENCE)
    assert (await verifier.person(toy.issuer.token(SUPERVISOR))).id == SUPERVISOR
    other = Issuer(tmp_path / "other", toy.issuer.branch)
    toy.issuer.jwks.write_text(json.dumps({"keys": other.public_keys["keys"]}))
    with pytest.raises(Unauthenticated):
        await verifier.person(other.token(SUPERVISOR))
    keys._tried_at -= 10
    assert (await verifier.person(other.token(SUPERVISOR))).id == SUPERVISOR


async def test_a_key_that_is_for_something_else_is_passed_over(toy: Toy) -> None:
    known = json.loads(toy.issuer.jwks.read_text())["keys"]
    others = [{"kid": "enc", "kty": "RSA", "alg": "RSA-OAEP", "n": "AQAB", "e": "AQAB"}, {"kid": "odd", "kty": "EC", "crv": "P-192"}]
    toy.issuer.jwks.write_text(json.dumps({"keys": [*others, *known]}))
    verifier = TokenVerifier(SigningKeys(str(toy.issuer.jwks)), issuer=ISSUER, audience=AUDIENCE)
    assert (await verifier.person(toy.issuer.token(SUPERVISOR))).id == SUPERVISOR


async def test_an_issuer_that_hangs_holds_nobody_up_whose_key_is_known(toy: Toy) -> None:
    hangs = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        if hangs.is_set():
            await asyncio.Event().wait()
        return httpx.Response(200, content=toy.issuer.jwks.read_bytes())

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        keys = SigningKeys("https://login.example.com/jwks.json", client=client)
        verifier = TokenVerifier(keys, issuer=ISSUER, audience=AUDIENCE)
        await verifier.person(toy.issuer.token(SUPERVISOR))
        hangs.set()
        keys._fetched_at -= 3600
        keys._tried_at -= 3600
        async with asyncio.timeout(2):
            people = await asyncio.gather(*(verifier.person(toy.issuer.token(SUPERVISOR)) for _ in range(5)))
    assert {person.id for person in people} == {SUPERVISOR}


async def test_an_issuer_that_answers_without_keys_signs_nobody_out(toy: Toy) -> None:
    toy.issuer.jwks.write_text(json.dumps(answered := toy.issuer.public_keys))
    keys = SigningKeys(str(toy.issuer.jwks))
    (kid,) = [each["kid"] for each in answered["keys"]]
    assert await keys.key(kid)
    for nothing in ('{"error": "maintenance"}', '{"keys": []}'):
        toy.issuer.jwks.write_text(nothing)
        keys._fetched_at -= 3600
        keys._tried_at -= 3600
        await keys.key(kid)
        assert keys._beside
        assert await keys._beside is False
        assert await keys.key(kid)


async def test_keys_that_cannot_be_had_are_503(toy: Toy, lamp: str) -> None:
    token = toy.issuer.token(SUPERVISOR)
    toy.app.state.verifier = TokenVerifier(SigningKeys("http://127.0.0.1:9/jwks.json"), issuer=ISSUER, audience=AUDIENCE)
    answer = await toy.http.get(f"/lamps/{lamp}", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


async def test_whoever_calls_while_the_first_keys_cannot_be_had_is_told_to_try_again(toy: Toy) -> None:
    token = toy.issuer.token(SUPERVISOR)
    verifier = TokenVerifier(SigningKeys("http://127.0.0.1:9/jwks.json"), issuer=ISSUER, audience=AUDIENCE)
    answers = await asyncio.gather(*(verifier.person(token) for _ in range(5)), return_exceptions=True)
    assert [type(each) for each in answers] == [SigningKeysAway] * 5


def test_edge_case_9_a_second_account_acts_as_its_person_with_its_own_roles(toy: Toy) -> None:
    branch = toy.store.branch.with_settings({"accounts.second": TECHNICIAN})
    second = Person(id="second", name="x", sites=("BJ01",), roles=("qc_inspector",))
    acting = as_administered(second, branch)
    assert (acting.id, acting.roles) == (TECHNICIAN, ("qc_inspector",))
    assert as_administered(second, branch.with_settings({"accounts.second": "second"})).id == "second"


def test_who_left_does_nothing_by_a_second_account_either(toy: Toy) -> None:
    branch = toy.store.branch.with_settings({"accounts.second": TECHNICIAN}).with_staff({TECHNICIAN: None})
    assert as_administered(Person(id="second", name="x", sites=("BJ01",), roles=("qc_inspector",)), branch).roles == ()


@pytest.mark.parametrize("person", ("nobody", "third"))
def test_a_second_account_is_of_a_person_and_not_of_another_account(toy: Toy, person: str) -> None:
    branch = toy.store.branch.with_settings({"accounts.third": TECHNICIAN})
    with pytest.raises(NoSuchSetting):
        branch.with_settings({"accounts.second": person})
    with pytest.raises(NoSuchSetting):
        branch.with_settings({f"accounts.{TECHNICIAN}": SUPERVISOR})


def test_hours_with_a_zone_are_no_setting(toy: Toy) -> None:
    """Compared with the shop's day they would break every booking."""
    with pytest.raises(NoSuchSetting) as refused:
        toy.store.branch.with_settings({"shop.opens": "08:00Z"})
    assert "local time" in str(refused.value.facts["expected"])


def test_a_folder_whose_second_account_is_nobodys_is_refused(tmp_path: Path) -> None:
    folder = Path(__file__).parents[2] / "data" / "branch"
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "site.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[accounts]\nqc-1 = "nobody"\n')
    with pytest.raises(BadBranch, match=r"accounts\.qc-1"):
        Branch.load(tmp_path)
