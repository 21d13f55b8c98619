"""A model -> one HTML file, or one ES module, that reads digits in any browser, without a server."""

from tenfold.webpage.export import export_html, export_module

__all__ = ["export_html", "export_module"]
