"""The table of a paper: methods by NDCG, with marks of significance.

The best values are bold.
"""

from ritornello.report.findings import best_first, gain, percent_over, rival, value
from ritornello.report.parts import Results
from ritornello.report.words import known
from ritornello.tables.contracts import CUTOFFS

ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{character: "\\" + character for character in "&%$#_{}"},
}
MARKS = ((0.001, "***"), (0.01, "**"), (0.05, "*"))


def table_tex(results: Results) -> str:
    """Write a booktabs table of methods, best NDCG@40 first.

    Methods are compared with the best baseline. Stars mark a value that differs from the
    baseline's: p < .05, .01, .001, corrected where a correction was made. Without a comparison
    there are neither stars nor gains.
    """
    against = rival(results)
    heads = " & ".join(f"NDCG@{k}" for k in CUTOFFS)
    rows = [_row(results, method, against) for method in best_first(results)]
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_caption(results, against)}}}",
            rf"\begin{{tabular}}{{l{'r' * len(CUTOFFS)}r}}",
            r"\toprule",
            rf"Method & {heads} & Gain \\",
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def escaped(text: str) -> str:
    """Escape text so that LaTeX prints it as it stands."""
    return "".join(ESCAPES.get(character, character) for character in text)


def _caption(results: Results, against: str | None) -> str:
    as_of = escaped(str(results["as_of"]))
    caption = f"NDCG of {results['listeners']:,} listeners as of {as_of}; best in bold."
    if against is None:
        return caption
    return (
        rf"{caption} Gain: NDCG@40 over {escaped(against)}, in percent; "
        r"$^{*}$ $p<.05$, $^{**}$ $p<.01$, $^{***}$ $p<.001$ against it "
        rf"(paired t-test, {_correction(results)})."
    )


def _correction(results: Results) -> str:
    rows = results.get("gains") or ()
    corrected = all(known(row.get("p_t_bonferroni")) is not None for row in rows)
    return "Bonferroni" if corrected else "not corrected"


def _row(results: Results, method: str, against: str | None) -> str:
    cells = [_cell(results, method, f"ndcg@{k}", against) for k in CUTOFFS]
    over = None
    if against not in (None, method):
        over = percent_over(results, method, str(against))
    gain_text = "--" if over is None else rf"${over:+.1f}\,\%$"
    return " & ".join([escaped(method), *cells, gain_text]) + r" \\"


def _cell(results: Results, method: str, metric: str, against: str | None) -> str:
    number = value(results, method, metric)
    if number == float("-inf"):
        return "--"
    text = f"{number:.4f}"
    best = max(value(results, other, metric) for other in results["methods"])
    if text == f"{best:.4f}":
        text = rf"\textbf{{{text}}}"
    return text + _mark(results, method, metric, against)


def _mark(results: Results, method: str, metric: str, against: str | None) -> str:
    comparison = gain(results, method, against, metric) if against else None
    if comparison is None or comparison.p is None:
        return ""
    stars = next((mark for limit, mark in MARKS if comparison.p < limit), "")
    return f"$^{{{stars}}}$" if stars else ""
