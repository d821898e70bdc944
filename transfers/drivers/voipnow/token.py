"""The bearer token: OAuth 2 client credentials of a trusted App (sources 11, 12).

The request and the answer are oauthlib's business; how they travel is the door's. The libraries
that also send (requests-oauthlib, authlib) bring sessions of their own, without the door's
deadlines, limits and rules about addresses.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from urllib.parse import parse_qsl

from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error

from transfers.drivers.base import Memory
from transfers.drivers.voipnow.answers import understand
from transfers.drivers.voipnow.reading import Json
from transfers.errors import AuthFailed, BadReply, DriverError, Refused
from transfers.http import Door
from transfers.sentences import say

NAME = "token"  # in the memory
USUAL_SECONDS = 3600.0  # where the PBX does not say (12)
LONGEST_SECONDS = 86_400.0
EARLY_SECONDS = 300.0  # the vendor's own client renews so early (40); of a short life, a tenth
_USABLE = re.compile(r"[A-Za-z0-9._~+/-]{1,4096}=*")  # RFC 6750


class Tokens:
    def __init__(
        self, door: Door, memory: Memory, root: str, client_id: str, client_secret: str
    ) -> None:
        self._door = door
        self._memory = memory
        self._root = root
        self._client_id = client_id
        self._client_secret = client_secret

    def __repr__(self) -> str:
        return "<Tokens>"

    def bearer(self) -> str:
        """The remembered token while it lasts, else a new one. Raises what `fetch` raises."""
        return self._remembered() or self.fetch()

    def renewed(self, refused: str) -> str:
        """Another token than the one refused: perhaps another process has one already."""
        other = self._remembered()
        return other if other and other != refused else self.fetch()

    def fetch(self) -> str:
        """Log in. Raises AuthFailed, Unreachable, BadReply."""
        client = BackendApplicationClient(self._client_id)
        form = client.prepare_request_body(
            include_client_id=True,
            client_secret=self._client_secret,
            type="unifiedapi",
            redirect_uri=f"{self._root}/oauth/token.php",  # meaningless, and always sent (40)
        )
        fields = dict(parse_qsl(form, keep_blank_values=True))
        reply = self._door.read("POST", f"{self._root}/oauth/token.php", form=fields)
        try:
            said = understand(reply, (self._client_secret,)).data
            token, seconds = _read(client, said)
        except DriverError as error:
            failure = _as_login(error)
        else:
            self._remember(token, seconds)
            return token
        raise failure

    def _remembered(self) -> str:
        try:
            kept = json.loads(self._memory.get(NAME) or "{}")
            fits = kept["of"] == self._account and kept["until"] > time.time()
            return str(kept["token"]) if fits else ""
        except (ValueError, KeyError, TypeError):
            return ""

    def _remember(self, token: str, seconds: float) -> None:
        life = min(seconds, LONGEST_SECONDS)
        left = life - min(EARLY_SECONDS, life / 10)
        if left > 0:
            kept = {"token": token, "until": time.time() + left, "of": self._account}
            self._memory.put(NAME, json.dumps(kept), left)

    @property
    def _account(self) -> str:
        """A changed secret or address never meets the token of the old one."""
        login = json.dumps([self._root, self._client_id, self._client_secret])
        return hashlib.sha256(login.encode()).hexdigest()


def _read(client: BackendApplicationClient, said: object) -> tuple[str, float]:
    """The token and its life in seconds. Raises BadReply."""
    if not isinstance(said, dict):
        raise BadReply(say("There is no VoipNow login at this address: check the address."))
    names = ("access_token", "token_type", "expires_in")
    known: Json = {name: said[name] for name in names if name in said}
    if isinstance(known.get("expires_in"), bool):
        del known["expires_in"]
    try:
        token = client.parse_request_body_response(json.dumps(known))
        usual = USUAL_SECONDS if known.get("expires_in") is None else 0.0  # oauthlib drops a 0
        bearer, seconds = token["access_token"], float(token.get("expires_in", usual))
    except (OAuth2Error, ValueError, TypeError, ArithmeticError):
        bearer, seconds = "", 0.0
    if not isinstance(bearer, str) or not _USABLE.fullmatch(bearer):
        raise BadReply(say("The PBX's login answers without a usable token: check the address."))
    return bearer, seconds


def _as_login(error: DriverError) -> DriverError:
    """Whatever else the token endpoint refuses, it is our login that it refuses."""
    if isinstance(error, Refused) and not isinstance(error, AuthFailed):
        said = error.vendor_text or error.vendor_code
        why = say("The PBX refuses the login: {words}", words=said)
        return AuthFailed(why, vendor_code=error.vendor_code, vendor_text=error.vendor_text)
    return error.with_traceback(None)
