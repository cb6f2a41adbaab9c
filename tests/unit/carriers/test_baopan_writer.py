"""What the 报盘 writer writes reads back identical, and no text makes the reader fail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.carriers.baopan import Parcel, parse_baopan, write_baopan
from gis.carriers.boundary import Point, Ring

WORD = st.text(
    st.characters(
        codec="gb18030", exclude_categories=["C", "Z"], exclude_characters=",@，＠[【#】]="
    ),
    max_size=8,
)


@st.composite
def parcels(draw: st.DrawFn) -> Parcel:
    """Parcels as a surveyor has them: rings of distinct points, coordinates to the millimetre."""
    rings = []
    for number in range(draw(st.integers(1, 3))):
        cells = draw(
            st.lists(
                st.tuples(st.integers(0, 999), st.integers(0, 999)),
                min_size=3,
                max_size=8,
                unique=True,
            )
        )
        shift = draw(st.integers(0, 999)) / 1000
        points = tuple(
            Point(
                f"J{i}",
                round(3_415_000 + x + shift, 3),
                round(40_539_000 + y + shift, 3),
            )
            for i, (x, y) in enumerate(cells, 1)
        )
        rings.append(Ring(points, str(number + 1)))
    area = draw(st.none() | st.integers(0, 10**8).map(lambda n: n / 10_000) | st.floats(0, 1e6))
    code, name, sheet, use, land_class = (draw(WORD) for _ in range(5))
    extra = draw(st.lists(WORD.filter(bool), max_size=3))
    return Parcel(code, name, tuple(rings), area, "面", sheet, use, land_class, tuple(extra))


@given(st.lists(parcels(), min_size=1, max_size=4))
def test_what_is_written_reads_back_identical(written: list[Parcel]) -> None:
    header = (("格式版本号", "1.01版本"), ("坐标系", "2000国家大地坐标系"), ("带号", "40"))
    text = write_baopan(tuple(written), header)
    for copy in (text, text.encode("gb18030").decode("gb18030")):
        file = parse_baopan(copy)
        assert file.parcels == tuple(written)
        assert file.header == header
        assert write_baopan(file.parcels, file.header) == text
        assert file.findings == ()


@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                "[地块坐标]",
                "【地块坐标】",
                "1,2,3,@",
                ",@",
                "J1,1,1,2",
                ",,,",
                "1,1",
                "nan,1,inf,nan",
                "@",
                "=",
                "1e999,1",
                "【@】",
                "J1,1,٣,1",
            ]
        )
    ).map("\n".join)
)
def test_any_text_is_parsed_without_an_exception(text: str) -> None:
    parse_baopan(text)


@pytest.mark.parametrize("name", ["a,b", "a\nb", " a", "a@", "a＠"])
def test_writer_refuses_what_could_not_be_read_back(name: str) -> None:
    parcel = Parcel("1", name, (Ring((Point("J1", 1, 1), Point("J2", 2, 1), Point("J3", 2, 2))),))
    with pytest.raises(ValueError, match="separator"):
        write_baopan((parcel,), ())
