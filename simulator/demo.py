"""The demo's PBXs: who works there, how their phones behave, who rings from outside."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from simulator.exchange import Exchange

BUSY: dict[str, Any] = {"busy": True}
AWAY: dict[str, Any] = {"registered": False}
NEVER: dict[str, Any] = {"answers_after": None, "ring_seconds": 25.0}
RECEPTION: dict[str, Any] = {"answers_after": None, "ring_seconds": 40.0}

# number, name, kind, behaviour; a phone without any answers after two to eight seconds
Staff = list[tuple[str, str, str, dict[str, Any]]]

HEAD_OFFICE: Staff = [
    ("1001", "Reception", "phone", RECEPTION),
    ("1002", "Ben Okafor", "phone", {}),
    ("1003", "Carol Weiss (Sales)", "phone", {}),
    ("1004", "Dave Lindqvist (Support)", "phone", {}),
    ("1005", "Ines Duarte (Warehouse)", "phone", {}),
    ("1006", "Farid Haddad (Accounts)", "phone", {}),
    ("1007", "Grace Kim (Purchasing)", "phone", BUSY),
    ("1008", "Henrik Sørensen (IT)", "phone", {}),
    ("1009", "Meeting room", "phone", NEVER),
    ("1010", "Joanna Nowak (HR)", "phone", {}),
    ("1011", "Luca Ferrari (Sales)", "phone", {}),
    ("1012", "Spare desk", "phone", AWAY),
    ("9990", "API", "api", {}),
]
BUDAPEST: Staff = [
    ("201", "Recepció", "phone", RECEPTION),
    ("202", "Nagy Péter", "phone", {}),
    ("203", "Szőke Ágnes (Értékesítés)", "phone", {}),
    ("204", "Kőműves Gergő (Raktár)", "phone", {}),
    ("205", "Tóth Zsófia (Pénzügy)", "phone", {}),
    ("206", "Őry Dániel (Ügyfélszolgálat)", "phone", {}),
    ("207", "Fűzi Emese (Beszerzés)", "phone", BUSY),
    ("208", "Bíró Márton (Informatika)", "phone", {}),
    ("209", "Tárgyaló", "phone", NEVER),
    ("210", "Kiss Orsolya (HR)", "phone", {}),
    ("211", "Üres asztal", "phone", AWAY),
    ("290", "API", "api", {}),
]

CENTRE: Staff = [
    ("5001", "Ana Silva (Front desk)", "phone", RECEPTION),
    ("5002", "Ben Marsh (Orders)", "phone", {}),
    ("5003", "Clara Müller (Complaints)", "phone", {}),
    ("5004", "Dev Patel (Deliveries)", "phone", {}),
    ("5005", "Eva Horváth (Invoices)", "phone", {}),
    ("5006", "Femi Adeyemi (Technical help)", "phone", {}),
    ("5007", "Greta Lund (Returns)", "phone", BUSY),
    ("5008", "Hugo Reyes (Contracts)", "phone", {}),
    ("5009", "Quiet room", "phone", NEVER),
    ("5010", "Iris Novák (Team lead)", "phone", {}),
    ("5011", "Free seat", "phone", AWAY),
    ("5000", "Everybody", "queue", {}),
]

CONTACT: Staff = [
    ("301", "Welcome desk", "phone", RECEPTION),
    ("302", "Amélie Laurent (Bookings)", "phone", {}),
    ("303", "Bruno Costa (Travel)", "phone", {}),
    ("304", "Chiara Rossi (Claims)", "phone", {}),
    ("305", "Deniz Yılmaz (Refunds)", "phone", {}),
    ("306", "Elif Kaya (Groups)", "phone", {}),
    ("307", "Finn Olsen (Rail)", "phone", BUSY),
    ("308", "Gabija Petrauskaitė (Hotels)", "phone", {}),
    ("309", "Night desk", "phone", NEVER),
    ("310", "Hana Dvořáková (Team lead)", "phone", {}),
    ("311", "Spare phone", "phone", AWAY),
    ("390", "All hands", "queue", {}),
]

WORKSHOP: Staff = [
    ("401", "Front counter", "phone", RECEPTION),
    ("402", "Ondřej Malý (Repairs)", "phone", {}),
    ("403", "Paula Ortiz (Spare parts)", "phone", {}),
    ("404", "Quentin Roy (Pick-up)", "phone", {}),
    ("405", "Rita O'Neil (Invoices)", "phone", {}),
    ("406", "Test bench", "phone", AWAY),
]

# Numbers from ranges kept for fiction where a country has one.
PEOPLE: list[tuple[str, str]] = [
    ("+12025550143", "Marcus Bell"),
    ("+442079460018", "Priya Nair"),
    ("+33199001234", "Élodie Fournier"),
    ("+493023125046", "Jürgen Größer"),
    ("+4684650042", "Åsa Björklund"),
    ("+3615550136", "Kovács Anna"),
    ("+36305550121", "Szabó Gábor"),
    ("+48225550119", "Łukasz Wiśniewski"),
    ("+420225550177", "Jiří Dvořák"),
    ("+34910555012", "Lucía Álvarez"),
    ("+390655501288", "Marco D'Angelo"),
    ("+302105550144", "Ελένη Παπαδοπούλου"),
    ("+81355501234", "田中 さくら"),
    ("+97145550166", "Omar Al-Farsi"),
    ("+61255501234", "Courier Services & Sons <Sydney>"),
    ("+5511955501234", "Beatriz Gonçalves"),
    ("+353205559012", ""),
    ("+41445550188", ""),
    ("+16135550172", ""),
    ("anonymous", ""),
]


STAFF = {"budapest": BUDAPEST, "centre": CENTRE, "contact": CONTACT, "workshop": WORKSHOP}
CALLS = {"workshop": 2}  # about so many at a time, where it is not a busy place


def staff_of(pbx: str) -> Staff:
    return STAFF.get(pbx, HEAD_OFFICE)


def staffed(pbx: str, chance: random.Random, ids: Callable[[], str] | None = None) -> Exchange:
    """An exchange with the people of that PBX on it."""
    exchange = Exchange(ids=ids)
    for number, name, kind, behaviour in staff_of(pbx):
        answers = {"answers_after": chance.uniform(2, 8)} if kind == "phone" else {}
        exchange.add(number, name, kind, **(answers | behaviour))
    return exchange


def logins(pbx: str, login: str, password: str) -> dict[str, tuple[str, str]]:
    """Password and number by login: reception has `login`, the others their first name."""
    phones = [(number, name) for number, name, kind, _ in staff_of(pbx) if kind == "phone"]
    named = {name.partition(" ")[0].lower(): (password, number) for number, name in phones[1:]}
    return {**named, login: (password, phones[0][0])}
