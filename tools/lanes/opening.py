"""From settings to a lane of its kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from runtime.lane_settings import FolderLane, Lanes, McpLane, SmtpLane, WebhookLane
from tools.lanes.port import Lane


def opener(lanes: Lanes) -> Callable[[str], Lane]:
    """A function that gives the lane of a name. Raises InputError at once where a secret cannot be read."""
    made = {name: _lane(lanes, name) for name in lanes.lanes}
    default = _lane(lanes, "")

    def open_lane(name: str) -> Lane:
        return made.get(name, default)

    return open_lane


def _lane(lanes: Lanes, name: str) -> Lane:
    given = lanes.of(name)
    match given:
        case FolderLane():
            from tools.lanes.folder import Folder

            return Folder(lanes.folder / given.path)
        case WebhookLane():
            from tools.lanes.webhook import Webhook

            return Webhook(str(given.url), lanes.secret(given.secret_file), given.timeout_seconds, given.read_back)
        case SmtpLane():
            from tools.lanes.mail import Mail, MailServer

            password = lanes.secret(given.password_file) if given.password_file else None
            return Mail(
                MailServer(
                    given.host, given.port, given.sender, given.recipient, given.timeout_seconds, given.starttls,
                    given.username, password,
                )
            )  # fmt: skip
        case McpLane():
            from tools.lanes.mcp_tool import McpTool

            return McpTool(str(given.url), given.tool, given.timeout_seconds, given.read_back)
        case _:
            assert_never(given)
