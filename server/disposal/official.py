"""The layout of a Chinese official document 公文 (GB/T 9704-2012) as a Word file."""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime

from docx import Document
from docx.document import Document as Page
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

_BODY, _TITLE, _HEADING = "仿宋", "方正小标宋简体", "黑体"
_BODY_SIZE, _TITLE_SIZE, _OFFICE_SIZE = Pt(16), Pt(22), Pt(30)
_FOOT, _FOOT_SIZE = "宋体", Pt(14)
_LINE = Pt(28)
_RED = RGBColor(0xC0, 0x00, 0x00)
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Official:
    """What stands in a document, from top to bottom; headed paragraphs begin with 一、 二、."""

    office: str
    doc_no: str
    title: str
    to: str | None
    paragraphs: tuple[str, ...]
    issued_on: date


def chinese_date(day: date) -> str:
    """A day as documents write it: Arabic digits without leading zeros (GB/T 9704-2012, 7.3.5)."""
    return f"{day.year}年{day.month}月{day.day}日"


def docx(content: Official) -> bytes:
    """The Word file; equal content gives equal bytes."""
    page = Document()
    _set_page(page)
    _line(page, content.office, WD_ALIGN_PARAGRAPH.CENTER, _TITLE, _OFFICE_SIZE, _RED)
    _ruled(_line(page, content.doc_no, WD_ALIGN_PARAGRAPH.CENTER))
    _line(page, "", WD_ALIGN_PARAGRAPH.CENTER)
    _line(page, content.title, WD_ALIGN_PARAGRAPH.CENTER, _TITLE, _TITLE_SIZE)
    _line(page, "", WD_ALIGN_PARAGRAPH.CENTER)
    if content.to:
        _line(page, f"{content.to}：")
    for text in content.paragraphs:
        body = _indented(page, text)
    # The signature never stands on a page without text (7.3.5).
    for above in (body, _line(page, ""), _signed(page, content.office)):
        above.paragraph_format.keep_with_next = True
    _signed(page, chinese_date(content.issued_on))
    return _bytes(page, content)


def _signed(page: Page, text: str) -> Paragraph:
    signed = _line(page, text, WD_ALIGN_PARAGRAPH.RIGHT)
    signed.paragraph_format.right_indent = _BODY_SIZE * 4
    return signed


def _ruled(paragraph: Paragraph) -> None:
    """The red line below the number (7.2.7): 4 mm under it, as wide as the text."""
    borders = OxmlElement("w:pBdr")
    line = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "12"), ("space", "11"), ("color", str(_RED))):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._p.get_or_add_pPr().append(borders)


def _numbered(page: Page) -> None:
    """Page numbers (7.5): 4号宋体 between dashes, odd ones right, even ones left, one space in."""
    page.settings.odd_and_even_pages_header_footer = True
    section = page.sections[0]
    section.footer_distance = Cm(2.5)
    sides = (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "right_indent"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "left_indent"),
    )
    for footer, side, indent in sides:
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        setattr(paragraph.paragraph_format, indent, _FOOT_SIZE)
        for text in ("— ", None, " —"):
            run = paragraph.add_run(text or "")
            run.font.name, run.font.size = _FOOT, _FOOT_SIZE
            run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FOOT)
            if text is None:
                number = OxmlElement("w:fldSimple")
                number.set(qn("w:instr"), "PAGE")
                number.append(run._element)
                paragraph._p.append(number)


def _set_page(page: Page) -> None:
    section = page.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    style = page.styles["Normal"]
    if isinstance(style, ParagraphStyle):
        style.font.name, style.font.size = _BODY, _BODY_SIZE
        style.element.rPr.rFonts.set(qn("w:eastAsia"), _BODY)
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        style.paragraph_format.line_spacing = _LINE
        style.paragraph_format.space_after = Pt(0)
    _numbered(page)


def _line(
    page: Page,
    text: str,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
    font: str = _BODY,
    size: Pt = _BODY_SIZE,
    colour: RGBColor | None = None,
) -> Paragraph:
    paragraph = page.add_paragraph()
    paragraph.alignment = align
    run = paragraph.add_run(text)
    run.font.name, run.font.size, run.font.color.rgb = font, size, colour
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    if size > _BODY_SIZE:
        # Exact spacing would cut the large characters.
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    return paragraph


def _indented(page: Page, text: str) -> Paragraph:
    is_heading = re.match(r"^[一二三四五六七八九十]、[^。]{1,20}$", text) is not None
    font = _HEADING if is_heading else _BODY
    # Justified, a line before a long number would be torn into single characters.
    paragraph = _line(page, text, WD_ALIGN_PARAGRAPH.LEFT, font)
    paragraph.paragraph_format.first_line_indent = _BODY_SIZE * 2
    paragraph.paragraph_format.keep_with_next = is_heading
    return paragraph


def _bytes(page: Page, content: Official) -> bytes:
    about = page.core_properties
    issued = datetime(content.issued_on.year, content.issued_on.month, content.issued_on.day)
    about.author, about.title, about.comments = content.office, content.title, ""
    about.created = about.modified = issued
    made = io.BytesIO()
    page.save(made)
    return _undated(made)


def _undated(made: io.BytesIO) -> bytes:
    """The same archive with the same time in every entry, so that equal content is equal bytes."""
    plain = io.BytesIO()
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(plain, "w") as after:
        for name in before.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(entry, before.read(name))
    return plain.getvalue()
