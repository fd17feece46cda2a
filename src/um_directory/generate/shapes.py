"""What made-up enterprises look like: sizes, sectors, capacities, relations. Data only.

Capacities, applications and asked data repeat what `ldif/catalogue.ldif` says; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CapacityShape:
    """A capacity as the generator uses it; the most used applications first."""

    applications: tuple[str, ...]
    asked: tuple[str, ...]  # attributes that activation asks for (D3)


CAPACITIES = {
    "employer": CapacityShape(
        (
            "dimona",
            "dmfa",
            "ebox-enterprise",
            "wech",
            "zima",
            "temporary-unemployment",
            "student-at-work",
            "aoat",
            "work-accidents",
            "mandates",
            "limosa",
            "checkin-at-work",
            "declaration-of-works",
            "employer-directory",
            "sectoral-pensions",
        ),
        ("mail",),
    ),
    "mandatary": CapacityShape(
        ("dmfa", "dimona", "mandates", "wech", "zima", "aoat", "temporary-unemployment", "ebox-enterprise"),
        ("mail", "telephoneNumber"),
    ),
    "service-provider": CapacityShape(
        ("dimona", "dmfa", "person-identification", "mandates", "limosa"), ("mail",)
    ),
    "full-service-center": CapacityShape(
        ("dmfa", "dimona", "wech", "zima", "aoat", "mandates"), ("mail", "telephoneNumber")
    ),
    "healthcare-provider-hospital": CapacityShape(
        ("insurability", "person-identification", "ebox-enterprise"), ("mail", "umRecognitionNumber")
    ),
    "telephone-operator": CapacityShape(
        ("social-telephone-tariff", "person-identification"), ("mail", "telephoneNumber")
    ),
    "recognised-social-secretariat": CapacityShape(
        (
            "dmfa",
            "dimona",
            "person-identification",
            "wech",
            "zima",
            "mandates",
            "employer-directory",
            "aoat",
            "temporary-unemployment",
        ),
        ("mail", "telephoneNumber", "umRecognitionNumber"),
    ),
    "supplementary-pensions-manager": CapacityShape(
        ("supplementary-pensions", "person-identification", "sectoral-pensions"),
        ("mail", "umRecognitionNumber"),
    ),
}


@dataclass(frozen=True, slots=True)
class Sector:
    """A line of business: what its firms are called, and the capacities it can have, the main one first."""

    words: dict[str, str]
    capacities: tuple[str, ...]
    smallest: int = 1  # accounts
    weight: int = 1


SECTORS = (
    Sector({"nl": "Bakkerij", "fr": "Boulangerie", "de": "Bäckerei"}, ("employer",), weight=6),
    Sector({"nl": "Bouwbedrijf", "fr": "Construction", "de": "Bauunternehmen"}, ("employer",), weight=10),
    Sector({"nl": "Garage", "fr": "Garage", "de": "Autohaus"}, ("employer",), weight=6),
    Sector({"nl": "Restaurant", "fr": "Brasserie", "de": "Gasthaus"}, ("employer",), weight=9),
    Sector({"nl": "Transport", "fr": "Transports", "de": "Spedition"}, ("employer",), weight=6),
    Sector({"nl": "Tuinen", "fr": "Jardins", "de": "Gärtnerei"}, ("employer",), weight=4),
    Sector({"nl": "Apotheek", "fr": "Pharmacie", "de": "Apotheke"}, ("employer",), weight=4),
    Sector({"nl": "Metaal", "fr": "Ateliers", "de": "Metallbau"}, ("employer", "mandatary"), 20, 6),
    Sector(
        {"nl": "Boekhouding", "fr": "Fiduciaire", "de": "Steuerkanzlei"},
        ("employer", "mandatary", "service-provider"),
        weight=8,
    ),
    Sector(
        {"nl": "Sociaal Secretariaat", "fr": "Secrétariat Social", "de": "Sozialsekretariat"},
        ("employer", "recognised-social-secretariat", "mandatary", "full-service-center"),
        40,
        3,
    ),
    Sector(
        {"nl": "Ziekenhuis", "fr": "Clinique", "de": "Krankenhaus"},
        ("employer", "healthcare-provider-hospital", "mandatary"),
        50,
        6,
    ),
    Sector(
        {"nl": "Telecom", "fr": "Télécom", "de": "Telekom"},
        ("employer", "telephone-operator", "service-provider"),
        20,
        2,
    ),
    Sector(
        {"nl": "Pensioenfonds", "fr": "Fonds de Pension", "de": "Pensionsfonds"},
        ("employer", "supplementary-pensions-manager", "mandatary"),
        5,
        2,
    ),
)
WITHOUT_PERSONNEL = (
    Sector({"nl": "Advies", "fr": "Conseil", "de": "Beratung"}, ("service-provider",), weight=3),
    Sector({"nl": "Accountancy", "fr": "Comptabilité", "de": "Buchhaltung"}, ("mandatary",), weight=2),
)

SIZES = (
    (1, 1, 30),
    (2, 4, 35),
    (5, 9, 17),
    (10, 49, 14),
    (50, 249, 3),
    (250, 1999, 1),
)
"""Accounts of an enterprise: from, to, weight in percent."""

# Relations by weight: listed as often as they are likely.
CAM_RELATIONS = (
    ("umManagingDirectorOf",) * 7 + ("umManagerOf",) * 5 + ("umDirectorOf",) * 4 + ("umEmployeeOf",) * 4
)
ADMINISTRATOR_RELATIONS = ("umEmployeeOf",) * 16 + ("umDirectorOf",) * 2 + ("umManagerOf",) * 2
USER_RELATIONS = ("umEmployeeOf",) * 46 + ("umAssociateOf", "umMemberOf") + ("umDirectorOf", "umManagerOf")
# Without personnel nobody is an employee, and the employee route does not apply (E2).
OWNER_RELATIONS = ("umFounderOf",) * 3 + ("umManagerOf",) * 2
PARTNER_RELATIONS = ("umManagerOf", "umDirectorOf")
ASSOCIATE_RELATIONS = ("umAssociateOf", "umMemberOf")
