"""The service: a page to draw on, a REST interface, and the corrections that people make."""
