"""Classification rules as data: dated, region-scoped, sourced rows that say which land is 五未."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, ValidationError
from sqlalchemy import Connection, insert, select, text

from gis import audit
from server.disposal.codes import IdleClass
from server.disposal.law import Clerk, StaleLaw
from server.disposal.scan_tables import classification_rules


class Kind(StrEnum):
    """What a rule looks at; a parcel is judged by them in this order, that of its life."""

    UNSUPPLIED = "unsupplied"
    NOT_STARTED = "not_started"
    STOPPED = "stopped"
    VACANT = "vacant"
    BELOW_PLOT_RATIO = "below_plot_ratio"
    NOT_PRODUCING = "not_producing"
    BELOW_COMMITMENT = "below_commitment"

    @property
    def idle_class(self) -> IdleClass:
        """The class that a finding of this kind puts a parcel in."""
        return _CLASS_OF[self]

    @property
    def term(self) -> str:
        """The Chinese term."""
        return _TITLES[self]


_CLASS_OF = {
    Kind.UNSUPPLIED: IdleClass.PEWG,
    Kind.NOT_STARTED: IdleClass.GEWY,
    Kind.STOPPED: IdleClass.YEWJ,
    Kind.VACANT: IdleClass.YEWJ,
    Kind.BELOW_PLOT_RATIO: IdleClass.YEWJ,
    Kind.NOT_PRODUCING: IdleClass.JEWT,
    Kind.BELOW_COMMITMENT: IdleClass.TEWDB,
}

_TITLES = {
    Kind.UNSUPPLIED: "批准后未供应",
    Kind.NOT_STARTED: "供应后未动工",
    Kind.STOPPED: "动工后中止开发",
    Kind.VACANT: "用地空置",
    Kind.BELOW_PLOT_RATIO: "容积率低于约定",
    Kind.NOT_PRODUCING: "建成后未投产",
    Kind.BELOW_COMMITMENT: "投产后未达标",
}


class Indicator(StrEnum):
    """What a holder in production is measured by, in 万元 a 亩."""

    TAX = "tax"
    OUTPUT = "output"
    INVESTMENT = "investment"


class BadRule(ValueError):
    """A rule that cannot be: parameters of another class, out of range, or a day that is taken."""


def _share(value: object) -> Fraction:
    try:
        share = Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError("应为分数或小数，例如 1/3 或 0.25") from error
    if not 0 < share <= 2:
        raise ValueError("应大于 0、不超过 2")
    return share


Share = Annotated[Fraction, PlainValidator(_share), PlainSerializer(str)]
"""An exact part of a whole: one third has no decimals."""

Months = Annotated[int, Field(ge=0, le=600)]
Days = Annotated[int, Field(ge=1, le=3650)]
Area = Annotated[float, Field(ge=0, le=1e9)]
PlotRatio = Annotated[float, Field(gt=0, le=20)]
Standard = Annotated[float, Field(ge=0, le=1e6)]


class Parameters(BaseModel):
    """What all rules have; each kind adds its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    warn_days: tuple[Days, ...] = Field((90, 60, 30, 7), description="到期前几天预警")


class Unsupplied(Parameters):
    """批而未供: how old the approval is and how much of its land is left."""

    min_age_months: Months = Field(description="批准满几个月仍未供应")
    age_bounds_months: tuple[Months, Months] = Field((24, 60), description="年限分段")
    min_remaining_m2: Area = Field(description="剩余面积不小于")


class NotStarted(Parameters):
    """供而未用: months after the day on which building had to begin."""

    idle_after_months: Months = Field(description="超过约定动工日期满几个月")
    recover_after_months: Months = Field(description="满几个月可收回")
    start_after_delivery_months: Months = Field(description="未约定动工日期的，自交地起几个月")


class Stopped(Parameters):
    """用而未尽, in law: little was built or invested, and building stopped."""

    developed_share_below: Share = Field(description="开发建设面积占比低于")
    invested_share_below: Share = Field(description="已投资额占总投资额低于")
    stopped_months: Months = Field(description="中止开发建设满几个月")


class Vacant(Parameters):
    """用而未尽, as offices count it: land that stays empty beside what was built."""

    min_vacant_m2: Area = Field(description="空置面积不小于")
    min_vacant_share: Share = Field(description="空置面积占比不小于")
    require: Literal["both", "either"] = Field("both", description="两个条件同时满足或满足其一")


class BelowPlotRatio(Parameters):
    """用而未尽, by the contract: what was built has less floor than the land had to carry."""

    least_share: Share = Field(Fraction(1), description="达到约定容积率下限的几成算用尽")
    standard: PlotRatio | None = Field(None, description="没有约定下限时按区域标准")


class NotProducing(Parameters):
    """建而未投: months after production was agreed, or after completion where it was not."""

    late_months: Months = Field(description="超过约定投产日期满几个月")
    unagreed_months: Months = Field(description="未约定投产日期的，竣工满几个月")


class BelowCommitment(Parameters):
    """投而未达标: what is reached after the initial operating period."""

    initial_months: Months = Field(description="投产初始运行期，月")
    indicators: tuple[Indicator, ...] = Field(min_length=1, description="考核的指标")
    least_share: Share = Field(Fraction(1), description="达到承诺值的几成算达标")
    standard: Mapping[Indicator, Standard] = Field(
        default_factory=dict, description="没有承诺值时按区域标准，万元/亩"
    )


MODELS: Mapping[Kind, type[Parameters]] = {
    Kind.UNSUPPLIED: Unsupplied,
    Kind.NOT_STARTED: NotStarted,
    Kind.STOPPED: Stopped,
    Kind.VACANT: Vacant,
    Kind.BELOW_PLOT_RATIO: BelowPlotRatio,
    Kind.NOT_PRODUCING: NotProducing,
    Kind.BELOW_COMMITMENT: BelowCommitment,
}


@dataclass(frozen=True)
class RuleText:
    """What a rule says of itself: where it holds, from when, and by what paper."""

    region_code: str
    effective_from: date
    effective_to: date | None
    title: str
    source: str
    article: str | None


@dataclass(frozen=True)
class Rule:
    """One version of one rule."""

    id: int
    version: int
    kind: Kind
    parameters: Parameters
    text: RuleText

    def holds(self, region_code: str, day: date) -> bool:
        """Whether the rule applies to land of a region on a day."""
        own = self.text
        begun = own.effective_from <= day
        ended = own.effective_to is not None and own.effective_to < day
        return region_code.startswith(own.region_code) and begun and not ended


Rulebook = Mapping[Kind, Rule]
"""The rule of each kind that applies to one region on one day."""


def read_parameters(kind: Kind, given: object) -> Parameters:
    """Parameters of a kind from JSON; :class:`BadRule` names what is wrong, in Chinese."""
    try:
        return MODELS[kind].model_validate(given)
    except ValidationError as error:
        told = "；".join(
            f"{'.'.join(map(str, one['loc'])) or '参数'}：{_chinese(one)}" for one in error.errors()
        )
        raise BadRule(f"{kind.term}（{kind.value}）{told}") from error


def _chinese(error: Mapping[str, Any]) -> str:
    match error["type"]:
        case "missing":
            return "缺少"
        case "extra_forbidden":
            return "没有这个参数"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            return "数值或格式不对"


def all_rules(connection: Connection) -> list[Rule]:
    """Every version of every rule, in the order of life, region and day."""
    rows = connection.execute(select(classification_rules)).mappings().all()
    order = {kind: number for number, kind in enumerate(Kind)}
    found = [_rule(dict(row)) for row in rows]
    return sorted(
        found,
        key=lambda r: (order[r.kind], r.text.region_code, r.text.effective_from, r.version),
    )


def _rule(row: Mapping[str, Any]) -> Rule:
    kind = Kind(row["sub_kind"])
    names = ("region_code", "effective_from", "effective_to", "title", "source", "article")
    own = RuleText(*(row[name] for name in names))
    return Rule(row["id"], row["version"], kind, read_parameters(kind, row["parameters"]), own)


def resolve(rules: Iterable[Rule], region_code: str, day: date) -> Rulebook:
    """What applies: the most specific region wins, then the newest day, then the newest version."""
    book: dict[Kind, Rule] = {}
    for rule in rules:
        if rule.holds(region_code, day):
            best = book.get(rule.kind)
            if best is None or _weight(best) < _weight(rule):
                book[rule.kind] = rule
    return book


def deciding(rules: Sequence[Rule], day: date, under: str = "") -> list[Rule]:
    """The rules that decide somewhere in a region or below it on a day."""
    codes = {rule.text.region_code for rule in rules if rule.text.region_code.startswith(under)}
    books = [resolve(rules, code, day) for code in {*codes, under}]
    ids = {rule.id for book in books for rule in book.values()}
    return [rule for rule in rules if rule.id in ids]


def _weight(rule: Rule) -> tuple[int, date, int]:
    return len(rule.text.region_code), rule.text.effective_from, rule.version


def with_parameters(rules: Sequence[Rule], asked: Mapping[str, Mapping[str, Any]]) -> list[Rule]:
    """The rules with other parameters by kind, for a question that is not written anywhere."""
    changed = list(rules)
    for name, values in asked.items():
        if name not in list(Kind):
            raise BadRule(f"没有 {name} 这种规则，应为：{'、'.join(Kind)}")
        kind = Kind(name)
        changed = [
            Rule(r.id, r.version, kind, _merged(kind, r.parameters, values), r.text)
            if r.kind is kind
            else r
            for r in changed
        ]
    return changed


def _merged(kind: Kind, before: Parameters, values: Mapping[str, Any]) -> Parameters:
    return read_parameters(kind, {**before.model_dump(mode="json"), **values})


def series(rules: Iterable[Rule], kind: Kind) -> int:
    """The version of all rules of one kind together: one more than there are anywhere."""
    return 1 + sum(1 for one in rules if one.kind is kind)


def add(
    connection: Connection, by: Clerk, kind: Kind, parameters: Parameters, text_of: RuleText
) -> Rule:
    """A new version of a rule. Earlier versions stay, and old cases keep theirs.

    :class:`BadRule`; :class:`StaleLaw` where another of the kind was added since ``by`` looked.
    """
    if text_of.effective_to is not None and text_of.effective_to < text_of.effective_from:
        raise BadRule("失效日期早于生效日期")
    # Versions are counted, so two writers must not count at once.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('classification_rules'))"))
    known = all_rules(connection)
    if series(known, kind) != by.seen:
        raise StaleLaw(series(known, kind))
    own = [r.version for r in known if (r.kind, r.text.region_code) == (kind, text_of.region_code)]
    version = 1 + max(own, default=0)
    row = {
        "region_code": text_of.region_code,
        "class": kind.idle_class.value,
        "sub_kind": kind.value,
        "effective_from": text_of.effective_from,
        "effective_to": text_of.effective_to,
        "parameters": parameters.model_dump(mode="json"),
        "title": text_of.title,
        "source": text_of.source,
        "article": text_of.article,
        "version": version,
    }
    made: int = connection.execute(
        insert(classification_rules).values(row).returning(classification_rules.c.id)
    ).scalar_one()
    told = {**row, "effective_from": text_of.effective_from.isoformat()}
    told["effective_to"] = text_of.effective_to and text_of.effective_to.isoformat()
    subject = f"classification_rules/{made}"
    audit.record(connection, by.actor, audit.Action.RULE_ADDED, subject, told)
    return Rule(made, version, kind, parameters, text_of)
