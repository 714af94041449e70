"""A proposal comes back exactly as it was signed, for half an hour, and from nobody else."""

from datetime import date, timedelta

import pytest

from scheduling import proposals, stored_wishes
from scheduling.core.refusals import Code, Refused
from scheduling.core.wishes import Liking, Wishes
from scheduling.models import ProtocolVersion, Site
from scheduling.proposals import OfferedSession
from tests.factories import NOW, at, make_protocol_version, make_site

pytestmark = pytest.mark.django_db
SESSIONS = (
    OfferedSession("eval.1", at("2026-12-01 09:00"), {"prescriber": "p"}),
    OfferedSession("inf.1", at("2026-12-04 09:00")),
)


@pytest.fixture
def offered() -> tuple[ProtocolVersion, Site, str]:
    version, site = make_protocol_version(), make_site()
    token = proposals.sign(
        protocol_version=version,
        site=site,
        blocks=["counsel"],
        modes={"therapy": "video"},
        wishes={"earliest": "2026-12-01"},
        sessions=SESSIONS,
        now=NOW,
    )
    return version, site, token


def code_of(token: str, minutes: int = 0) -> str:
    with pytest.raises(Refused) as refused:
        proposals.read(token, NOW + timedelta(minutes=minutes))
    [refusal] = refused.value.refusals
    return refusal.code


def test_an_offer_comes_back_whole(offered: tuple[ProtocolVersion, Site, str]) -> None:
    version, site, token = offered

    offer = proposals.read(token, NOW + timedelta(minutes=29, seconds=59))

    assert (offer.protocol_version, offer.site) == (version, site)
    assert (offer.blocks, offer.modes) == (("counsel",), {"therapy": "video"})
    assert offer.wishes == {"earliest": "2026-12-01"}
    assert offer.sessions == SESSIONS


def test_it_expires_after_half_an_hour(offered: tuple[ProtocolVersion, Site, str]) -> None:
    assert code_of(offered[2], minutes=30) == Code.PROPOSAL_EXPIRED


@pytest.mark.parametrize("forged", ["", "x", ":", "a:b", "\0", "é:ü", "x" * 100_000])
def test_what_was_not_signed_is_invalid(forged: str) -> None:
    assert code_of(forged) == Code.PROPOSAL_INVALID


def test_no_character_can_be_changed(offered: tuple[ProtocolVersion, Site, str]) -> None:
    token = offered[2]
    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        assert code_of(token[:place] + other + token[place + 1 :]) == Code.PROPOSAL_INVALID


def test_a_site_that_closed_offers_nothing(offered: tuple[ProtocolVersion, Site, str]) -> None:
    Site.objects.update(active=False)

    assert code_of(offered[2]) == Code.PROPOSAL_INVALID


def test_the_token_of_a_long_course_is_short(offered: tuple[ProtocolVersion, Site, str]) -> None:
    therapist = "8f14e45f-ceea-467f-a0f5-2ad5b1d4c0de"
    token = proposals.sign(
        protocol_version=offered[0],
        site=offered[1],
        blocks=[],
        modes={},
        wishes={},
        sessions=[
            OfferedSession(f"step.{n}", NOW + timedelta(days=n), {"therapist": therapist})
            for n in range(22)
        ],
        now=NOW,
    )
    assert len(token) < 1000


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(earliest=date(2026, 12, 1)),
        Wishes(
            earliest=date(2026, 12, 1),
            latest=date(2027, 3, 1),
            weekdays=frozenset({2, 4}),
            day_parts=frozenset({"morning"}),
            not_before=540,
            not_after=1020,
            languages=frozenset({"es"}),
            access=frozenset({"step_free"}),
            practitioners={"therapist": "t"},
            liking=Liking(frozenset({2}), frozenset({"morning"}), {"counsellor": "c"}),
        ),
    ],
)
def test_wishes_come_back_as_they_were(wishes: Wishes) -> None:
    assert stored_wishes.from_json(stored_wishes.to_json(wishes), wishes.earliest) == wishes
