"""R7: driving licence and maintenance booklet, taken into custody and compared with the file."""

import re
import unicodedata

from shared.refusal import Refused


class PapersDoNotMatch(Refused):
    clause = "R7"
    title = {"en": "The papers do not match the file.", "zh-CN": "证件与档案不符。"}
    remedy = {"en": "Compare papers, car and file, and correct the file first.", "zh-CN": "请核对证件、车辆和档案，先更正档案。"}


class DocumentsAlreadyTaken(Refused):
    clause = "R7"
    title = {"en": "These papers are in custody already.", "zh-CN": "该证件已在保管中。"}
    remedy = {"en": "Record only papers that are newly taken.", "zh-CN": "只登记新收取的证件。"}


class SameVehicle(Refused):
    clause = "R7"
    title = {"en": "This is the visit's vehicle already.", "zh-CN": "该次来访已是此车辆。"}
    remedy = {"en": "Correct the vehicle's file where something in it is wrong.", "zh-CN": "如车辆信息有误，请更正车辆档案。"}


def same_words(known: str | None, shown: str | None) -> bool | None:
    """An engine number, or a name, as the file has it and as the licence shows it; None where one of them is not there."""
    return _plain(known) == _plain(shown) if known and shown else None


def _plain(words: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", words)).casefold()
