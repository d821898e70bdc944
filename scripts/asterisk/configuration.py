"""The configuration of a small office: phones, a trunk, a ring group, a queue, a conference.

The PBX has what an administrator gives it for our console and nothing more: a manager account
that may see calls and move them.
"""

from __future__ import annotations

import math
import struct
import wave
from dataclasses import dataclass
from pathlib import Path

from scripts.asterisk import freepbx
from scripts.asterisk.modules import WANTED
from scripts.asterisk.places import OUTSIDE, PBX, Places
from scripts.asterisk.unpack import Unpacked

MUSIC_ON_HOLD = 350  # Hz: what somebody on hold hears
SOON_BACK = 3  # seconds until such an extension, parked, comes back
CONTEXT = "from-internal"  # where phones dial; FreePBX calls it so
RINGS = 40  # seconds until a phone that nobody answers is given up


@dataclass(frozen=True)
class Extension:
    number: str
    name: str
    rings: int = RINGS
    soon_back: bool = False  # it is parked in a lot of its own


@dataclass(frozen=True)
class Account:
    """A login of the manager interface, with the classes of rights that Asterisk knows."""

    username: str
    secret: str
    read: str = "call,reporting"
    write: str = "call,originate,reporting"


@dataclass(frozen=True)
class Office:
    extensions: tuple[Extension, ...]
    outside: dict[str, int]  # number of a phone behind the trunk → its place
    accounts: tuple[Account, ...]
    group: tuple[str, ...] = ()  # who rings when 610 is dialled
    queue: tuple[str, ...] = ()  # who serves the queue at 620
    reception: str = ""  # where calls to the main number ring
    main_number: str = "3615550100"
    freepbx: str = ""  # "macro" or "gosub": a dial plan as FreePBX makes it


def write(office: Office, places: Places, unpacked: Unpacked) -> None:
    """Write every file of the configuration into places.etc."""
    for name in ("etc", "db", "spool", "run", "log", "lib", "moh"):
        (places.folder / name).mkdir(parents=True, exist_ok=True)
    for name, text in _files(office, places, unpacked).items():
        path = places.etc / name
        path.write_text(text)
        path.chmod(0o600)  # the secrets of the manager accounts
    _write_tone(places.folder / "moh" / "tone.wav", MUSIC_ON_HOLD)


def _files(office: Office, places: Places, unpacked: Unpacked) -> dict[str, str]:
    empty = ("acl", "cel", "udptl", "statsd", "pjproject", "stasis", "websocket_client")
    general = ("ccss", "queuerules", "confbridge", "cdr", "cdr_manager", "indications")
    return {
        **{f"{name}.conf": "" for name in empty},
        **{f"{name}.conf": "[general]\n" for name in general},
        "asterisk.conf": _asterisk(places, unpacked),
        "modules.conf": _modules(unpacked),
        "logger.conf": "[general]\n[logfiles]\nmessages => notice,warning,error\n",
        "http.conf": f"[general]\nenabled=yes\nbindaddr={PBX}\nbindport={places.http}\nprefix=\n"
        "enablestatic=no\n",
        "manager.conf": _manager(office, places),
        "features.conf": FEATURES,
        "res_parking.conf": PARKING.format(soon=SOON_BACK),
        "rtp.conf": "[general]\nrtpstart={}\nrtpend={}\nstrictrtp=no\n".format(*places.sound),
        "musiconhold.conf": f"[default]\nmode=files\ndirectory={places.folder / 'moh'}\n",
        "indications.conf": INDICATIONS,
        "confbridge.conf": "[general]\n[default_user]\ntype=user\nquiet=yes\n"
        "[default_bridge]\ntype=bridge\n",
        "pjsip.conf": _phones(office, places),
        "queues.conf": "[general]\n[support]\nstrategy=ringall\ntimeout=20\nringinuse=no\n"
        + "".join(_member(office, number) for number in office.queue),
        "extensions.conf": _dialplan(office, places),
    }


def _asterisk(places: Places, unpacked: Unpacked) -> str:
    here, root = places.folder, unpacked.root
    folders = {
        "astetcdir": places.etc,
        "astmoddir": unpacked.folder("usr/lib/**/asterisk/modules"),
        "astvarlibdir": here / "lib",
        "astdbdir": here / "db",
        "astkeydir": here / "lib",
        "astdatadir": root / "usr/share/asterisk",
        "astagidir": here / "lib",
        "astspooldir": here / "spool",
        "astrundir": here / "run",
        "astlogdir": here / "log",
        "astsbindir": root / "usr/sbin",
    }
    lines = [f"{name} => {folder}" for name, folder in folders.items()]
    return "\n".join(["[directories]", *lines, "[options]", "defaultlanguage = en", ""])


def _modules(unpacked: Unpacked) -> str:
    there = unpacked.folder("usr/lib/**/asterisk/modules")
    found = [name for name in WANTED if (there / f"{name}.so").exists()]
    return "".join(["[modules]\nautoload=no\n", *(f"load={name}.so\n" for name in found)])


def _manager(office: Office, places: Places) -> str:
    text = f"[general]\nenabled=yes\nwebenabled=yes\nbindaddr={PBX}\nport={places.manager}\n"
    text += "allowmultiplelogin=yes\nhttptimeout=60\n"
    for account in office.accounts:
        text += f"[{account.username}]\nsecret={account.secret}\n"
        text += f"deny=0.0.0.0/0.0.0.0\npermit={PBX}/255.255.255.255\n"
        text += f"read={account.read}\nwrite={account.write}\n"
    return text


FEATURES = """\
[general]
transferdigittimeout=2
xfersound=
xferfailsound=
atxfernoanswertimeout=4
atxferdropcall=no
[featuremap]
blindxfer => #1
atxfer => *2
"""
PARKING = """\
[general]
[default]
parkext => 700
parkpos => 701-720
context => parkedcalls
parkingtime => 60
comebacktoorigin = yes
[soon_back]
parkext => 750
parkpos => 751-759
context => parkedcalls
parkingtime => {soon}
comebacktoorigin = yes
"""
INDICATIONS = """\
[general]
country=us
[us]
description=United States
ringcadence=2000,4000
dial=350+440
busy=480+620/500,0/500
ring=440+480/2000,0/4000
congestion=480+620/250,0/250
callwaiting=440/300,0/10000
dialrecall=!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440
record=1400/500,0/15000
info=!950/330,!1400/330,!1800/330,0
"""

PHONE = """\
[phone](!)
type=endpoint
transport=udp
context=from-internal
disallow=all
allow=ulaw
direct_media=no
media_address={pbx}
bind_rtp_to_media_address=yes
rtp_symmetric=yes
allow_transfer=yes
allow_subscribe=yes
send_pai=yes
trust_id_inbound=yes
device_state_busy_at=2
"""
ONE_PHONE = """\
[{number}](phone)
auth={number}
aors={number}
callerid={name} <{number}>
[{number}]
type=auth
auth_type=userpass
username={number}
password=pw-{number}
[{number}]
type=aor
max_contacts=1
remove_existing=yes
support_path=no
"""
TRUNK = """\
[trunk](phone)
context=from-trunk
aors=trunk
[trunk]
type=aor
[trunk]
type=identify
endpoint=trunk
match={outside}
"""


def _phones(office: Office, places: Places) -> str:
    text = "[global]\ntype=global\nendpoint_identifier_order=ip,username\n"
    text += f"[udp]\ntype=transport\nprotocol=udp\nbind={PBX}:{places.sip}\n"
    text += PHONE.format(pbx=PBX)
    for extension in office.extensions:
        phone = ONE_PHONE.format(number=extension.number, name=extension.name)
        lot = "(phone)\nset_var=PARKINGLOT=soon_back\n"
        text += phone.replace("(phone)\n", lot) if extension.soon_back else phone
    return text + TRUNK.format(outside=OUTSIDE)


def _member(office: Office, number: str) -> str:
    return freepbx.member(number, number) if office.freepbx else f"member => PJSIP/{number}\n"


def _dialplan(office: Office, places: Places) -> str:
    if office.freepbx:
        lines = freepbx.dialplan(office, places, macros=office.freepbx == "macro")
        return "\n".join(["[general]", "static=yes", "writeprotect=yes", *lines, HOLD])
    lines = ["[general]", "static=yes", "writeprotect=yes", f"[{CONTEXT}]"]
    for phone in office.extensions:
        lines += [
            f"exten => {phone.number},hint,PJSIP/{phone.number}",
            f"exten => {phone.number},1,Dial(PJSIP/{phone.number},{phone.rings},tT)",
            " same => n,Hangup(${HANGUPCAUSE})",
            # The same phone as a PBX dials it that was not prepared for transfers.
            f"exten => 2{phone.number},1,Dial(PJSIP/{phone.number},{phone.rings})",
            " same => n,Hangup(${HANGUPCAUSE})",
            f"exten => *{phone.number},1,Answer()",
            f" same => n,Record({places.folder}/spool/{phone.number}-%d.wav,0,60,q)",
        ]
    group = "&".join(f"PJSIP/{number}" for number in office.group)
    lines += [
        f"exten => 610,1,Dial({group},{RINGS},tT)",
        "exten => 620,1,Answer()",
        " same => n,Queue(support,tT,,,60)",
        "exten => 630,1,Answer()",
        " same => n,ConfBridge(room)",
        "exten => 600,1,Answer()",
        " same => n,Echo()",
        "include => parkedcalls",
        "include => outgoing",
        "[outgoing]",
        *_outgoing(office, places),
        "[from-trunk]",
        f"exten => {office.main_number},1,Goto(from-internal,{office.reception},1)",
        "exten => _X.,1,Goto(from-internal,${EXTEN},1)",
        HOLD,
    ]
    return "\n".join(lines)


# What our documentation asks of an administrator: where callers wait during a consultation. When
# nobody fetches them for five minutes, the phone rings where they came from.
HOLD = """\
[pbxadmin-hold]
exten => s,1,MusicOnHold()
exten => _X!,1,Set(BRING_BACK=yes)
 same => n,MusicOnHold(,300)
 same => n,GotoIf($["${BRING_BACK}" = "yes"]?from-internal,${EXTEN},1)
 same => n,Hangup()
"""


def _outgoing(office: Office, places: Places) -> list[str]:
    lines = []
    for number, place in office.outside.items():
        there = f"PJSIP/trunk/sip:{number}@{OUTSIDE}:{places.phone_sip(place)}"
        for dialled in (number, "0" + number.lstrip("+")):
            lines += [f"exten => {dialled},1,Dial({there},{RINGS},tT)"]
            lines += [" same => n,Hangup(${HANGUPCAUSE})"]
    return lines


def _write_tone(path: Path, hertz: int, seconds: int = 4, rate: int = 8000) -> None:
    samples = (int(8000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(rate * seconds))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
