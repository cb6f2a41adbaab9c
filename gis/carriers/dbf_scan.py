"""One pass over a dBASE table before it is read: encoding proved on every byte, flaws counted."""

from dataclasses import dataclass, field

import numpy as np

from gis.carriers.columns import unique_names
from gis.carriers.dbf import DELETED, Dbf, packed
from gis.carriers.model import EncodingEvidence, Finding, Severity
from gis.carriers.text_encoding import Script, canonical, is_latin

BLOCK_BYTES = 16 << 20
_SAMPLE = 8
_SAMPLE_BYTES = 200_000


@dataclass
class _Trial:
    """One candidate encoding; ``failed`` is the first (record from 0, field index) that refuses."""

    encoding: str
    failed: tuple[int, int] | None = None
    cut: list[tuple[int, int]] = field(default_factory=list)


@dataclass
class DbfScan:
    """What the pass found; ``encoding`` None: no candidate fits."""

    names: tuple[str, ...]
    evidence: EncodingEvidence
    findings: list[Finding]
    deleted: frozenset[int]
    wide: frozenset[int]


def _find(code: str, severity: Severity, message: str, row: int | None = None) -> Finding:
    return Finding(code, severity, message, row=row)


def _cut_cells(raw: bytes, width: int, encoding: str) -> list[int] | None:
    """Cells that fill the field and end in half a character; None if any other byte is wrong."""
    cut: list[int] = []
    for index, cell in enumerate(raw.split(b"\0")):
        try:
            cell.decode(encoding)
        except UnicodeDecodeError as error:
            if len(cell) < width or error.end < len(cell) or len(cell) - error.start > 3:
                return None
            cut.append(index)
    return cut


def _candidates(dbf: Dbf, cpg: str | None, declared: str | None) -> tuple[list[str], str | None]:
    """Encodings to prove, and what the .cpg names (None: no or unknown)."""
    named = canonical(cpg) if cpg else None
    wanted = [canonical(declared)] if declared else [named, dbf.ldid_encoding, "utf-8", "gb18030"]
    return list(dict.fromkeys(name for name in wanted if name)), named


def scan(dbf: Dbf, cpg: str | None, declared: str | None) -> DbfScan:
    """Prove the encoding and count deleted records and odd numbers, streaming."""
    encodings, named = _candidates(dbf, cpg, declared)
    trials = [_Trial(name) for name in encodings]
    bag = bytearray()
    for item in dbf.fields:
        for trial in () if item.name.isascii() else trials:
            if _cut_cells(item.name, 10, trial.encoding) is None:
                trial.failed = (-1, 0)
        bag += b"" if item.name.isascii() else item.name + b"\n"
    deleted: list[int] = []
    wide: set[int] = set()
    for first, block in dbf.blocks(max(1, BLOCK_BYTES // dbf.record_length)):
        deleted += (np.flatnonzero(block[:, 0] == DELETED) + first).tolist()
        for index, item in enumerate(dbf.fields):
            cells = block[:, item.offset : item.offset + item.width]
            if item.kind == "N" and item.decimals == 0 and index not in wide:
                if bool(((cells == 0x2E) | (cells == 0x65) | (cells == 0x45)).any()):
                    wide.add(index)
            elif item.is_text and bool((cells >= 0x80).any()):
                raw, _ = packed(cells)
                if len(bag) < _SAMPLE_BYTES:
                    words = (cell for cell in raw.split(b"\0") if not cell.isascii())
                    bag += b"\n".join(words)[:_SAMPLE_BYTES] + b"\n"
                for trial in trials:
                    _prove(trial, raw, item.width, (first, index))
    evidence, findings = _choose(dbf, trials, bytes(bag), cpg, named, declared)
    if deleted:
        message = (
            f"属性表有 {len(deleted)} 条已打删除标记的记录，连同图形一并跳过；"
            "请在原软件中整理后再导出。"
        )
        findings.append(_find("deleted-records", Severity.WARNING, message, deleted[0] + 1))
    encoding = evidence.encoding or "latin-1"
    names = [item.name.decode(encoding, "ignore").strip() for item in dbf.fields]
    columns, renamed = unique_names(names)
    return DbfScan(columns, evidence, findings + renamed, frozenset(deleted), frozenset(wide))


def _prove(trial: _Trial, raw: bytes, width: int, place: tuple[int, int]) -> None:
    first, index = place
    if trial.failed is not None:
        return
    try:
        raw.decode(trial.encoding)
    except UnicodeDecodeError as error:
        cut = _cut_cells(raw, width, trial.encoding)
        if cut is None:
            trial.failed = (first + raw[: error.start].count(b"\0"), index)
        else:
            trial.cut += [(first + row, index) for row in cut]


def _choose(
    dbf: Dbf,
    trials: list[_Trial],
    bag: bytes,
    cpg: str | None,
    named: str | None,
    declared: str | None,
) -> tuple[EncodingEvidence, list[Finding]]:
    findings: list[Finding] = []
    fitting = [trial for trial in trials if trial.failed is None]
    chosen = fitting[0] if fitting else None
    plain = bag.isascii()
    utf8 = next((trial for trial in fitting if trial.encoding == "utf-8"), None)
    if chosen and not declared and not plain:
        if is_latin(chosen.encoding):
            # A Latin label accepts any byte; Chinese bytes under it are the commonest lie.
            better = [t for t in fitting[1:] if Script.of(bag.decode(t.encoding, "ignore")).han]
            chosen = better[0] if better else chosen
        if utf8 and chosen is not utf8:
            # GBK text that is also valid UTF-8 with Chinese in it does not happen by chance.
            seen = Script.of(bag.decode("utf-8", "ignore"))
            chosen = utf8 if seen.han and seen.plausible else chosen
        elif (
            chosen is utf8
            and named is None
            and not Script.of(bag.decode("utf-8", "ignore")).plausible
        ):
            chosen = next((t for t in fitting if t is not utf8), chosen)
    if chosen is None:
        return EncodingEvidence(None, "none"), [_undecodable(dbf, trials, declared)]
    how = _how(chosen.encoding, named, dbf.ldid_encoding, declared)
    if cpg and not declared and chosen.encoding != named:
        message = (
            f".cpg 写的是 {cpg.strip()[:40]}，与内容不符，已改按 {chosen.encoding} 读取，"
            "请核对预览文字。"
        )
        findings.append(_find("cpg-wrong", Severity.WARNING, message))
    elif how.endswith("trial") and not plain:
        message = f"没有 .cpg 编码说明，按内容逐字节验证后采用 {chosen.encoding}，请核对预览文字。"
        findings.append(_find("encoding-guessed", Severity.NOTE, message))
    if dbf.ldid_encoding and not cpg and not declared and how != "ldid" and not plain:
        message = f"属性表的语言标识与内容不符，已改按 {chosen.encoding} 读取。"
        findings.append(_find("ldid-wrong", Severity.WARNING, message))
    if chosen.cut:
        row, index = chosen.cut[0]
        name = dbf.fields[index].name.decode(chosen.encoding, "replace")
        message = (
            f"{len(chosen.cut)} 个单元格的末尾汉字被字段宽度截断（首处在字段“{name}”），"
            "半个字已去掉。"
        )
        findings.append(_find("text-cut", Severity.WARNING, message, row + 1))
    words = [line.strip() for line in bag.decode(chosen.encoding, "ignore").split("\n")]
    words = [word for word in dict.fromkeys(words) if word and not word.isascii()]
    return EncodingEvidence(chosen.encoding, how, tuple(words[:_SAMPLE])), findings


def _how(encoding: str, named: str | None, ldid: str | None, declared: str | None) -> str:
    if declared:
        return "declared"
    if encoding == named:
        return "cpg"
    if encoding == ldid:
        return "ldid"
    return "utf-8-trial" if encoding == "utf-8" else "gb18030-trial"


def _undecodable(dbf: Dbf, trials: list[_Trial], declared: str | None) -> Finding:
    deepest = max((t.failed or (-1, 0) for t in trials), default=(-1, 0))
    row = deepest[0] + 1 if deepest[0] >= 0 else None
    if declared:
        message = f"文字内容不是所声明的编码 {declared}，请改选其他编码或留空自动判断。"
        return _find("encoding-wrong", Severity.ERROR, message, row)
    message = (
        "属性文字既不是 UTF-8，也不是 GBK/GB18030，无法判断编码；请指明编码，"
        "或从原软件按 UTF-8 重新导出。"
    )
    return _find("encoding-unknown", Severity.ERROR, message, row)
