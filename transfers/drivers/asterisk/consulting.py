"""Hold and consultations without feature codes: Redirect both legs at once, Bridge two of them.

Whoever is to wait goes to our context of the dial plan, where there is music; the extension there
is the number of the person who comes back to the call. A channel keeps its id through all of it.
The PBX brings nobody back when a consultation ends by itself: the board sees the held party alone
and `retrieve` rings the phone it belongs to.

Measured on 16.28 and 22.10: Bridge takes channels out of whatever they are in; with a channel
that is not answered it loses the call, so that is never sent. A phone that dials a second call
puts its first line on hold itself, and only that phone can take it up: a Bridge "succeeds", and
nobody hears anybody. So the phones are looked at first.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from transfers.domain import Call, Leg, same_number
from transfers.drivers import words
from transfers.drivers.asterisk import menu, targets
from transfers.drivers.asterisk.channels import UID
from transfers.drivers.asterisk.menu import Kind
from transfers.errors import BadReply, CallGone, DriverError, NotSupported, Refused
from transfers.sentences import joined, say

if TYPE_CHECKING:
    from transfers.domain import Receipt
    from transfers.drivers.asterisk.driver import AsteriskDriver

BACK = "BRING_BACK"  # our context brings back who has waited too long, unless this says "no"
NOBODY = "s"  # the extension of our context for who waits without a way back
AT_PHONE = "CHANNEL(rtp,hold,audio)"  # "1": the phone at this end has put the line on hold


def consult(driver: AsteriskDriver, call: Call, target: str, leaves: Leg) -> Receipt:
    """The other party waits, the transferor's leg dials the target."""
    must_be(call, Kind.TALKS)
    stays, own = channel_of(call, leaves.other.value), channel_of(call, leaves.value)
    back = _place_of(call.party(leaves).number)
    _must_hold(driver, back)
    driver.look_up(driver.context, target)
    return _redirect_two(driver, (stays, driver.hold_context, back), (own, driver.context, target))


def hold(driver: AsteriskDriver, call: Call, by: Leg | None) -> Receipt:
    """Both parties hear music: no phone has to do anything."""
    must_be(call, Kind.TALKS)
    own = by or Leg.CALLEE
    back = _place_of(call.party(by).number) if by else NOBODY
    _must_hold(driver, back)
    return _redirect_two(
        driver,
        (channel_of(call, own.other.value), driver.hold_context, back),
        (channel_of(call, own.value), driver.hold_context, NOBODY),
    )


def retrieve(driver: AsteriskDriver, call: Call) -> Receipt:
    """Back to each other; who is left alone is brought back to the phone that held the call."""
    must_be(call, Kind.BOTH_WAIT, Kind.WAITS)
    if call.extra.get("kind") == Kind.BOTH_WAIT:
        _must_hear(driver, call, "caller", "callee")
        return _bridge(driver, channel_of(call, "caller"), channel_of(call, "callee"))
    side = Leg(call.extra.get("side", "caller"))
    number = call.party(side.other).number
    driver.look_up(driver.context, number)
    return driver.redirect(channel_of(call, "waits"), driver.context, number)


def join(driver: AsteriskDriver, held: Call, consultation: Call) -> Receipt:
    """The far parties talk to each other; both legs of the transferor are let go.

    The PBX lets a leg go whose partner Bridge takes away. One that waits in our context it does
    not: that goes first, for nobody could be sure of it where Bridge is not answered.
    """
    must_be(consultation, Kind.TALKS)
    must_be(held, Kind.WAITS, Kind.HELD_AT_PHONE, Kind.BOTH_WAIT)
    stays, target = _far(held, consultation), _far(consultation, held)
    _must_hear(driver, held, stays)
    _must_hear(driver, consultation, target)
    far = channel_of(held, stays), channel_of(consultation, target)
    if held.extra.get("kind") != Kind.BOTH_WAIT:
        return _bridge(driver, *far)
    _let_go(driver, channel_of(held, Leg(stays).other.value))
    return _bridge_or_say(
        driver, *far, say("The other party is on hold; the line to it was let go.")
    )


def _let_go(driver: AsteriskDriver, own: str) -> None:
    """Her leg. It is as good when she has hung up herself."""
    with suppress(CallGone):
        driver.send("Hangup", Channel=own, Cause="16")


def cancel(driver: AsteriskDriver, held: Call, consultation: Call) -> Receipt:
    """Back to the call the consultation is about; the target is let go."""
    first, second = held, consultation
    if held.related == consultation.id:
        first, second = consultation, held
    if second.extra.get("kind") == Kind.WAITS:  # after a swap it is the target who waits
        must_be(first, Kind.TALKS)
        return driver.send("Hangup", Channel=channel_of(second, "waits"), Cause="16")
    must_be(first, Kind.WAITS)
    own = _own_side(second, first)
    _must_hear(driver, second, own.value)
    _must_hear(driver, first, "waits")
    return _bridge(driver, channel_of(first, "waits"), channel_of(second, own.value))


def swap(driver: AsteriskDriver, held: Call, consultation: Call) -> Receipt:
    """Both parties of the running call wait for a moment; then hers is bridged with the held."""
    must_be(held, Kind.WAITS)
    must_be(consultation, Kind.TALKS)
    own = _own_side(consultation, held)
    far, near = (channel_of(consultation, leg.value) for leg in (own.other, own))
    back = _place_of(consultation.party(own).number)
    _must_hold(driver, back)
    _must_hear(driver, consultation, own.value)
    _must_hear(driver, held, "waits")
    _redirect_two(driver, (far, driver.hold_context, back), (near, driver.hold_context, NOBODY))
    return _bridge_or_say(
        driver, channel_of(held, "waits"), near, say("All parties may be on hold now.")
    )


def _bridge_or_say(driver: AsteriskDriver, one: str, other: str, left: str) -> Receipt:
    """The second command of two: where it fails, `left` says what the first one has left."""
    try:
        return _bridge(driver, one, other)
    except DriverError as error:
        failure = type(error)(
            joined(error.safe_text, left),
            vendor_code=error.vendor_code,
            vendor_text=error.vendor_text,
        )
        failure.sent = True
    raise failure


def _bridge(driver: AsteriskDriver, one: str, other: str) -> Receipt:
    """`one` waits. When the call is over it goes on in the dial plan, so that is told first not
    to bring it back."""
    driver.send("Setvar", Channel=one, Variable=BACK, Value="no")
    try:
        return driver.send("Bridge", Channel1=one, Channel2=other, Tone="no")
    except Refused:
        with suppress(DriverError):
            driver.send("Setvar", Channel=one, Variable=BACK, Value="yes")
        raise


def must_be(call: Call, *kinds: Kind) -> None:
    if call.extra.get("kind") not in kinds:
        raise NotSupported(say("The call is not in the state for this any more; nothing was sent."))


def _must_hear(driver: AsteriskDriver, call: Call, *names: str) -> None:
    """Refuse when a phone of ours among these legs holds its line: nobody would hear anybody.

    Not asked is a trunk: what is on hold beyond it cannot be taken up by anybody here. A PBX that
    does not tell is believed to be as usual.
    """
    phones = call.extra.get("phones", "").split()
    for name in names:
        if call.extra.get(name) in phones and _is_held_at(driver, channel_of(call, name)):
            party = call.party(Leg(call.extra["side"] if name == "waits" else name))
            why = say(
                "The phone of {number} has this line on hold itself: resume it there, then try "
                "again.",
                number=party.number or party.name,
            )
            raise Refused(joined(why, words.NOTHING_SENT), vendor_text=f"{AT_PHONE}=1")


def _is_held_at(driver: AsteriskDriver, channel: str) -> bool:
    try:
        answer = driver.session.ask("Getvar", Channel=channel, Variable=AT_PHONE)
    except CallGone:
        raise
    except (Refused, BadReply):
        return False
    return answer.head.get("value") == "1"


def channel_of(call: Call, name: str) -> str:
    """The id of a channel; names change when calls are moved, ids do not."""
    uid = call.extra.get(name, "")
    if UID.fullmatch(uid):  # with a slash in front it would be a pattern, and mean everybody
        return uid
    raise NotSupported(say("The PBX does not tell which channel that is; nothing was sent."))


def _redirect_two(
    driver: AsteriskDriver, one: tuple[str, str, str], other: tuple[str, str, str]
) -> Receipt:
    return driver.send(
        "Redirect",
        Channel=one[0],
        Context=one[1],
        Exten=one[2],
        Priority="1",
        ExtraChannel=other[0],
        ExtraContext=other[1],
        ExtraExten=other[2],
        ExtraPriority="1",
    )


def _must_hold(driver: AsteriskDriver, exten: str) -> None:
    """Our context is there: who is redirected to one that is not, is hung up."""
    if not driver.hold_context:
        raise NotSupported(joined(menu.NO_HOLD, words.NOTHING_SENT))
    targets.must_exist(driver.session, driver.hold_context, exten)


def _place_of(number: str) -> str:
    return number if number.isascii() and number.isdigit() else NOBODY


def _own_side(call: Call, other: Call) -> Leg:
    """The side of `call` at which the person common to both is."""
    sides = [
        leg
        for leg in Leg
        if any(same_number(call.party(leg).number, other.party(each).number) for each in Leg)
    ]
    if len(sides) != 1:
        raise NotSupported(
            say("These two calls do not have one party in common; nothing was sent.")
        )
    return sides[0]


def _far(call: Call, other: Call) -> str:
    """The leg of who is in this one of the two calls only."""
    return "waits" if call.extra.get("waits") else _own_side(call, other).other.value
