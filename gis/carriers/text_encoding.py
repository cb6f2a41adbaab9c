"""Which encoding Chinese text bytes are in: by mark, declaration or strict trial."""

import codecs
import re
from dataclasses import dataclass

from gis.carriers.model import CarrierError, EncodingEvidence

_GBK_NAMES = {"936", "cp936", "gbk", "gb2312", "gb18030", "ansi_936", "ansi936", "oem936"}
_LATIN = {"iso8859-1", "cp1252", "ascii"}


def canonical(label: str) -> str | None:
    """Python codec of a code page label as written in .cpg files or DXF headers, or None.

    GBK and GB2312 become gb18030, which contains them.
    """
    plain = re.sub(r"[\s_]*(?:code\s*page|windows|ansi|oem)[\s_-]*", "", label.strip().lower())
    plain = plain.strip().removeprefix("cp")
    if label.strip().lower() in _GBK_NAMES or plain in _GBK_NAMES:
        return "gb18030"
    if plain in {"65001", "utf8", "utf-8"}:
        return "utf-8"
    if plain in {"950", "big5", "big-5"}:
        return "cp950"
    if plain in {"88591", "8859-1", "iso-8859-1"}:
        return "iso8859-1"
    for candidate in (plain, f"cp{plain}"):
        try:
            return codecs.lookup(candidate).name
        except LookupError:
            continue
    return None


def is_latin(encoding: str) -> bool:
    """Encodings that accept any byte: naming one of them proves nothing about Chinese text."""
    return encoding in _LATIN


@dataclass(frozen=True)
class Script:
    """How many characters of a text look Chinese, and how many like misread bytes."""

    han: int
    odd: int

    @classmethod
    def of(cls, text: str) -> "Script":
        """Count the characters of a text."""
        han = sum(
            1 for char in text if "\u3000" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"
        )
        odd = sum(
            1 for char in text if "\u0080" <= char <= "\u07ff" or "\ue000" <= char <= "\uf8ff"
        )
        return cls(han, odd)

    @property
    def plausible(self) -> bool:
        """Text of a Chinese bureau: its non-ASCII characters are mostly Chinese."""
        return self.han >= self.odd


def decode_text(raw: bytes, declared: str | None = None) -> tuple[str, EncodingEvidence]:
    """Text of a whole file: declared, else byte order mark, else strict UTF-8, else GB18030.

    Raises ``encoding-wrong`` if the declared encoding does not fit, ``encoding-unknown`` if none
    does.
    """
    if declared is not None:
        name = canonical(declared)
        try:
            text = raw.decode(name or declared)
        except (UnicodeDecodeError, LookupError) as error:
            raise wrong_encoding(declared, str(error)) from error
        return text.removeprefix("\ufeff"), EncodingEvidence(name, "declared")
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            try:
                return raw.decode(name), EncodingEvidence(name, "bom")
            except UnicodeDecodeError as error:
                raise wrong_encoding(name, str(error)) from error
    found: tuple[str, EncodingEvidence] | None = None
    for name, how in (("utf-8", "utf-8-trial"), ("gb18030", "gb18030-trial")):
        try:
            text = raw.decode(name)
        except UnicodeDecodeError:
            continue
        found = text, EncodingEvidence(name, how)
        if Script.of(text[:200_000]).plausible:
            return found
    if found is not None:
        return found
    raise CarrierError(
        "encoding-unknown",
        "无法判断文字编码：既不是 UTF-8，也不是 GBK/GB18030。"
        "请用记事本另存为 UTF-8 后重新上传，或指明编码。",
    )


def wrong_encoding(label: str, detail: str = "") -> CarrierError:
    """The error for text that is not in the encoding which was declared."""
    return CarrierError(
        "encoding-wrong",
        f"文字内容不是所声明的编码 {label}，请改选其他编码或留空自动判断。",
        detail,
    )
