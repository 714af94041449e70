"""The demo's users, one for each role, and the names of its invented patients."""

from __future__ import annotations

import base64
import hashlib
from datetime import date

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP

from accounts.models import Patient, Role, User
from scheduling.models import OnCall, Site

PASSWORD = "calm-river-demo-2026"  # noqa: S105 - printed on the screen; exists in the demo alone
DOMAIN = "demo.example"
USERS: dict[str, tuple[str, list[str]]] = {
    "patient": ("Robin Example", []),
    "course": ("", []),
    "frontdesk": ("Dana Whitlock", [Role.FRONT_DESK]),
    "nurse": ("Nora Castellan", [Role.NURSE]),
    "clinician": ("Maren Okafor", [Role.CLINICIAN]),
    "prescriber": ("Amara Lindqvist", [Role.PRESCRIBER, Role.CLINICIAN]),
    "manager": ("Iris Delacroix-Moe", [Role.MANAGER]),
}
GIVEN = [
    "Alva",
    "Bram",
    "Cleo",
    "Dario",
    "Enid",
    "Faye",
    "Gus",
    "Hana",
    "Ilya",
    "Joss",
    "Kaia",
    "Levi",
    "Mira",
    "Noor",
    "Otis",
    "Pia",
    "Quin",
    "Rosa",
    "Sten",
    "Tova",
    "Ugo",
    "Vera",
    "Wim",
    "Xenia",
    "Yara",
    "Zeno",
    "Anouk",
    "Basil",
    "Corin",
    "Delia",
]
FAMILY = [
    "Ashgrove",
    "Bellweather",
    "Cranmoor",
    "Dunfell",
    "Elmsworth",
    "Fernhollow",
    "Greywater",
    "Hartswood",
    "Ivybridge",
    "Juniperus",
    "Kestrelby",
    "Larkspur",
    "Mossbank",
    "Netherby",
    "Oakhurst",
    "Pinewick",
    "Quillfeather",
    "Rowanlea",
    "Silverbirch",
    "Thornfield",
    "Underhill",
    "Violetta",
    "Willowmere",
    "Yarrowby",
]


PATIENTS = {"patient": "a patient, new here", "course": "a patient in the middle of a course"}


def address(local_part: str) -> str:
    return f"{local_part}@{DOMAIN}"


def create_users() -> dict[str, User]:
    """All users by the local part of their address. The new patient gets a record of their own, the
    other one's is made with the bookings."""
    users = {}
    for local_part, (name, roles) in USERS.items():
        user = User.objects.create_user(
            address(local_part),
            PASSWORD,
            name=name,
            roles=roles,
            is_staff=Role.MANAGER in roles,
            is_superuser=Role.MANAGER in roles,
        )
        users[local_part] = user
    Patient.objects.create(
        user=users["patient"],
        given_name="Robin",
        family_name="Example",
        birth_date=date(1988, 4, 12),
        email=address("patient"),
        phone="+1 303 555 0111",
        languages=["en"],
    )
    return users


def let_in(patient: Patient, user: User) -> None:
    """Let one of the invented patients sign in."""
    user.name = f"{patient.given_name} {patient.family_name}"
    user.save()
    patient.user, patient.email = user, user.email
    patient.save()


ON_CALL = ("clinician", "prescriber", "nurse")


def put_on_call(site: Site) -> None:
    """Whom an alert goes to first, second and third. May be done again."""
    if OnCall.objects.filter(site=site).exists():
        return
    OnCall.objects.bulk_create(
        OnCall(site=site, user=User.objects.get_by_natural_key(address(name)), place=place)
        for place, name in enumerate(ON_CALL, start=1)
    )


def give_sign_ins() -> None:
    """What each user needs to sign in: a confirmed address, for staff a second factor. May be done
    again. The secrets follow from the addresses: they protect nothing but this demo."""
    names = {address(local_part): roles for local_part, (_, roles) in USERS.items()}
    for user in User.objects.filter(email__in=names):
        roles = names[user.email]
        EmailAddress.objects.get_or_create(
            user=user, email=user.email, defaults={"verified": True, "primary": True}
        )
        if roles and not Authenticator.objects.filter(user=user).exists():
            secret = hashlib.sha256(user.email.encode()).digest()[:20]
            TOTP.activate(user, base64.b32encode(secret).decode())


def invent_patient(number: int) -> Patient:
    """The invented patient of that number; not saved. Numbers give distinct names up to 720."""
    given = GIVEN[number % len(GIVEN)]
    family = FAMILY[(number // len(GIVEN) + number) % len(FAMILY)]
    return Patient(
        given_name=given,
        family_name=family,
        birth_date=date(1950 + number * 7 % 52, 1 + number % 12, 1 + number % 28),
        email=f"{given}.{family}.{number}@{DOMAIN}".lower(),
        phone=f"+1 303 555 {1000 + number:04d}",
        languages=["es", "en"] if number % 9 == 0 else ["en"],
    )
