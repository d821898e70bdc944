"""What the vendor leaves undocumented, one switch each. The first value is our default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.calls import CallIdRule, Rules


@dataclass
class Switches(Rules):
    """The exchange's rules and the API's open questions. Set them while the PBX runs."""

    call_id: CallIdRule = "kept"  # its callUuid links a call's legs, so it stays
    # --- login and replies
    csrf: Literal["strict", "off"] = "strict"
    csrf_notifications: Literal["lenient", "strict"] = "lenient"
    unauthenticated_status: Literal["403", "401"] = "403"
    error_status: Literal["mapped", "200", "400", "500"] = "mapped"  # HTTP status of an error
    session_seconds: float = 1800.0  # an HTTP session nobody uses, by the exchange's clock
    polls_keep_session: bool = True
    sticky: bool = False  # a load balancer's cookie without which the session is on another node
    uri_base: str = ""  # what the uris begin with; "": the PBX's own url
    version: str = "8.5.202.96"
    api_voice: bool = True  # False: the feature is missing, voice operations answer 5
    multimedia: bool = False  # True: a session may have other channels than voice
    password_change: bool = False  # True: everything answers 8
    # --- calls
    call_ids: Literal["uuid", "connection"] = "uuid"  # of older releases: not the callUuid
    connection_id: bool = True  # False: connId is absent, as in older releases
    participants: Literal["objects", "strings"] = "objects"
    target_dnis: Literal["target", "dialed"] = "target"  # of a transferred call
    caller_name_key: str = ""  # the userData key that tells the caller's name; "": nobody does
    clear_call: bool = True  # False: ClearCall is not among the capabilities
    recording: bool = False  # True: recordingState and the recording operations
    answer_by_api: bool = True  # False: a Public telephonyNetwork, nobody can Answer
    complete_while_dialing: bool = True  # CompleteTransfer before the target has answered
    unknown_operation: Literal["2", "1"] = "2"
    bad_target: Literal["event", "reply", "ring"] = "event"  # transfer to a busy or unknown number
    effect_delay_seconds: float = 0.0  # accepted now, done later
    session_needed: bool = False  # True: calls only after StartContactCenterSession
    # --- events
    event_order: Literal["after", "before", "random"] = "after"  # than the HTTP reply
    events: Literal["once", "twice", "lost"] = "once"
    event_metrics: bool = True
    participants_updated: bool = True  # the one who stays is told whom he talks to now
    error_channel: Literal["/v2/me/devices", "/v2/me/calls"] = "/v2/me/devices"
    error_text: Literal["", "errorMessage", "statusMessage"] = ""  # the member that tells it
    all_sessions_hear: bool = True  # False: only the agent's newest Bayeux session
    # --- Bayeux
    hold_seconds: float = 30.0  # of a long poll
    advised_seconds: float | None = None  # what the advice says instead
    interval_seconds: float = 0.0
    max_interval_seconds: float = 10.0  # a Bayeux session without a poll, by the wall
    multi_session_seconds: float = 2.0  # 0: the second session of a cookie jar is turned away
    events_stand: Literal["first", "last"] = "first"  # before or after the reply to the connect
    events_on_any_reply: bool = True
    unknown_client: Literal[
        "402::Unknown client", "402::session_unknown", "401::Unknown client"
    ] = "402::Unknown client"
    ack: bool = False  # the acknowledge extension
    bare_object: bool = True  # a message outside an array; False: HTTP 400
    stranger: Literal["http", "denied"] = "http"  # without a login: 403 and 20, or 403::Handshake
