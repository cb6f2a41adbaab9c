"""Who may do what where, one-time codes against RFC 6238, and which passwords are refused."""

import pytest

from server.accounts import passwords, totp
from server.accounts.lockout import LONGEST_DELAY_S, Guess, delay_s
from server.accounts.passwords import WeakPassword
from server.accounts.principals import ROLE_TITLES, Forbidden, Grant, Principal, Role

WHO = Principal(
    1,
    "zhang",
    "张三",
    (
        Grant(Role.OFFICER, "330503"),
        Grant(Role.OFFICER, "3305"),
        Grant(Role.GIS, "330502"),
        Grant(Role.VIEWER, ""),
    ),
)

RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_6238 = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
"""Appendix B: time in seconds and the code of 8 digits, for the secret 12345678901234567890."""


@pytest.mark.parametrize(("at_s", "expected"), RFC_6238.items())
def test_codes_are_those_of_the_standard(at_s: int, expected: str) -> None:
    assert totp.code(RFC_SECRET, at_s // totp.STEP_S, digits=8) == expected


def test_a_code_counts_near_its_time_and_once() -> None:
    at_s, step = 1234567890.0, 1234567890 // 30
    code = totp.code(RFC_SECRET, step)
    assert totp.matching_step(RFC_SECRET, code, at_s, None) == step
    assert totp.matching_step(RFC_SECRET, code, at_s + 30, None) == step
    assert totp.matching_step(RFC_SECRET, code, at_s - 30, None) == step
    assert totp.matching_step(RFC_SECRET, code, at_s + 60, None) is None
    assert totp.matching_step(RFC_SECRET, code, at_s, step) is None
    assert totp.matching_step(RFC_SECRET, "一二三四五六", at_s, None) is None


def test_prefixes_are_of_the_role_and_none_is_in_another() -> None:
    assert WHO.prefixes(Role.OFFICER) == ("3305",)
    assert WHO.prefixes(Role.OFFICER, Role.GIS) == ("3305",)
    assert WHO.prefixes(Role.GIS) == ("330502",)
    assert WHO.prefixes(Role.ADMIN) == ()
    assert WHO.prefixes() == ("",)


@pytest.mark.parametrize(
    ("roles", "region", "allowed"),
    [
        ((Role.OFFICER,), "330503", True),
        ((Role.OFFICER,), "330503100", True),
        ((Role.OFFICER,), "33", False),
        ((Role.OFFICER,), "3306", False),
        ((Role.OFFICER,), None, False),
        ((Role.GIS,), "330503", False),
        ((Role.GIS, Role.OFFICER), "330503", True),
        ((Role.ADMIN,), "330503", False),
        ((Role.VIEWER,), None, True),
        ((), "440101", True),
    ],
)
def test_a_role_reaches_as_far_as_its_regions(
    roles: tuple[Role, ...], region: str | None, allowed: bool
) -> None:
    assert WHO.may(roles, region) is allowed
    if not allowed:
        with pytest.raises(Forbidden):
            WHO.require(roles, region)


def test_every_role_has_a_title() -> None:
    assert set(ROLE_TITLES) == set(Role)


@pytest.mark.parametrize(
    "password",
    ["short", "x" * 129, "zhang-is-me-2026", "ZHANG-is-me-2026", "Password123", "aaaaaaaaaaaa"],
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.check(password, "zhang")


def test_more_common_passwords_are_known_than_asvs_wants() -> None:
    known = passwords._common() - {""}
    assert len(known) >= 3000
    assert min(len(one) for one in known) >= passwords.SHORTEST
    for one in ("qwertyuiop", "1q2w3e4r5t", "1234567890"):
        with pytest.raises(WeakPassword):
            passwords.check(one, "zhang")


@pytest.mark.parametrize(
    "password", ["abcdefghkj", "看地看地一二三四五六", "          x y z", "🌾🌾🌾🌾🌾🌾🏭🏭🗺🧭"]
)
def test_a_password_may_be_of_any_characters(password: str) -> None:
    passwords.check(password, "zhang")
    assert passwords.fits(passwords.hashed(password), password)


def test_a_hash_fits_its_password_alone() -> None:
    made = passwords.hashed("right horse battery")
    assert made.startswith("$argon2id$")
    assert passwords.fits(made, "right horse battery")
    assert not passwords.fits(made, "right horse batterz")
    assert not passwords.fits(None, "nobody has this password")
    assert not passwords.fits("-", "-")


def test_delays_grow_to_their_limit() -> None:
    assert [delay_s("user", n) for n in (1, 4, 5, 6, 7)] == [0, 0, 30, 60, 120]
    assert delay_s("user", 10_000) == LONGEST_DELAY_S


def test_addresses_of_one_subscriber_count_together() -> None:
    first = Guess("a", "2001:db8:1:2::1").subjects
    assert first == Guess("a", "2001:db8:1:2:ffff::9").subjects
    assert first != Guess("a", "2001:db8:1:3::1").subjects
