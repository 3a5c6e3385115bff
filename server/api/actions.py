"""What can be done through the API. Each route declares one of these; policies and token scopes speak of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Action(StrEnum):
    """An action, as the policies name it."""

    SIGN_IN = "session:start"
    SIGN_OUT = "session:end"
    SEE_SELF = "session:read"
    MANAGE_TOKENS = "tokens:manage"
    SEE_HEALTH = "installation:health"
    SEE_METRICS = "installation:metrics"
    READ_SCENARIOS = "scenarios:read"
    LIST_CASES = "cases:list"
    OPEN_CASE = "cases:open"
    READ_RUN = "run:read"
    READ_EVIDENCE = "run:read_evidence"
    READ_RAW = "run:read_raw"
    READ_LINEAGE = "run:read_lineage"
    VERIFY_LINEAGE = "run:verify_lineage"
    READ_RECEIPT = "run:read_receipt"
    READ_RECEIPT_KEYS = "receipts:keys"
    VERIFY_RECEIPT = "receipts:verify"
    WATCH_RUN = "run:watch"
    SEARCH_RUN = "run:search"
    CHAT = "run:chat"
    REVIEW_EDITS = "run:review_edits"
    OBJECT = "run:object"
    ADD_EVIDENCE = "run:add_evidence"
    READ_GATE = "run:read_gate"
    DECIDE = "run:decide"
    RETRY_DELIVERY = "run:retry_delivery"
    CANCEL_CHAT = "run:cancel_chat"
    LIST_APPROVALS = "approvals:list"
    READ_SETTINGS = "admin:read"
    CHANGE_SETTINGS = "admin:change"
    AUDIT_ADMINS = "admin:audit"
    DELEGATE = "tenant:delegate"
    HOLD_KEY = "tenant:hold_key"
    SEND_SIGNALS = "signals:send"
    CALL_HOOK = "signals:hook"
    LIST_STREAMS = "streams:list"
    WATCH_SIGNALS = "signals:watch"
    REVEAL_CLUSTER = "signals:reveal"
    SPLIT_CLUSTER = "signals:split"
    READ_EVALS = "evals:read"
    RUN_EVALS = "evals:run"


# A webhook is let in by the signature over its body: no session and no token stands behind it.
PUBLIC: Final = frozenset({Action.SIGN_IN, Action.SEE_HEALTH, Action.CALL_HOOK})

# Token scope → what it reaches. A session reaches everything that its person may do.
SCOPES: Final[Mapping[str, frozenset[Action]]] = {
    "read": frozenset(
        {
            Action.SEE_SELF,
            Action.READ_SCENARIOS,
            Action.LIST_CASES,
            Action.READ_RUN,
            Action.READ_EVIDENCE,
            Action.READ_LINEAGE,
            Action.VERIFY_LINEAGE,
            Action.READ_RECEIPT,
            Action.READ_RECEIPT_KEYS,
            Action.VERIFY_RECEIPT,
            Action.WATCH_RUN,
            Action.SEARCH_RUN,
            Action.READ_GATE,
            Action.LIST_APPROVALS,
            Action.SEE_METRICS,
            Action.READ_SETTINGS,
            Action.AUDIT_ADMINS,
            Action.LIST_STREAMS,
            Action.WATCH_SIGNALS,
            Action.READ_EVALS,
        }
    ),
    "open": frozenset({Action.SEE_SELF, Action.READ_SCENARIOS, Action.OPEN_CASE, Action.ADD_EVIDENCE}),
    "work": frozenset(
        {
            Action.CHAT,
            Action.CANCEL_CHAT,
            Action.REVIEW_EDITS,
            Action.OBJECT,
            Action.ADD_EVIDENCE,
            Action.REVEAL_CLUSTER,
            Action.SPLIT_CLUSTER,
            Action.RUN_EVALS,
        }
    ),
    "signals": frozenset({Action.SEND_SIGNALS}),
    "decide": frozenset({Action.DECIDE, Action.READ_GATE, Action.RETRY_DELIVERY}),
    "export": frozenset({Action.READ_RAW, Action.READ_RECEIPT}),
}
