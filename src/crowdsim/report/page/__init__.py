"""The report of a run: one page that opens offline, or a Markdown text, from the run folder alone."""

from crowdsim.report.page.write import FORMATS, Written, write_report

__all__ = ["FORMATS", "Written", "write_report"]
