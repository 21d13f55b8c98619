"""Strings that have broken other programs: SQL, markup, paths, templates, and odd Unicode."""

from typing import Final

STRINGS: Final = (
    *(
        "'",
        '"',
        "';--",
        "' OR '1'='1",
        "' OR 1=1--",
        "'; DROP TABLE corrections;--",
        "1; DELETE FROM corrections",
    ),
    *(
        "' UNION SELECT sql FROM sqlite_master--",
        "'||(SELECT version())||'",
        "1 AND SLEEP(5)",
        "$$;$$",
        "%s%s%n",
    ),
    *("'; ATTACH DATABASE '/tmp/x' AS x;--", "'; COPY corrections TO PROGRAM 'id';--", "admin'/*", "\\'; --"),
    *("<script>alert(1)</script>", '"><script>alert(1)</script>', "<img src=x onerror=alert(1)>"),
    *(
        "<svg/onload=alert(1)>",
        "javascript:alert(1)",
        "<iframe src=javascript:alert(1)>",
        "</title><script>1</script>",
    ),
    *("<body onload=alert(1)>", "'-alert(1)-'", '<a href="data:text/html,<script>1</script>">x</a>'),
    *(
        "<math><mtext></form><form><mglyph><style></math>",
        "<!--",
        "]]>",
        "&lt;script&gt;",
        "<ScRiPt>1</sCrIpT>",
    ),
    *(
        "<details open ontoggle=alert(1)>",
        "<input autofocus onfocus=alert(1)>",
        "\\u003cscript\\u003e",
        "`${1}`",
    ),
    *(
        "{{7*7}}",
        "${7*7}",
        "#{7*7}",
        "<%= 7*7 %>",
        "{% raw %}",
        "../../../../etc/passwd",
        "file:///etc/passwd",
    ),
    *(
        "C:\\windows\\win.ini",
        "\0",
        "a\0b",
        "\r\nSet-Cookie: a=b",
        "\x1b[2J\x1b]0;x\x07",
        "\u202e7",
        "\ufeff7",
    ),
    *("\u0661", "\U0001f600" * 9, "\ud7ff\ue000", "A" * 100_000, ""),
)
