"""A dial plan as FreePBX makes it, for the same office: its contexts, its routines, its variables.

FreePBX itself needs a web server and a database, and is not here. What it writes for Asterisk was
read in its sources (FreePBX/core, queues, ringgroups, findmefollow); this has the same steps with
what is in its database filled in, and leaves out what no channel shows (recordings, prompts). Up to
FreePBX 16 a routine is a Macro(), from 17 on a Gosub(): in both of them the channel is at `s`, and
the number that was dialled is not in its `exten` any more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.asterisk.places import OUTSIDE, Places

if TYPE_CHECKING:
    from scripts.asterisk.configuration import Office

DIAL = "HhTtr"  # DIAL_OPTIONS as FreePBX ships them
FOLLOW_ME, FOLLOWED = "1010", "1003"  # nobody's phone; it rings there, and at a number outside
CONFERENCE, GROUP, QUEUE = "630", "610", "620"


@dataclass
class Plan:
    """Lines of a dial plan, context by context."""

    macros: bool
    lines: list[str] = field(default_factory=list)

    def context(self, name: str, *includes: str) -> None:
        self.lines += [f"[{name}]", *(f"include => {each}" for each in includes)]

    def exten(self, number: str, *steps: str) -> None:
        """Steps one after the other; "label: App()" has a label."""
        for place, step in enumerate(steps):
            label, colon, app = step.partition(": ")
            where = f"n({label})" if colon else "n"
            app = app if colon else step
            self.lines.append(f" same => {where},{app}" if place else f"exten => {number},1,{app}")

    def routine(self, name: str, *steps: str) -> None:
        self.context(self.named(name))
        self.exten("s", *steps, self.back)

    def named(self, name: str) -> str:
        return f"macro-{name}" if self.macros else f"sub-{name}"

    def run(self, name: str, *arguments: str) -> str:
        given = ",".join(arguments)
        return f"Macro({name},{given})" if self.macros else f"Gosub(sub-{name},s,1({given}))"

    @property
    def back(self) -> str:
        return "MacroExit()" if self.macros else "Return()"


def dialplan(office: Office, places: Places, *, macros: bool) -> list[str]:
    plan = Plan(macros)
    _inside(plan)
    _extensions(plan, office, places)
    _groups(plan, office)
    _queue(plan)
    _out(plan, office, places)
    _in(plan, office)
    _callers(plan, office)
    _phones(plan)
    _lines(plan)
    _boxes(plan, places)
    return plan.lines


def _inside(plan: Plan) -> None:
    plan.context("from-internal", "from-internal-noxfer", "from-internal-xfer", "bad-number")
    plan.context("from-internal-noxfer")
    plan.context("from-internal-xfer", "from-internal-custom", "from-internal-additional")
    for number in "sh":
        plan.exten(number, plan.run("hangupcall"))
    plan.context("from-internal-custom")
    ours = ("ext-group", "ext-queues", "ext-meetme", "ext-findmefollow", "ext-local")
    plan.context("from-internal-additional", *ours, "parkedcalls", "outbound-allroutes")
    plan.context("bad-number")
    for number in ("_X.", "_*."):
        plan.exten(number, "ResetCDR()", "Wait(1)", "Congestion(20)", "Hangup()")
    plan.context("app-blackhole")
    plan.exten("hangup", "NoOp(Blackhole Dest: Hangup)", "Hangup()")
    plan.context("func-apply-sipheaders")
    plan.exten("s", "NoOp(Applying SIP Headers to channel ${CHANNEL})", "Return()")


def _extensions(plan: Plan, office: Office, places: Places) -> None:
    plan.context("ext-local")
    for each in office.extensions:
        number = each.number
        plan.lines.append(f"exten => {number},hint,PJSIP/{number}&Custom:DND{number}")
        plan.exten(
            number,
            f"Set(__RINGTIMER={each.rings})",
            plan.run("exten-vm", "novm", number),
            "dest: Set(__PICKUPMARK=)",
            "Hangup()",
        )
        for box in (f"*{number}", f"vmu{number}"):
            plan.exten(box, plan.run("vm", number, "DIRECTDIAL"), "Hangup()")
    plan.context("ext-meetme")
    plan.exten(
        CONFERENCE,
        plan.run("user-callerid"),
        "Set(MEETME_ROOMNUM=${EXTEN})",
        "Answer()",
        "Goto(STARTMEETME,1)",
    )
    plan.exten("STARTMEETME", "ConfBridge(${MEETME_ROOMNUM})", "Hangup()")


def _groups(plan: Plan, office: Office) -> None:
    plan.context("ext-group")
    plan.exten(
        GROUP,
        plan.run("user-callerid"),
        "Set(__NODEST=${EXTEN})",
        "Set(RecordMethod=Group)",
        "Set(RingGroupMethod=ringall)",
        "DIALGRP: " + plan.run("dial", "40", DIAL, "&".join(f"PJSIP/{n}" for n in office.group)),
        "Set(RingGroupMethod=)",
        "Set(__NODEST=)",
        "Goto(app-blackhole,hangup,1)",
    )
    outside = next(iter(office.outside))
    plan.context("ext-findmefollow")
    legs = f"Local/FMPR-{FOLLOWED}@from-internal/n&Local/FMGL-{outside}#@from-internal/n"
    plan.exten(
        FOLLOW_ME,
        plan.run("user-callerid"),
        "Set(__NODEST=${EXTEN})",
        "Set(RingGroupMethod=ringallv2)",
        plan.run("dial", "40", DIAL, legs),
        "Set(__NODEST=)",
        "Goto(app-blackhole,hangup,1)",
    )
    plan.exten(
        "_FMPR-.",
        "NoOp(In FMPR ${EXTEN:5})",
        plan.run("simple-dial", "${EXTEN:5}", "40"),
        "Hangup()",
    )
    plan.exten("_FMGL-.", "Set(ENDLOOP=0)", "Goto(from-internal,${EXTEN:5:-1},1)")


def _queue(plan: Plan) -> None:
    plan.context("ext-queues")
    plan.exten(
        QUEUE,
        plan.run("user-callerid"),
        "Answer()",
        "Set(__FROMQUEUEEXTEN=${CALLERID(number)})",
        "Set(__NODEST=${EXTEN})",
        "Set(__QCONTEXT=0)",
        "Set(QUEUENUM=${EXTEN})",
        "qcall: Queue(support,t,,,60)",
        "Set(__NODEST=)",
        "Goto(app-blackhole,hangup,1)",
    )
    plan.context("from-queue")
    plan.exten("_.", "Set(QAGENT=${EXTEN})", "Set(__FROMQ=true)", "Goto(${NODEST},1)")
    plan.exten(QUEUE, "Goto(from-internal,${QAGENT},1)")


def member(number: str, name: str) -> str:
    """A line of queues.conf."""
    return f"member => Local/{number}@from-queue/n,0,{name},hint:{number}@ext-local\n"


def _out(plan: Plan, office: Office, places: Places) -> None:
    plan.context("outbound-allroutes", "outrt-1")
    plan.context("outrt-1")
    for number, place in office.outside.items():
        there = f"sip:{number}@{OUTSIDE}:{places.phone_sip(place)}"
        for dialled in (number, "0" + number.lstrip("+")):
            plan.exten(
                dialled,
                plan.run("user-callerid", "LIMIT", "EXTERNAL"),
                "Set(_ROUTEID=1)",
                "Set(_NODEST=)",
                plan.run("dialout-trunk", "1", "${EXTEN}", there),
                plan.run("hangupcall"),
            )


def _in(plan: Plan, office: Office) -> None:
    plan.context("from-trunk", "from-pstn")
    plan.context("from-pstn", "ext-did", "from-did-direct", "ext-did-catchall")
    plan.context("from-did-direct", "ext-findmefollow", "ext-local")
    plan.context("ext-did")
    places = {office.main_number: f"from-did-direct,{office.reception}"}
    for number, context in ((GROUP, "group"), (QUEUE, "queues"), (CONFERENCE, "meetme")):
        places[number] = f"ext-{context},{number}"
    for number, place in places.items():
        plan.exten(
            number,
            "Set(__DIRECTION=INBOUND)",
            "Set(__FROM_DID=${EXTEN})",
            "Set(CDR(did)=${FROM_DID})",
            'ExecIf($["${CALLERID(name)}"=""]?Set(CALLERID(name)=${CALLERID(num)}))',
            f"dest-ext: Goto({place},1)",
        )
    plan.context("ext-did-catchall")
    plan.exten("_.", "NoOp(No DID or CID Match)", "Answer()", "Wait(2)", "Hangup()")


def _phones(plan: Plan) -> None:
    plan.routine(
        "exten-vm",
        plan.run("user-callerid"),
        "Set(RingGroupMethod=none)",
        "Set(__EXTTOCALL=${ARG2})",
        "Set(__PICKUPMARK=${ARG2})",
        "Set(RT=${RINGTIMER})",
        plan.run("dial-one", "${RT}", DIAL, "${EXTTOCALL}"),
        "Set(SV_DIALSTATUS=${DIALSTATUS})",
        f"GotoIf($[${{DIALPLAN_EXISTS({plan.named('exten-vm')},s-${{DIALSTATUS}},1)}}]?"
        "s-${DIALSTATUS},1)",
    )
    plan.exten("s-BUSY", "NoOp(Extension is reporting BUSY)", "Playtones(busy)", "Busy(20)")
    for word in ("NOANSWER", "CHANUNAVAIL", "CONGESTION"):
        plan.exten(f"s-{word}", "Playtones(congestion)", "Congestion(10)")
    plan.exten("h", plan.run("hangupcall"))
    plan.routine(
        "dial-one",
        "Set(DEXTEN=${ARG3})",
        "Set(DIALSTATUS_CW=)",
        "Set(DSTRING=)",
        'ExecIf($["${EXTENSION_STATE(${DEXTEN}@ext-local)}"="UNAVAILABLE"]?'
        "Set(DIALSTATUS=CHANUNAVAIL):Set(DSTRING=PJSIP/${DEXTEN}))",
        'GotoIf($["${DSTRING}"=""]?nodial)',
        "Set(D_OPTIONS=${ARG2})",
        "Set(__CWIGNORE=${CWIGNORE})",
        "Set(__KEEPCID=TRUE)",
        "Set(CONNECTEDLINE(num)=${EXTTOCALL})",
        'ExecIf($["${DIRECTION}"="INBOUND"]?Set(D_OPTIONS=HhtrI))',
        "dial: Dial(${DSTRING},${ARG1},${D_OPTIONS}b(func-apply-sipheaders^s^1))",
        plan.back,
        'nodial: ExecIf($["${DIALSTATUS}"=""]?Set(DIALSTATUS=NOANSWER))',
    )
    plan.exten("h", plan.run("hangupcall"))
    _groups_of_phones(plan)


def _groups_of_phones(plan: Plan) -> None:
    plan.routine(
        "simple-dial",
        "Set(__EXTTOCALL=${ARG1})",
        "Set(RT=${ARG2})",
        plan.run("dial-one", "${RT}", DIAL, "${EXTTOCALL}"),
    )
    plan.exten("h", plan.run("hangupcall"))
    plan.routine(
        "dial",
        "Set(ds=${ARG3}\\,${ARG1}\\,${ARG2})",
        "normdial: NoOp(Returned from dialparties with groups to dial)",
        "nddialapp: Dial(${ARG3},${ARG1},${ARG2}b(func-apply-sipheaders^s^1))",
        "NoOp(Returning since nobody answered)",
    )
    plan.exten("h", plan.run("hangupcall"))


def _lines(plan: Plan) -> None:
    plan.routine(
        "dialout-trunk",
        "Set(DIAL_TRUNK=${ARG1})",
        "Set(DIAL_NUMBER=${ARG2})",
        "Set(DIAL_TRUNK_OPTIONS=TI)",
        plan.run("outbound-callerid", "${DIAL_TRUNK}"),
        "Set(OUTNUM=${ARG3})",
        "Set(CONNECTEDLINE(num,i)=${DIAL_NUMBER})",
        "Set(CONNECTEDLINE(name,i)=CID:${CALLERID(number)})",
        "Dial(PJSIP/trunk/${OUTNUM},300,${DIAL_TRUNK_OPTIONS}b(func-apply-sipheaders^s^1))",
        "NoOp(Dial failed for some reason with DIALSTATUS = ${DIALSTATUS})",
    )
    plan.exten("h", plan.run("hangupcall"))


def _boxes(plan: Plan, places: Places) -> None:
    plan.routine(
        "vm",
        plan.run("user-callerid", "SKIPTTL"),
        "Set(VMGAIN=)",
        "Answer()",
        f"Record({places.folder}/spool/${{ARG1}}-%d.wav,0,60,q)",
    )
    plan.exten("h", plan.run("hangupcall"))
    plan.routine("hangupcall", "theend: Hangup()")


def _callers(plan: Plan, office: Office) -> None:
    known = " | ".join(f'"${{AMPUSER}}"="{each.number}"' for each in office.extensions)
    plan.routine(
        "user-callerid",
        "Set(TOUCH_MONITOR=${UNIQUEID})",
        'Set(AMPUSER=${IF($["${AMPUSER}"=""]?${CALLERID(number)}:${AMPUSER})})',
        'ExecIf($["${REALCALLERIDNUM}"=""]?Set(__REALCALLERIDNUM=${CALLERID(number)}))',
        f"ExecIf($[{known}]?Set(CALLERID(num)=${{AMPUSER}}))",
        "Set(CDR(cnum)=${CALLERID(num)})",
    )
    plan.routine(
        "outbound-callerid",
        'ExecIf($["${REALCALLERIDNUM}"=""]?Set(REALCALLERIDNUM=${CALLERID(number)}))',
        f"Set(TRUNKOUTCID={office.main_number})",
        "Set(CALLERID(all)=${TRUNKOUTCID})",
        "Set(CDR(outbound_cnum)=${CALLERID(num)})",
    )
