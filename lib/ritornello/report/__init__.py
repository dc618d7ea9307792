"""The report of a comparison: one page and one LaTeX table.

It is made from plain ``results``, which `docs/report.md` describes; only methods, as_of and
listeners must be there.
"""

from ritornello.report.latex import table_tex
from ritornello.report.page import report_html

__all__ = ["report_html", "table_tex"]
