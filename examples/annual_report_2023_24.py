"""The figures of LHP's annual report 2023-24, and what can and cannot be said of them.

Prints every table and writes the same into report/: index.html with the charts inside it,
and each chart as SVG and PNG.
"""

from pathlib import Path

from matplotlib.figure import Figure

import lhp_metrics as lhp
from lhp_metrics.charts import forest_plot, save_chart, shares_plot
from lhp_metrics.report import Block

published = lhp.annual_report_2023_24()
spark, jro = published.spark, published.jro

change = lhp.registration_change(spark, jro)
spark_days, jro_days = (
    lhp.Period(first, last).days for _, first, last in change.provenance.periods
)
total = change.total
rate_ratio = total.rate_ratio
without_clatterbridge = change["REN"].total_ratio_without
uneven = change.heterogeneity
registrations = [
    f"{total.before} registrations in {spark_days} days of SPARK, {total.after} in "
    f"{jro_days} days of the JRO: the count moved by {total.count_percent_change:+.1f}%, "
    f"the count per day by {total.rate_percent_change:+.0f}%, a rate ratio of {rate_ratio:.2f}.",
    f"The trusts did not change alike: χ² is {uneven.statistic:.1f} on "
    f"{uneven.degrees_of_freedom} degrees of freedom (p = {uneven.p_value:.1e}). Without "
    f"Clatterbridge, which went from {change['REN'].before} to {change['REN'].after}, the ratio "
    f"is {without_clatterbridge:.2f}.",
    "Two periods are no trend: they cannot tell a change of pace from a change in what is "
    "registered, a backlog or the time of year.",
]

shares_before, shares = lhp.partner_shares(spark), lhp.partner_shares(jro)
printed_total = shares.column("percent").sum()
largest = max(shares, key=lambda row: row.count)
partners = [
    f"{largest.name} has the largest share of the JRO's registrations: {largest.share}. The "
    f"printed percentages total {printed_total:.1f}.",
]

grants = published.grants
possible = lhp.possible_success_rates(grants)
applications = [
    f"{grants.submitted} applications submitted, {grants.decided} decided, {grants.pending} "
    "pending. How many of the decided succeeded is not published, so there is no success rate "
    "to print; the table shows what each possible number would mean, and how far the pending "
    "could still move it.",
    f"Income from successful applications, as the report prints it: {published.income.printed}.",
]

out = Path("report")
out.mkdir(exist_ok=True)
charts = {
    "rate_ratios": forest_plot(change, ax=Figure((10, 5.6), layout="constrained").subplots()),
    "shares": shares_plot(
        shares_before,
        shares,
        labels=("SPARK", "JRO"),
        ax=Figure((10, 5.6), layout="constrained").subplots(),
    ),
}
for name, ax in charts.items():
    save_chart(ax, out / f"{name}.svg")
    save_chart(ax, out / f"{name}.png")

sections: dict[str, list[Block]] = {
    "Registrations": [*registrations, change, charts["rate_ratios"]],
    "Shares of the partner trusts": [*partners, shares, charts["shares"]],
    "Grant applications": [*applications, possible],
}
title = "Liverpool Health Partners, annual report 2023-24: the figures"
(out / "index.html").write_text(lhp.report(title, sections), encoding="utf-8")

print(title)
for heading, blocks in sections.items():
    print(f"\n\n{heading}\n{'=' * len(heading)}")
    for block in blocks:
        if isinstance(block, str | lhp.Table):
            print(f"\n{block}")
print(f"\nWritten: {', '.join(sorted(str(path) for path in out.iterdir()))}")
