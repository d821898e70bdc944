"""A plain client of the simulated UnifiedAPI: raw HTTP, nothing of the product."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from simulator.server import SimulatorServer

KEY, SECRET = "5~2wKMPg9h~GExN3s01-7wX2XmLI_Xbz", "se cret"
GRANT = {"client_id": KEY, "client_secret": SECRET, "grant_type": "client_credentials"}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> tuple[int, str]:
        """HTTP status and the API's own code."""
        return self.status, self.json["error"]["code"]

    @property
    def entry(self) -> list[dict[str, Any]]:
        return [] if self.status == 204 else self.json["entry"]


class Client:
    """One keep-alive connection to one PBX, with a token."""

    def __init__(self, pbx: SimulatorServer) -> None:
        self.http = http.client.HTTPConnection(pbx.host, pbx.port, timeout=10)
        self.headers: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.http.close()

    def send(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        sent = body if isinstance(body, str | None) else json.dumps(body)
        self.http.request(method, path, sent, self.headers if headers is None else headers)
        response = self.http.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())

    def token(self, **form: str) -> Answer:
        kind = {"Content-Type": FORM}
        return self.send("POST", "/oauth/token.php", urlencode(form or GRANT), kind)

    def log_in(self) -> Self:
        token = self.token().json["access_token"]
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return self

    # ----- phone calls

    def list(self, extension: str = "@self", call_id: str = "", **query: object) -> Answer:
        path = "/".join(filter(None, ("/uapi/phoneCalls/@me", extension, call_id)))
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def calls(self, extension: str = "@self") -> list[dict[str, Any]]:
        return self.list(extension).entry

    def call(self, call_id: str) -> dict[str, Any]:
        return self.list(call_id=call_id).entry[0]

    def views(self, call_id: str) -> list[dict[str, Any]]:
        return self.call(call_id)["phoneCallView"]

    def statuses(self, call_id: str) -> dict[str, str]:
        """The status of each view, by its extension."""
        return {view["extension"]: view["status"] for view in self.views(call_id)}

    def do(self, action: str, call_id: str, /, extension: str = "@self", **more: object) -> Answer:
        path = f"/uapi/phoneCalls/@me/{extension}"
        return self.send(
            "PUT", f"{path}/{call_id}" if call_id else path, {"action": action, **more}
        )

    def transfer(self, call_id: str, target: str, leaves: str, stays: str = "") -> Answer:
        stay = {"transferNumber": stays} if stays else {}
        more = {"sendCallTo": target, "transferFromNumber": leaves, **stay}
        return self.do("Transfer", call_id, **more)

    def delete(self, extension: str, call_id: str = "", **query: str) -> Answer:
        path = "/".join(filter(None, ("/uapi/phoneCalls/@me", extension, call_id)))
        return self.send("DELETE", f"{path}?{urlencode(query)}" if query else path)

    def create(self, source: object, destination: object, /, **more: Any) -> Answer:
        query = more.pop("query", {})
        kind = more.pop("kind", "simple")
        view = {"source": source, "destination": destination, **more.pop("view", {})}
        body = {"extension": "1001", "phoneCallView": [view], **more}
        return self.send("POST", f"/uapi/phoneCalls/@me/{kind}?{urlencode(query)}", body)

    # ----- extensions

    def presence(self, extension: str = "@self", user: str = "@me", **query: object) -> Answer:
        path = f"/uapi/extensions/{user}/{extension}/presence"
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def events(self, method: str, rest: str = "", body: object = None) -> Answer:
        return self.send(method, f"/uapi/extensions/@me/0003*1001/phoneCallEvents{rest}", body)
