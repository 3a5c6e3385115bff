"""What secrets look like: patterns, with the words without which a pattern cannot match.

A pattern runs on a text only where one of its triggers stands, so that a log of half a million lines is
read in seconds. Lower-case triggers are looked for in the lower-cased text, others in the text as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from guardrails import told_passwords

Trigger = str | re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One form of secret. One of the groups `s`, `t`, `u`, `v` holds the secret, where only a part of the match is."""

    kind: str
    triggers: tuple[Trigger, ...]
    pattern: re.Pattern[str]
    own: bool = True


# Only their patterns are used: nothing of detect-secrets reads files or verifies a secret over the network.
# Left out: the entropy plugins (they flag every line of a log), IP addresses, and `keyword`, whose quoted
# assignments are among ours. Module → class and triggers.
_PLUGINS: dict[str, tuple[str, tuple[Trigger, ...]]] = {
    "artifactory": ("ArtifactoryDetector", ("AKC", re.compile(r"AP[\dA-F]"))),
    "aws": ("AWSKeyDetector", ("AKIA", "ASIA", "ABIA", "ACCA", "A3T", "aws")),
    "azure_storage_key": ("AzureStorageKeyDetector", ("AccountKey=",)),
    "basic_auth": ("BasicAuthDetector", (re.compile(r"://[^\s/]*@"),)),
    "cloudant": ("CloudantDetector", ("cloudant", "clou")),
    "discord": ("DiscordBotTokenDetector", (re.compile(r"\.[\w-]{6}\.[\w-]{27}"),)),
    "github_token": ("GitHubTokenDetector", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_")),
    "gitlab_token": (
        "GitLabTokenDetector",
        (
            "glpat-",
            "gldt-",
            "glft-",
            "glsoat-",
            "glrt-",
            "GR1348941",
            "glcbt-",
            "glimt-",
            "glptt-",
            "glagent-",
            "gloas-",
        ),
    ),
    "ibm_cloud_iam": ("IbmCloudIamDetector", ("key", "pwd", "pass", "token")),
    "ibm_cos_hmac": ("IbmCosHmacDetector", ("secret", "access", "key")),
    "mailchimp": ("MailchimpDetector", (re.compile(r"-us\d"),)),
    "npm": ("NpmDetector", ("_authtoken",)),
    "openai": ("OpenAIDetector", ("T3BlbkFJ",)),
    "pypi_token": ("PypiTokenDetector", ("pypi-",)),
    "sendgrid": ("SendGridDetector", ("SG.",)),
    "slack": ("SlackDetector", ("xox", "hooks.slack")),
    "softlayer": ("SoftlayerDetector", ("softlayer",)),
    "square_oauth": ("SquareOAuthDetector", ("sq0csp",)),
    "stripe": ("StripeDetector", ("k_live_",)),
    "telegram_token": ("TelegramBotTokenDetector", (re.compile(r":[\w-]{35}"),)),
    "twilio": ("TwilioKeyDetector", (re.compile(r"(?:AC|SK)[a-z0-9]{32}"),)),
}

# Small and capital letters and figures in turns, as no word or number of a record has them.
_DRAWN = r"(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=(?:[A-Za-z_-]*\d+[A-Za-z_-]+){2})"
_GATE, _MANY = 2, 3  # letters that at least so many triggers begin with
TOLD = "password in words"
NAMES = (
    rf"{told_passwords.PASSWORDS}|"
    r"(?:client|app|shared|consumer|webhook)?[ _-]?secret(?:[ _-]?(?:access)?[ _-]?key)?|"
    r"(?:api|auth|access|account|private|service|encryption|signing)[ _-]?key|"
    r"(?:access|refresh|id|auth|api|bearer|session|csrf|xsrf|security)[ _-]?token|x-api-key|"
    r"x-auth-token|x-amz-security-token|cred(?:ential)?s?|session[ _-]?id|j?sessionid|phpsessid|connect\.sid"
)
HEADERS = r"(?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-auth-token|x-csrf-token|x-amz-security-token"
PARAMETERS = (
    r"token|access_token|id_token|refresh_token|code|client_secret|client_assertion|assertion|"
    r"SAMLResponse|SAMLRequest|sig|signature|x-amz-signature|api_?key|password|sid|session_?id|ticket"
)


_OWN = [
    Rule(
        "private key",
        ("private key", "putty"),
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
            r"(?:(?:(?!-----BEGIN)[\s\S])*?-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|[^\n]*)"
            r"|PuTTY-User-Key-File-\d[^\n]*"
        ),
    ),
    Rule("json web token", ("eyJ",), re.compile(r"\beyJ[\w=-]{8,}\.[\w=-]{8,}(?:\.[\w=+/-]*){0,3}")),
    Rule(
        "authorization",
        ("bearer", "basic", "negotiate", "ntlm", "digest"),
        re.compile(r"(?i)\b(?:bearer|basic|negotiate|ntlm|digest)\s+(?P<s>[\w.~+/=-]{16,})"),
    ),
    Rule(
        "header",
        ("authorization", "cookie", "x-"),
        re.compile(rf"(?im)(?<![\w-])(?:{HEADERS})[\"']?\s*[:=]\s*[\"']?(?P<s>[^\"'\r\n]+)"),
    ),
    Rule(
        "assignment",
        (
            "pass",
            "pwd",
            "kennwort",
            "contrase",
            "secret",
            "key",
            "token",
            "session",
            "sessid",
            ".sid",
            "cred",
            "pw",
            "parola",
            "wachtwoord",
            "senha",
            "senord",
            "adgangskode",
            "hasł",
            "haslo",
            "heslo",
            "salasana",
        ),
        re.compile(
            rf"(?i){told_passwords.START}(?:{NAMES})[\"'\]]{{0,2}}\s*(?:=>|:=|==?|:|\bis\b)\s*(?:<\w+>)?"
            r"(?:\"(?P<s>[^\"\r\n]+)\"|'(?P<t>[^'\r\n]+)'|(?P<u>[^\s\"',;&<>]+))"
        ),
    ),
    Rule(TOLD, told_passwords.TRIGGERS, told_passwords.NAMED),
    Rule(
        "key in words",
        ("key", "token", "secret"),
        re.compile(
            r"(?i)(?<![A-Za-z])(?:(?:api|access|auth|secret)[ _-]key|client[ _-]secret|"
            r"(?:access|refresh|auth|api|bearer|session|security)[ _-]token|token)\s+(?P<s>[\w.~+/=-]{16,})"
        ),
    ),
    Rule(
        "key near its name",
        ("key", "token", "secret", "credential", "cookie"),
        re.compile(
            r"(?i:(?<![a-z])(?:api|access|auth|secret|session|bearer|refresh|security)?[ _-]?(?:key|token|secret|credential|"
            rf"cookie)s?\b)[^\n.;]{{0,60}}?(?<![\w/.@-])(?P<s>{_DRAWN}[\w-]{{20,}})"
        ),
    ),
    Rule(
        "command line",
        ("--pass", "sshpass", "mysql", " -u", "--user"),
        re.compile(
            r"--pass(?:word|wd|phrase)?[ =](?P<s>[^\s\"']+)|\bsshpass\s+-p\s*(?P<t>[^\s\"']+)"
            r"|\bmysql\w*\b[^\n|;]*?\s-p(?P<u>[^\s\"']{4,})|(?:\s-u|--user)[ =]?[\w.@\\-]+:(?P<v>[^\s\"']+)"
        ),
    ),
    Rule(
        "query parameter",
        (re.compile(r"[?&#;]\w+="), "x-amz", "token=", "saml", "sid="),
        # In a form body the first parameter has no sign before it; `code=` and `ticket=` there are prose.
        re.compile(
            rf"(?i)(?:[?&#;]|(?<![\w&?#;-])(?!code|ticket|sig|pass))(?P<name>{PARAMETERS})=(?P<s>[^&\s\"'<>#]+)"
        ),
    ),
    Rule(
        "recovery code",
        (" code", "passcode"),
        re.compile(
            r"(?i:(?:bypass|recovery|backup|one[- ]time|mfa|otp|unlock|emergency)[ -]code|passcode)s?"
            r"(?:\s+is|\s*[:=])?\s*(?P<s>(?=[A-Z0-9-]*\d)[A-Z0-9][A-Z0-9-]{5,})"
        ),
    ),
    Rule(
        "live token",
        ("_live_", "_prod_", "-live-", "-prod-"),
        # With hyphens it must look drawn up: hosts are named `web-prod-…` too.
        re.compile(rf"\b[a-z]{{2,8}}(?:_(?:live|prod)_(?=\w*\d)\w{{16,}}|-(?:live|prod)-{_DRAWN}\w{{16,}})"),
    ),
    Rule(
        "connection string",
        (re.compile(r"://[^\s/]*@"),),
        re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://[^\s/:@\"']*:(?P<s>[^\s@\"']+)@(?=[\w.\[-])"),
    ),
    Rule(
        "aws access key",
        ("AKIA", "ASIA", "ABIA", "ACCA"),
        re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b"),
    ),
    Rule(
        "google key",
        ("AIza", "ya29.", "GOCSPX"),
        re.compile(r"\bAIza[\w-]{35}\b|\bya29\.[\w-]{20,}|\bGOCSPX-[\w-]{20,}"),
    ),
    Rule(
        "azure key",
        ("accountkey", "sharedaccess"),
        re.compile(r"(?i)\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)=(?P<s>[\w+/=%&-]{20,})"),
    ),
    Rule(
        "github token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat"),
        re.compile(r"\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}"),
    ),
    Rule(
        "slack token",
        ("xox", "hooks.slack"),
        re.compile(r"(?i)\bxox[abeoprs]-[\w-]{10,}|hooks\.slack\.com/services/[\w/]{20,}"),
    ),
    Rule(
        "stripe key",
        ("k_live_", "k_test_", "whsec_"),
        re.compile(r"\b[rsp]k_(?:live|test)_\w{16,}|\bwhsec_\w{16,}"),
    ),
    Rule("npm token", ("npm_",), re.compile(r"\bnpm_\w{30,}")),
]


def present(text: str) -> list[Rule]:
    """The rules that could match in `text`: own ones and those of detect-secrets, which is imported only then."""
    low = text.lower()
    # Most texts are a few words of ours and hold no trigger: each trigger is looked for once, whatever rules it has.
    standing: set[Trigger] = set()
    for gate, behind in _LOW.items():
        if gate in low:
            standing.update([trigger for trigger in behind if trigger in low])
    standing.update([trigger for trigger in _EXACT if trigger in text])
    standing.update([trigger for trigger in _SEARCHED if trigger.search(text)])
    return [rule for rule in _RULES if not standing.isdisjoint(rule.triggers)] if standing else []


def among(rules: Iterable[Rule], text: str) -> list[Rule]:
    """Those of `rules` that could match in `text`."""
    low = text.lower()
    return [rule for rule in rules if any(_stands(trigger, text, low) for trigger in rule.triggers)]


def matches(rule: Rule, text: str) -> Iterator[re.Match[str]]:
    """The matches of one rule."""
    for pattern in (rule.pattern,) if rule.own else _plugin_patterns(rule.kind):
        yield from pattern.finditer(text)


def _stands(trigger: Trigger, text: str, low: str) -> bool:
    if isinstance(trigger, str):
        return trigger in (low if trigger.islower() else text)
    return trigger.search(text) is not None


def _gated(triggers: Iterable[str]) -> dict[str, list[str]]:
    """The triggers behind what all of them have in them: where that does not stand, none of them does."""
    every = sorted(triggers, key=lambda one: (len(one), one))
    shared = Counter(one[:_GATE] for one in every)
    gates: dict[str, list[str]] = {start: [] for start, count in shared.items() if count >= _MANY}
    for one in every:
        gates.setdefault(next((gate for gate in gates if gate in one), one), []).append(one)
    return gates


# The pattern of a plugin's rule is a stand-in: the real ones are loaded on first use.
_PLUGIN_RULES = [Rule(name, triggers, re.compile(""), own=False) for name, (_, triggers) in _PLUGINS.items()]
_RULES = [*_OWN, *_PLUGIN_RULES]
_WORDS = {trigger for rule in _RULES for trigger in rule.triggers if isinstance(trigger, str)}
_LOW = _gated(trigger for trigger in _WORDS if trigger.islower())
_EXACT = [trigger for trigger in _WORDS if not trigger.islower()]
_SEARCHED = [trigger for rule in _RULES for trigger in rule.triggers if isinstance(trigger, re.Pattern)]


@cache
def _plugin_patterns(module: str) -> list[re.Pattern[str]]:
    plugin = getattr(import_module(f"detect_secrets.plugins.{module}"), _PLUGINS[module][0])
    return list(plugin.denylist)


def load_plugins() -> None:
    """Load the real patterns now, and not with the first text that may hold a secret."""
    for name in _PLUGINS:
        _plugin_patterns(name)
