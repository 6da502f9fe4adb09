"""What an SMS gateway says that speaks SMSEagle's JSON-RPC, for a `HookServer` at its path."""

import json
from typing import Any, Final

from nightdesk.testing.servers.hook_server import Answer, Post

PATH: Final = "/jsonrpc/sms"
TAKEN: Final = Answer(200, body=json.dumps({"result": [{"message_id": 4753, "status": "ok"}]}).encode())


def refusing(why: str) -> Answer:
    """Return the answer of a gateway that says no with a status that HTTP calls good."""
    return Answer(200, body=json.dumps({"result": {"status": "error", "error_text": why}}).encode())


def text_of(post: Post) -> str:
    """Return the text of a message that was posted."""
    parameters: dict[str, Any] = post.body["params"]
    return str(parameters["message"])
