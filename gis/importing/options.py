"""What a person decides about an import beside the file itself."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from gis.carriers.model import ReadOptions


@dataclass(frozen=True)
class ImportOptions:
    """How a file is read and taken; every field has a value that suits most files.

    ``mapping`` says ``{field: "column[:unit]"}`` or None for a field to leave out; ``constants``
    fills columns that the file has not; ``default_zone_epsg`` is the county's own zone, for
    eastings without a zone number; ``repair`` lets invalid geometries be mended;
    ``allow_overlap`` takes rows that overlap others, with a warning; ``shift`` names the county's
    parameters for an old datum, where it has several.
    """

    table: str | None = None
    encoding: str | None = None
    crs_epsg: int | None = None
    coordinate_system: str | None = None
    default_zone_epsg: int | None = None
    mapping: Mapping[str, str | None] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    repair: bool = False
    overlap_tolerance_m2: float = 1.0
    allow_overlap: bool = False
    shift: str | None = None

    def reading(self, datums: tuple[str, ...] = ()) -> ReadOptions:
        """The part that concerns the carrier; ``datums`` are old ones that can be moved."""
        return ReadOptions(
            encoding=self.encoding,
            crs_epsg=self.crs_epsg,
            coordinate_system=self.coordinate_system,
            table=self.table,
            default_zone_epsg=self.default_zone_epsg,
            datums=datums,
        )

    def as_json(self) -> dict[str, object]:
        """The options as a JSON object, without those left at their defaults."""
        plain = ImportOptions()
        return {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in asdict(self).items()
            if value != getattr(plain, name)
        }
