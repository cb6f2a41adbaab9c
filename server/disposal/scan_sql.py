"""SQL of the scan: one statement that judges every parcel by the rules of its region on a day.

A parcel is judged by the stage its life has reached, and the earliest rule that it breaks names its
one class. What lies after the day is not known to it, so an old day can be scanned again.
"""

from sqlalchemy import TextClause, text

BOOK_COLUMNS = {
    "region_code": "text",
    "unsupplied_id": "bigint",
    "unsupplied_warn": "integer[]",
    "unsupplied_months": "integer",
    "unsupplied_ages": "integer[]",
    "unsupplied_least_m2": "numeric",
    "not_started_id": "bigint",
    "not_started_warn": "integer[]",
    "not_started_months": "integer",
    "not_started_recover_months": "integer",
    "not_started_delivery_months": "integer",
    "stopped_id": "bigint",
    "stopped_warn": "integer[]",
    "stopped_months": "integer",
    "stopped_developed_num": "integer",
    "stopped_developed_den": "integer",
    "stopped_invested_num": "integer",
    "stopped_invested_den": "integer",
    "vacant_id": "bigint",
    "vacant_least_m2": "numeric",
    "vacant_share_num": "integer",
    "vacant_share_den": "integer",
    "vacant_both": "boolean",
    "below_plot_ratio_id": "bigint",
    "below_plot_ratio_num": "integer",
    "below_plot_ratio_den": "integer",
    "below_plot_ratio_standard": "numeric",
    "not_producing_id": "bigint",
    "not_producing_warn": "integer[]",
    "not_producing_late_months": "integer",
    "not_producing_unagreed_months": "integer",
    "below_commitment_id": "bigint",
    "below_commitment_warn": "integer[]",
    "below_commitment_months": "integer",
    "below_commitment_share": "numeric",
    "below_commitment_tax": "boolean",
    "below_commitment_output": "boolean",
    "below_commitment_investment": "boolean",
    "standard_tax": "numeric",
    "standard_output": "numeric",
    "standard_investment": "numeric",
}
"""One row a region: what its rules say, flat. A kind without a rule has no id and finds nothing."""

OVERLAP_TOLERANCE_M2 = 1
"""Neighbours share a line, and by rounding a little more: the tolerance that imports have too."""

_BOOK = ", ".join(f"{name} {kind}" for name, kind in BOOK_COLUMNS.items())

_SUPPLIED = """coalesce({0}.contract_signed_on <= :day,
        {0}.contract_no IS NOT NULL OR {0}.supervision_no IS NOT NULL)"""


def _after(day: str, months: str) -> str:
    """The same day of a later month: PostgreSQL ends on its last day where there is none."""
    return f"CAST({day} + make_interval(months => {months}) AS date)"


_LIFE = f"""
-- OFFSET 0 keeps the planner from writing each line's arithmetic out at every mention of it.
book AS (SELECT * FROM jsonb_to_recordset(CAST(:book AS jsonb)) AS b({_BOOK})),
agreed AS (
    -- What art. 12 or a supplement moved, until the register of parcels says so too.
    SELECT DISTINCT ON (site_id) site_id,
        CAST(legal->>'restarted_start_on' AS date) AS restarted,
        CAST(legal->>'supplement_start_on' AS date) AS supplement
    FROM disposal_cases
    WHERE legal->>'restarted_start_on' IS NOT NULL OR legal->>'supplement_start_on' IS NOT NULL
    ORDER BY site_id, id DESC
),
life AS (
    SELECT p.id, p.area_m2 AS area, p.retired_at IS NOT NULL AS retired, b.*,
        {_SUPPLIED.format("p")} AS supplied,
        coalesce(p.started_on <= :day, false) OR coalesce(p.completed_on <= :day, false)
            OR coalesce(p.production_on <= :day, false) AS started,
        coalesce(p.completed_on <= :day, false) AS completed,
        coalesce(p.production_on <= :day, false) AS producing,
        p.approved_on, p.supplied_m2, p.delivered_on, p.start_due_on, p.started_on,
        p.stopped_on, p.completed_on, p.production_due_on, p.production_on,
        p.developed_m2, p.vacant_m2, p.invested_wan, p.investment_total_wan,
        coalesce(a.restarted, a.supplement, p.start_due_on,
            {_after("p.delivered_on", "b.not_started_delivery_months")}) AS due,
        CASE WHEN a.restarted IS NOT NULL THEN 'restarted'
            WHEN a.supplement IS NOT NULL THEN 'supplement'
            WHEN p.start_due_on IS NOT NULL THEN 'agreed' ELSE 'delivery' END AS due_basis,
        p.built_floor_m2,
        coalesce(lower(p.plot_ratio), b.below_plot_ratio_standard) AS ratio_due,
        p.actual_tax_wan_per_mu AS tax, p.actual_output_wan_per_mu AS output,
        CASE WHEN b.below_commitment_investment
            THEN p.invested_wan / (p.area_m2 * 3 / 2000) END AS investment,
        coalesce(p.tax_wan_per_mu, b.standard_tax) AS tax_due,
        coalesce(p.output_wan_per_mu, b.standard_output) AS output_due,
        coalesce(p.investment_wan_per_mu, b.standard_investment) AS investment_due
    FROM parcels p JOIN book b ON b.region_code = p.region_code
    LEFT JOIN agreed a ON a.site_id = p.id
    WHERE p.area_m2 > 0 AND (p.retired_at IS NULL OR EXISTS (
        SELECT FROM lineage l WHERE l.layer = 'parcels' AND l.parent_id = p.id))
),
lines AS (
    SELECT life.*,
        CASE WHEN NOT supplied AND approved_on <= :day AND unsupplied_id IS NOT NULL
            THEN {_after("approved_on", "unsupplied_months")} END AS unsupplied_on,
        CASE WHEN supplied AND NOT started AND NOT retired AND not_started_id IS NOT NULL
            THEN {_after("due", "not_started_months")} END AS not_started_on,
        CASE WHEN supplied AND NOT started AND NOT retired AND not_started_id IS NOT NULL
            THEN {_after("due", "not_started_recover_months")} END AS recover_on,
        CASE WHEN supplied AND started AND NOT completed AND NOT producing AND NOT retired
            AND stopped_on <= :day AND stopped_id IS NOT NULL
            AND (developed_m2 * stopped_developed_den < area * stopped_developed_num
                OR invested_wan * stopped_invested_den
                    < investment_total_wan * stopped_invested_num)
            THEN {_after("stopped_on", "stopped_months")} END AS stopped_line_on,
        supplied AND started AND NOT retired AND vacant_id IS NOT NULL AND vacant_m2 > 0 AND (
            (vacant_m2 >= vacant_least_m2
                AND vacant_m2 * vacant_share_den >= area * vacant_share_num)
            OR (NOT vacant_both AND (vacant_m2 >= vacant_least_m2
                OR vacant_m2 * vacant_share_den >= area * vacant_share_num))) AS is_vacant,
        supplied AND (completed OR producing) AND NOT retired AND below_plot_ratio_id IS NOT NULL
            AND built_floor_m2 * below_plot_ratio_den
                < area * ratio_due * below_plot_ratio_num AS is_sparse,
        CASE WHEN supplied AND completed AND NOT producing AND NOT retired
            AND not_producing_id IS NOT NULL
            THEN coalesce({_after("production_due_on", "not_producing_late_months")},
                {_after("completed_on", "not_producing_unagreed_months")}) END
            AS not_producing_on,
        CASE WHEN supplied AND producing AND NOT retired AND below_commitment_id IS NOT NULL AND (
            (below_commitment_tax AND tax < tax_due * below_commitment_share)
            OR (below_commitment_output AND output < output_due * below_commitment_share)
            OR (below_commitment_investment
                AND investment < investment_due * below_commitment_share))
            THEN {_after("production_on", "below_commitment_months")} END AS below_commitment_on
    FROM life OFFSET 0
),
judged AS (
    SELECT lines.*, CASE
            WHEN unsupplied_on <= :day THEN 'unsupplied'
            WHEN not_started_on <= :day THEN 'not_started'
            WHEN stopped_line_on <= :day THEN 'stopped'
            WHEN is_vacant THEN 'vacant'
            WHEN is_sparse THEN 'below_plot_ratio'
            WHEN not_producing_on <= :day THEN 'not_producing'
            WHEN below_commitment_on <= :day THEN 'below_commitment'
        END AS broken,
        CASE
            WHEN unsupplied_on > :day THEN 'unsupplied'
            WHEN not_started_on > :day OR recover_on > :day THEN 'not_started'
            WHEN is_vacant OR is_sparse THEN NULL
            WHEN stopped_line_on > :day THEN 'stopped'
            WHEN not_producing_on > :day THEN 'not_producing'
            WHEN below_commitment_on > :day THEN 'below_commitment'
        END AS coming
    FROM lines OFFSET 0
),
dated AS (
    SELECT judged.*, coalesce(broken, coming) AS kind,
        CASE coming
            WHEN 'unsupplied' THEN unsupplied_on
            WHEN 'not_started' THEN
                CASE WHEN not_started_on > :day THEN not_started_on ELSE recover_on END
            WHEN 'stopped' THEN stopped_line_on
            WHEN 'not_producing' THEN not_producing_on
            WHEN 'below_commitment' THEN below_commitment_on
        END - CAST(:day AS date) AS days_left,
        CASE coming
            WHEN 'unsupplied' THEN unsupplied_warn
            WHEN 'not_started' THEN not_started_warn
            WHEN 'stopped' THEN stopped_warn
            WHEN 'not_producing' THEN not_producing_warn
            WHEN 'below_commitment' THEN below_commitment_warn
        END AS warn_days
    FROM judged WHERE broken IS NOT NULL OR coming IS NOT NULL
),
stepped AS (
    SELECT dated.*,
        (SELECT min(step) FROM unnest(warn_days) AS step WHERE step >= days_left) AS days_before
    FROM dated
),
hits AS (SELECT * FROM stepped WHERE broken IS NOT NULL OR days_before IS NOT NULL),
"""  # noqa: S608

_MEASURED = f"""
left_over AS (
    SELECT g.id, greatest(0, g.area_m2 - greatest(coalesce(g.supplied_m2, 0),
        g.area_m2 * CAST(coalesce(taken.m2 / nullif(ST_Area(CAST(g.geom AS geography)), 0), 0)
            AS numeric))) AS m2
    FROM hits h JOIN parcels g ON g.id = h.id
    CROSS JOIN LATERAL (
        SELECT sum(shared.m2) AS m2 FROM (
            SELECT ST_Area(CAST(ST_CollectionExtract(
                ST_Intersection(g.geom, o.geom), 3) AS geography)) AS m2
            FROM parcels o
            WHERE o.geom && g.geom AND o.id <> g.id AND o.retired_at IS NULL
                AND (h.retired OR {_SUPPLIED.format("o")})
        ) shared WHERE shared.m2 > {OVERLAP_TOLERANCE_M2}
    ) taken
    WHERE h.kind = 'unsupplied'
),
found AS (
    SELECT h.*, round(CASE h.kind
            WHEN 'unsupplied' THEN left_over.m2
            WHEN 'stopped' THEN coalesce(nullif(greatest(area - developed_m2, 0), 0), area)
            WHEN 'vacant' THEN least(h.vacant_m2, area)
            -- The land on which the missing floor would stand.
            WHEN 'below_plot_ratio' THEN greatest(area - built_floor_m2 / ratio_due, 0.01)
            ELSE area END, 2) AS m2,
        CASE h.kind
            WHEN 'unsupplied' THEN 'pewg' WHEN 'not_started' THEN 'gewy'
            WHEN 'stopped' THEN 'yewj' WHEN 'vacant' THEN 'yewj'
            WHEN 'below_plot_ratio' THEN 'yewj'
            WHEN 'not_producing' THEN 'jewt' ELSE 'tewdb' END AS class,
        CASE h.kind
            WHEN 'unsupplied' THEN h.unsupplied_id WHEN 'not_started' THEN h.not_started_id
            WHEN 'stopped' THEN h.stopped_id WHEN 'vacant' THEN h.vacant_id
            WHEN 'below_plot_ratio' THEN h.below_plot_ratio_id
            WHEN 'not_producing' THEN h.not_producing_id
            ELSE h.below_commitment_id END AS rule_id,
        CASE h.kind
            WHEN 'unsupplied' THEN h.approved_on WHEN 'not_started' THEN h.due
            WHEN 'stopped' THEN h.stopped_on
            WHEN 'vacant' THEN least(coalesce(h.stopped_on, h.completed_on), :day)
            WHEN 'below_plot_ratio' THEN coalesce(h.completed_on, h.production_on)
            WHEN 'not_producing' THEN coalesce(h.production_due_on, h.completed_on)
            ELSE {_after("h.production_on", "h.below_commitment_months")} END AS since
    FROM hits h LEFT JOIN left_over ON left_over.id = h.id
    WHERE h.kind <> 'unsupplied' OR left_over.m2 >= greatest(h.unsupplied_least_m2, 0.01)
)
"""  # noqa: S608

_AGE = """(extract(year FROM age(:day, approved_on)) * 12
            + extract(month FROM age(:day, approved_on)))::int"""

_INPUTS = """
jsonb_strip_nulls(jsonb_build_object('kind', kind, 'area_m2', area) || CASE kind
    WHEN 'unsupplied' THEN jsonb_build_object('approved_on', approved_on,
        'line_on', unsupplied_on, 'remaining_m2', m2, 'supplied_m2', area - m2,
        'built_before_supply', nullif(started, false), 'retired', nullif(retired, false))
    WHEN 'not_started' THEN jsonb_build_object('start_due_on', due,
        'start_due_basis', due_basis, 'delivered_on', delivered_on,
        'line_on', not_started_on, 'recover_on', recover_on)
    WHEN 'stopped' THEN jsonb_build_object('stopped_on', stopped_on, 'line_on', stopped_line_on,
        'developed_m2', developed_m2, 'developed_share', round(developed_m2 / area, 4),
        'invested_wan', invested_wan, 'investment_total_wan', investment_total_wan,
        'invested_share', round(invested_wan / nullif(investment_total_wan, 0), 4))
    WHEN 'vacant' THEN jsonb_build_object('vacant_m2', vacant_m2,
        'vacant_share', round(vacant_m2 / area, 4), 'started_on', started_on,
        'completed_on', completed_on)
    WHEN 'below_plot_ratio' THEN jsonb_build_object('built_floor_m2', built_floor_m2,
        'plot_ratio', round(built_floor_m2 / area, 4), 'plot_ratio_agreed', ratio_due,
        'completed_on', completed_on)
    WHEN 'not_producing' THEN jsonb_build_object('completed_on', completed_on,
        'production_due_on', production_due_on, 'line_on', not_producing_on)
    ELSE jsonb_build_object('production_on', production_on, 'line_on', below_commitment_on)
        || CASE WHEN below_commitment_tax THEN jsonb_build_object('tax_wan_per_mu', tax,
            'tax_committed', tax_due, 'tax_share', round(tax / nullif(tax_due, 0), 4))
            ELSE '{}' END
        || CASE WHEN below_commitment_output THEN jsonb_build_object('output_wan_per_mu', output,
            'output_committed', output_due, 'output_share',
            round(output / nullif(output_due, 0), 4)) ELSE '{}' END
        || CASE WHEN below_commitment_investment THEN jsonb_build_object(
            'investment_wan_per_mu', round(investment, 2), 'investment_committed',
            investment_due, 'investment_share', round(investment / nullif(investment_due, 0), 4))
            ELSE '{}' END
    END)
"""
"""The facts that decided: nothing that counts days up to the day, so a scan of tomorrow that sees
the same land sees the same facts."""

_ON_THE_DAY = f"""
jsonb_strip_nulls(CASE kind
    WHEN 'unsupplied' THEN jsonb_build_object('age_months', {_AGE}, 'age_band',
        1 + (unsupplied_ages[1] <= {_AGE})::int + (unsupplied_ages[2] <= {_AGE})::int)
    WHEN 'not_started' THEN jsonb_build_object('days_late', CAST(:day AS date) - due,
        'recoverable', recover_on <= :day)
    WHEN 'not_producing' THEN jsonb_build_object(
        'days_late', CAST(:day AS date) - coalesce(production_due_on, completed_on))
    ELSE '{{}}' END)
"""


def findings() -> TextClause:
    """Every suspect and every coming line on ``:day`` by the rules in ``:book``.

    Columns: ``site_id, region_code, class, sub_kind, suspect, rule_id, area_m2, since, line,
    line_on, days_left, days_before, inputs, on_the_day``; ``line`` to ``days_before`` only of a
    warning.
    A parcel that is a suspect may have a warning too: of the day on which it can be recovered.
    """
    return text(f"""
WITH {_LIFE.rstrip().rstrip(",")}, {_MEASURED}
SELECT id AS site_id, region_code, class, kind AS sub_kind, broken IS NOT NULL AS suspect,
    rule_id, m2 AS area_m2, since,
    CASE WHEN days_before IS NULL THEN NULL
        WHEN broken IS NULL THEN 'enters' ELSE 'recovery' END AS line,
    CASE WHEN days_before IS NOT NULL THEN CAST(:day AS date) + days_left END AS line_on,
    CASE WHEN days_before IS NOT NULL THEN days_left END AS days_left, days_before,
    {_INPUTS} AS inputs, {_ON_THE_DAY} AS on_the_day
FROM found
ORDER BY site_id""")  # noqa: S608
