"""What only the store or a person may say: that something is approved, sent or released, and that all is well.

A model's sentence of this kind is dropped in the languages that the boundary knows. A list of words is never whole:
what a quote does not carry is not shown as backed in any language (`agents.model_checks`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

_APPROVED: Mapping[str, Sequence[str]] = {
    "en": (
        r"approv", r"sign(?:ed)?[ -]?off\b", r"(?:has|have|had|was|were|is|been) (?:counter)?signed\b",
        r"authori[sz]ed by", r"gate\b", r"released\b", r"(?:has|have|was|were|been) sent\b", r"cleared\b",
        r"go-?ahead\b", r"green[- ]?li(?:gh)?t", r"(?:has|have|gave|given) \w* ?consent", r"consented\b",
        r"agreed to the (?:release|handoff|update)",
    ),
    "de": (
        r"genehmigt", r"genehmigung", r"freigegeben", r"freigabe", r"abgesegnet", r"abgenommen\b", r"zugestimmt",
        r"zustimmung", r"gebilligt", r"bewilligt", r"unterschrieben", r"unterzeichnet", r"grunes licht",
        r"(?:ver|ge|abge)(?:sandt|schickt|sendet)\b",
    ),
    "fr": (
        r"approuv", r"approbation", r"valide(?:e|es|s)?\b", r"autorise", r"autorisation", r"signee?s?\b", r"feu vert",
        r"accord de\b", r"donne (?:son|leur) accord", r"envoyee?s?\b", r"libere",
    ),
    "es": (
        r"aprob", r"aprueb", r"autoriz", r"(?:ha|fue|esta|han) firmad[oa]", r"firmo\b", r"visto bueno", r"luz verde",
        r"enviad[oa]s?\b", r"liberad[oa]s?\b", r"consentimiento",
    ),
    "it": (
        r"approv", r"autorizzat", r"autorizzazione", r"firmat[oaie]\b", r"via libera", r"benestare", r"inviat[oaie]\b",
        r"rilasciat[oaie]\b", r"consenso\b",
    ),
    "nl": (
        r"goedgekeurd", r"goedkeuring", r"akkoord", r"geautoriseerd", r"ondertekend", r"vrijgegeven", r"toestemming",
        r"groen licht", r"(?:ver|ge)zonden\b", r"verstuurd\b",
    ),
    "pt": (
        r"aprova", r"aprovou", r"autoriza", r"autorizou", r"assinad[oa]s?\b", r"assinou\b", r"sinal verde",
        r"luz verde", r"liberad[oa]s?\b", r"enviad[oa]s?\b", r"consentimento",
    ),
    "pl": (
        r"zatwierdz", r"zaakceptow", r"akceptacj", r"zgod[aeyo]\b", r"autoryz", r"podpisa", r"zielone swiatlo",
        r"zwolnion", r"wyslan", r"przyzwolen",
    ),
}  # fmt: skip
_WELL: Mapping[str, Sequence[str]] = {
    "en": (
        r"(?:no|without|never any) (?:\w+ ){0,3}(?:breach|leak|exfiltration|intrusion|compromise|misuse)",
        r"(?:nobody|no one|none of them|no person)\b.{0,40}\b(?:access|open|read|saw|seen|view|download|touch)",
        r"(?:everything|all|data|systems?|accounts?|files?|it|matter|incident)\b.{0,30}\b(?:is|are|was|were|remains?|stays?)"
        r" (?:\w+ )?(?:safe|secured?|fine|contained|under control|in order)\b",
        r"(?:incident|matter|issue|case)\b.{0,30}\b(?:closed|resolved|over|contained)\b",
    ),
    "de": (
        r"keine?[nrm]? (?:\w+ ){0,2}(?:daten)?(?:leck|panne|verletzung|einbruch|abfluss|missbrauch|verstoss)",
        r"niemand\b", r"(?:alles|daten|systeme?|konto|konten|dateien)\b.{0,30}\b(?:sicher|in ordnung|unversehrt)\b",
        r"(?:vorfall|fall)\b.{0,30}\b(?:geschlossen|erledigt|behoben|eingedammt|abgeschlossen)\b", r"ausgeschlossen\b",
    ),
    "fr": (
        r"(?:aucune?|pas (?:eu )?d[e'’]|sans) ?(?:\w+ ){0,2}(?:violation|fuite|intrusion|compromission|breche|faille)",
        r"personne n", r"(?:tout|donnees|systeme|compte|fichiers)\b.{0,30}\b(?:en securite|securise|en ordre|intact)",
        r"incident\b.{0,30}\b(?:clos|resolu|maitrise|termine|ferme)",
    ),
    "es": (
        r"(?:no (?:hubo|hay|existe)|sin|ningun\w*) (?:\w+ ){0,2}(?:violacion|brecha|filtracion|fuga|intrusion|acceso)",
        r"nadie\b", r"(?:todo|datos|sistema|cuenta|archivos)\b.{0,30}\b(?:segur[oa]s?|a salvo|en orden)\b",
        r"incidente\b.{0,30}\b(?:cerrad|resuelt|contenid)",
    ),
    "it": (
        r"(?:nessun\w*|non c['’]e(?: stat[oa])?|senza) (?:\w+ ){0,2}(?:violazion|fuga|intrusion|compromission|access)",
        r"nessuno\b", r"(?:tutt[oi]|dati|sistema|conto)\b.{0,30}\b(?:sicur[oiae]|a posto|in ordine)\b",
        r"incidente\b.{0,30}\b(?:chius|risolt|contenut)",
    ),
    "nl": (
        r"(?:geen|zonder) (?:\w+ ){0,2}(?:data)?(?:lek|inbreuk|inbraak|schending|misbruik)", r"niemand\b",
        r"(?:alles|gegevens|systeem|account|bestanden)\b.{0,30}\b(?:veilig|in orde)\b",
        r"incident\b.{0,30}\b(?:gesloten|opgelost|afgesloten|afgehandeld)",
    ),
    "pt": (
        r"(?:nao (?:houve|ha|existe)|sem|nenhum\w*) (?:\w+ ){0,2}(?:viola|vazamento|fuga|intrus|invas|acesso)",
        r"ninguem\b", r"(?:tudo|dados|sistema|conta|arquivos)\b.{0,30}\b(?:segur[oa]s?|a salvo|em ordem)\b",
        r"incidente\b.{0,30}\b(?:encerrad|resolvid|fechad|contid)",
    ),
    "pl": (
        r"(?:brak|nie (?:bylo|ma)|bez|zadn\w*) (?:\w+ ){0,2}(?:narusz|wyciek|wlaman|dostep|naduzy)", r"nikt\b",
        r"(?:wszystk\w*|dane|system|konto|pliki)\b.{0,30}\bbezpieczn",
        r"incydent\b.{0,30}\b(?:zamkniet|rozwiazan|opanowan)", r"wykluczon",
    ),
}  # fmt: skip
_LABEL = re.compile(r"[\[(【]\s*(?:confirmed|verified|accepted|checked|backed|human)\b", re.IGNORECASE)


def _compiled(table: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{one})" for patterns in table.values() for one in patterns), re.DOTALL)


_APPROVED_IN_ANY, _WELL_IN_ANY = _compiled(_APPROVED), _compiled(_WELL)


def claims_state(text: str) -> str:
    """Which claim a text makes that no model may make, or nothing."""
    plain = _plain(text)
    if _LABEL.search(text) or _APPROVED_IN_ANY.search(plain):
        return "it speaks of approvals or states, which only the store knows"
    return "it draws a conclusion that no agent may draw" if _WELL_IN_ANY.search(plain) else ""


def _plain(text: str) -> str:
    """Lower case without accents, on one line."""
    apart = unicodedata.normalize("NFKD", text).casefold().replace("ł", "l").replace("ø", "o")
    return " ".join("".join(char for char in apart if not unicodedata.combining(char)).split())
