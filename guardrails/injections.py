"""Forms of instructions to an agent, as patterns over folded or lower-cased text (`instructions` uses them)."""

from __future__ import annotations

import re

_ACTS = (
    r"approve|accept|authori[sz]e|release|sign|submit|close|set|mark|page|notify|alert|open|send|email|forward|delete|"
    r"remove|ignore|skip|bypass|override|disregard|forget|reveal|print|show|share|grant|give|execute|run|call|escalate|"
    r"publish|change|update|treat|proceed|respond|reply|answer|write|output|say|pretend|do|confirm|verify|stop|add|use|"
    r"genehmig\w*|ignorier\w*|setze?|sende?|approuve\w*|envoie\w*|aprueba\w*|ignora\w*|approva\w*|negeer\w*"
)
_AGENT = (
    r"(?:ai|a\.i\.|llm|language model|model|assistant|agent|bot|chat ?bot|co-?pilot|casegate|gpt|automation|system)"
)
_SOFTLY = r"(?:please |kindly |now |you (?:must|should|will|can|may) |just |always |immediately |to )*"
_RULES = (
    r"(?:instructions?|rules?|prompts?|guidelines?|polic(?:y|ies)|directions?|guard ?rails?|boundar(?:y|ies)|restrictions?|"
    r"constraints?|anweisung\w*|regeln|vorgaben|consignes?|regles|instrucciones|reglas|istruzioni|regole|instructies|"
    r"regels|instrucoes|regras)"
)
_GO = (
    r"(?:go\b|go ahead|proceed|continue with|release|execute|run it|skip|no (?:further|need|more)|do it|send it|submit|"
    r"los\b|allez|adelante|procedi)"
)

FORMS = {
    "override of its instructions": re.compile(
        r"\b(?:ignore|disregard|forget|override|bypass|discard|do not follow|dont follow|stop following|ignorier\w*|"
        rf"vergiss|missachte|ignorez?|oublie[zr]?|ignora\w*|olvida|dimentica|negeer|vergeet|esqueca)\b[^.!?]{{0,40}}\b{_RULES}\b"
    ),
    "a role in the conversation": re.compile(
        r"(?:^|\n)\W{0,4}(?:system (?:prompt|message|note|override)|assistant|ai|developer (?:message|note))\s*:\s*\S"
        rf"|(?:^|\n)\W{{0,4}}(?:system|agent|bot|copilot|automation)\s*:\s*{_SOFTLY}(?:{_ACTS})\b"
        r"|<\|?(?:im_start|im_end|system|endoftext|assistant|user)\|?>|\[/?inst\]|<</?sys>>|###? ?(?:instruction|system)s?\b"
        r"|\b(?:begin|end) (?:system|prompt)\b|\bnew (?:system )?instructions?\s*:"
    ),
    "an order to the assistant": re.compile(
        rf"(?:^|[\n.!?>\](]\s*|\b(?:dear|hey|hello|hi|attention|to)\s+(?:the |all |any |whichever )?(?:\w+ )?){_AGENT}s?"
        rf"\s*[:,>–—-]+\s*{_SOFTLY}(?:{_ACTS})\b"
        rf"|\b(?:note|message|instructions?|reminder|attention)\s+(?:to|for)\s+(?:the |all |any )?(?:\w+ )?{_AGENT}s?\s*[:,;–—-]"
        r"|\byou are (?:now|no longer) (?:an?|the|in|free|allowed|unrestricted|bound)\b|\bfrom now on,? you\b"
        r"|\bsystem prompt\b|\bdeveloper mode\b|\bjailbreak"
        r"|\bact as (?:an? |the )?(?:ai|admin\w*|root|system|unrestricted|approver|duty manager)\b"
        r"|\bif you are an? (?:ai|llm|bot|assistant|language model|automated)"
        r"|\b(?:any|the|an|this|whichever) (?:ai|llm|assistant|bot|copilot|model|language model)s? (?:reading|processing|that reads?)\b"
        rf"|\b(?:ai|llm|assistant|copilot|model|the agent|the bot|casegate)\s+(?:must|should|shall|has to|is to)\s+"
        rf"(?:now |also |therefore )?(?:{_ACTS})\b"
        r"|\byour (?:new )?(?:task|goal|role|instructions?) (?:is|are) (?:now|to)\b"
    ),
    "an approval": re.compile(
        r"\b(?:approved|approval|signed off|authori[sz]ed|cleared|sign ?off|genehmigt|approuve|aprobado|approvato)\b"
        rf"[^.!?\n]{{0,60}}?(?:[,;:–—-]|\band\b|\bso\b)\s*(?:please |just |now |you can |you may |then |so )*{_GO}"
        r"|\b(?:approvals?|checks?|reviews?) (?:(?:are|is|were|was|have been) )?already (?:verified|given|done|granted|checked|"
        r"approved)\b[^.!?\n]{0,30}\b(?:skip|no need|proceed|so|go|without)\b"
        r"|\b(?:consider|treat|count|take|mark|regard)\b[^.!?\n]{0,30}\b(?:pre-?)?(?:approved|an approval)\b"
        r"|\bapprove[ds]? by default\b|\bno (?:further|more|additional) (?:approval|review|check|sign ?off)s? (?:(?:is|are) )?"
        r"(?:needed|required|necessary)\b|\bmark (?:this|it|the \w+) (?:as )?(?:verified|passed|cleared)\b"
        r"|\b(?:skip|bypass|waive)\b[^.!?\n]{0,20}\b(?:approval|review|gate|sign ?off|check|recheck|verification)s?\b"
        r"|\byou have (?:my|our|full) approval\b|\bclose all objections\b"
    ),
    "a role that gives orders": re.compile(
        r"\bi ?a?m (?:the |your |an? )?(?:system |security |platform )?(?:admin(?:istrator)?|cto|ceo|ciso|developer|owner|operator|"
        r"duty manager|release owner|approver)\b[^.!?\n]{0,60}\b(?:order|instruct|authori[sz]e|approve|command|require|tell)\b"
        r"|\bi (?:hereby )?(?:authori[sz]e|instruct|order|command) (?:you|the (?:agent|assistant|bot|ai|system))\b"
        r"|\b(?:by order of|on the authority of|acting (?:as|on behalf of)) (?:the )?(?:cto|ceo|ciso|admin|management|duty manager)\b"
    ),
    "a way out for data": re.compile(
        r"!\[[^\]]*\]\(\s*(?:https?:)?//[^)]*(?:[?&=]|\{|%7b|data|secret|token|conversation|context|prompt)[^)]*\)"
        r"|\[[^\]]*\]\(\s*https?://[^)\s]*[?&]\w+=(?:\{|%7b|<|\$|\[)[^)]*\)"
        r"|<img[^>]+src\s*=\s*[\"']?https?://[^\"'>]*[?&]\w+="
        r"|\b(?:append|add|put|include|encode|insert)\b[^.!?\n]{0,60}\b(?:to|into|in) (?:the |this )?(?:url|link|query|image)\b"
        r"|\b(?:send|post|upload|forward|exfiltrate|leak|transmit|submit)\b[^.!?\n]{0,80}\b(?:to|at)\s+https?://"
        r"|(?:^|[.!:;]\s*|\bplease )(?:curl|wget|fetch)\s+(?:-\S+\s+)*[\"']?https?://"
    ),
    "a tool call": re.compile(
        r"[\"']?(?:tool|tool_name|function|function_call|tool_calls|recipient_name|name)[\"']?\s*[:=][\s\S]{0,200}"
        r"[\"'](?:arguments|parameters|args|tool_input|action_input)[\"']\s*:"
        r"|[\"'](?:tool_calls?|function_call|tool_name)[\"']\s*:|<(?:tool_call|function_calls?|invoke|tool_use)\b"
    ),
}
# One of these stands in every text that a form can fit: a cheap test, for logs.
SUSPECT = re.compile(
    r"(?i)instruct|ignor|disregard|prompt|approv|authori|genehmig|signed off|cleared|assistant|agent|\bbot\b|\bai\b|llm|model|"
    r"copilot|casegate|system|automation|gpt|you (?:are|have)|from now on|rules?\b|regel|https?://|arguments|parameters|tool|"
    r"function|<\||inst\]|<<|mark\b|skip|bypass|waive|i am|i'm|by order|acting|your (?:new )?(?:task|role|goal)|aprob|approuv|"
    r"olvid|oubli|consigne|negeer|vergeet|vergiss|forget|checks?\b|by default|no (?:further|more)|objections|jailbreak|developer|\burl\b|link|query|image"
)
DISGUISED = re.compile(
    r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]|[\u0370-\u04ff]|[A-Za-z0-9+/]{24}|(?<!\w)(?:\w[ .]){5}\w(?!\w)"
)
ORDER = re.compile(rf"(?:^|[.!?:;,]\s*|\bplease\s+|\bmust\s+|\band\s+|\bnow\s+)(?:{_ACTS})\b\s+\w")
