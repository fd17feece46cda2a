"""Refusals as a client of slapd reads them: in the language of the account, and who may do it instead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.enterprise import Enterprise, add_member, hand_over
from support.service import Service, wait_until
from um_directory.directory.client import DirectoryClient
from um_directory.errors import OperationRefused
from um_directory.model.operation import Modification, Modify, Operation, Rename, SetPassword

VTO, RAE = "Verantwoordelijke Toegangen Onderneming (VTO)", "Responsable Accès Entité (RAE)"
TEXTS: dict[str, dict[str, str]] = {
    "another CAM": {
        "en": "D1: the chief access manager is designated and changed by the contact center",
        "nl": f"D1: de {VTO} wordt aangeduid en vervangen door het Contactcenter",
        "fr": f"D1: le {RAE} est désigné et remplacé par le centre de contact",
        "de": "D1: der Hauptzugangsverwalter wird vom Kontaktzentrum benannt und ersetzt",
    },
    "the CAM's password": {
        "en": "D15: {cam} is chief access manager: such an account is changed by who may designate all its roles: "
        "the contact center",
        "nl": f"D15: {{cam}} is {VTO}: zo'n account wordt gewijzigd door wie al zijn rollen mag aanduiden: "
        "het Contactcenter",
        "fr": f"D15: {{cam}} est {RAE} : un tel compte est modifié par celui qui peut désigner tous ses rôles : "
        "le centre de contact",
        "de": "D15: {cam} ist Hauptzugangsverwalter: ein solches Konto wird durch denjenigen geändert, der alle seine "
        "Rollen vergeben darf: das Kontaktzentrum",
    },
    "a founder as user": {
        "en": "E3: the register does not know {founder} as employee, director, managing director, manager, associate, "
        "member or service provider of enterprise {number}; designate somebody whom it does",
        "nl": "E3: het register kent {founder} niet als werknemer, bestuurder, gedelegeerd bestuurder, zaakvoerder, "
        "vennoot, lid of dienstverlener van onderneming {number}; duid iemand aan die het wel zo kent",
        "fr": "E3: le registre ne connaît pas {founder} comme travailleur salarié, administrateur, ",
        "de": "E3: das Register kennt {founder} nicht als Arbeitnehmer, ",
    },
    "a fact": {
        "en": "D12: what is here (enterprise) comes from the authorities' registers; only the registrar, their feed, "
        "changes it",
        "nl": "D12: wat hier staat (onderneming) komt uit de registers van de overheid; alleen hun aanlevering "
        "(registrar) wijzigt het",
        "fr": "D12: ce qui se trouve ici (entreprise) provient des registres des autorités ; seule leur alimentation "
        "(registrar) le modifie",
        "de": "D12: was hier steht (Unternehmen), stammt aus den Registern der Behörden; nur deren Zulieferung "
        "(registrar) ändert es",
    },
    "another capacity": {
        "en": "D14: {la} has no role in capacity mandatary; its local administrator, the chief access manager or a "
        "co-chief access manager does this",
        "nl": f"D14: {{la}} heeft geen rol in hoedanigheid mandatary; haar Lokale beheerder, de {VTO} of een Co-VTO "
        "doet dit",
        "fr": f"D14: {{la}} n'a aucun rôle dans la qualité mandatary ; son Gestionnaire local, le {RAE} ou un Co-RAE "
        "s'en charge",
        "de": "D14: {la} hat keine Rolle in der Eigenschaft mandatary; ihr lokaler Verwalter, der "
        "Hauptzugangsverwalter oder ein Co-Hauptzugangsverwalter erledigt dies",
    },
    "a short password": {
        "en": "C2: a password has 10 to 15 characters",
        "nl": "C2: een wachtwoord heeft 10 tot 15 tekens",
        "fr": "C2: un mot de passe compte",
        "de": "C2: ein Passwort hat 10 bis 15 Zeichen",
    },
    "a rename": {
        "en": "D0: entries are neither renamed nor moved; delete and add instead",
        "nl": "D0: een vermelding krijgt geen andere naam of plaats; verwijder ze en voeg een nieuwe toe",
        "fr": "D0: une fiche ne change ni de nom ni de place",
        "de": "D0: ein Eintrag wird weder umbenannt noch verschoben",
    },
}
"""The beginning of what LA `la` reads."""


@pytest.fixture(scope="module")
def here(service: Service) -> Enterprise:
    return Enterprise(service).load()


@pytest.fixture(scope="module")
def la(here: Enterprise) -> Iterator[DirectoryClient]:
    found: list[DirectoryClient] = []

    def bound() -> bool:
        try:
            found.append(here.bind("la"))
        except OperationRefused:
            return False
        return True

    wait_until(bound, what="log-in of the local administrator")
    yield found[0]
    found[0].close()


def attempts(here: Enterprise) -> dict[str, Operation]:
    return {
        "another CAM": hand_over(here.group("chief-access-manager"), here.account("la")),
        "the CAM's password": SetPassword(here.account("cam"), b"Wachtwoord2"),
        "a founder as user": add_member(here.group("users", here.employer), here.account("founder")),
        "a fact": Modify(here.dn, (Modification("replace", "o", (b"Other",)),)),
        "another capacity": add_member(here.group("users", here.mandatary), here.account("user")),
        "a short password": SetPassword(here.account("la"), b"kort1"),
        "a rename": Rename(here.account("user"), "uid=othername1"),
    }


@pytest.mark.parametrize("language", ["nl", "fr", "de", "en"])
def test_every_refusal_is_in_the_language_of_the_account(
    here: Enterprise, la: DirectoryClient, language: str
) -> None:
    la.write(
        Modify(here.account("la"), (Modification("replace", "preferredLanguage", (language.encode(),)),))
    )
    names = {name: here.uid(name) for name in ("cam", "la", "founder")}
    for what, operation in attempts(here).items():
        with pytest.raises(OperationRefused) as error:
            la.write(operation)
        expected = TEXTS[what][language].format(**names, number=here.number)
        assert error.value.diagnostic.startswith(expected), what


def test_an_operator_reads_english(here: Enterprise, service: Service) -> None:
    with service.connect("contact-center") as client, pytest.raises(OperationRefused) as error:
        client.write(attempts(here)["a founder as user"])
    assert error.value.diagnostic.startswith(
        "D6: a user is registered, blocked, unblocked or removed by the local"
    )
