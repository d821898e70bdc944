"""Click-to-dial: Originate rings her phone, and once she answers, the dial plan calls the target.

Measured on 16.28 and 22.10: a CallerID of Originate would be shown to both, so the target would see
its own number. Without it her phone keeps its own, and CONNECTEDLINE is what its display shows
while it rings. We choose the id of the call: that is how it is found again.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from transfers.domain import Receipt
from transfers.drivers.asterisk import targets
from transfers.drivers.asterisk.wire import Denied
from transfers.errors import Refused
from transfers.sentences import say

if TYPE_CHECKING:
    from transfers.drivers.asterisk.driver import AsteriskDriver

RINGS = 25  # seconds for which her own phone rings; the PBX itself ends it, whatever becomes of us
NO_RIGHT = say(
    "The PBX does not let us make calls: give the manager login the right “originate” in write=. "
    "Nothing was called."
)


def dial(driver: AsteriskDriver, extension: str, target: str) -> Receipt:
    """The target is looked up first: she would pick up her phone for nothing."""
    targets.must_exist(driver.session, driver.context, target)
    if driver.option("unregistered") == "refuse":
        targets.must_be_on(driver.session, driver.context, target, targets.nobody_there)
    phone = targets.phone_of(driver.session, driver.context, extension)
    call_id = f"pbxadmin-{int(time.time())}.{secrets.randbelow(10**9)}"
    try:
        receipt = driver.send(
            "Originate",
            Channel=phone,
            Context=driver.context,
            Exten=target,
            Priority="1",
            Async="true",  # else the answer waits until somebody answers
            Timeout=str(RINGS * 1000),
            ChannelId=call_id,
            Variable=f"CONNECTEDLINE(num,i)={target}",
        )
    except Denied as error:
        code, text = error.vendor_code, error.vendor_text
    else:
        return replace(receipt, new_call_id=call_id)
    raise Refused(NO_RIGHT, vendor_code=code, vendor_text=text)
