"""Strings that have broken other programs: markup, paths, SQL, templates, and odd Unicode."""

from typing import Final

XSS: Final = (
    # tags
    "<script>alert(1)</script>",
    "<ScRiPt >alert(1)</sCrIpT >",
    "<script/src=//evil.example/x.js></script>",
    "<script\t\n>alert(1)</script\n>",
    "<iframe src=javascript:alert(1)>",
    "<object data=javascript:alert(1)>",
    "<embed src=//evil.example/x.swf>",
    "<base href=//evil.example/>",
    '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
    "<style>@import '//evil.example/x.css'</style>",
    # handlers of events
    "<img src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<video><source onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<div style=animation-name:x onanimationstart=alert(1)>",
    # out of an attribute, a text or a script
    '"><script>alert(1)</script>',
    "' autofocus onfocus='alert(1)",
    "'-alert(1)-'",
    "</title><script>alert(1)</script>",
    "</textarea><svg onload=alert(1)>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    # addresses
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    '<a href="&#106;avascript:alert(1)">7</a>',
    # drawings and formulas
    "<svg/onload=alert(1)>",
    '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "<svg><animate attributeName=href values=javascript:alert(1) /></svg>",
    "<svg><use href=data:image/svg+xml,x#y /></svg>",
    "<math><maction actiontype=statusline xlink:href=javascript:alert(1)>7</maction></math>",
    # what a parser makes of it
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<select><math><style></select><img src=x onerror=alert(1)>",
    "<<script>alert(1)//<</script>",
    # templates
    "{{7*7}}{{constructor.constructor('alert(1)')()}}",
    "${7*7}`${alert(1)}`",
    "<%= 7*7 %>",
    "#{7*7}{% raw %}",
    # otherwise written
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e",
    "\\x3cscript\\x3ealert(1)\\x3c/script\\x3e",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "\u202e>tpircs/<)1(trela>tpircs<",
    # null bytes and lines of a head
    "\0<script>alert(1)</script>",
    "<scr\0ipt>alert(1)</scr\0ipt>",
    "\r\nSet-Cookie: a=b\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>",
    "\nSet-Cookie: a=b",
    "\u560d\u560aSet-Cookie: a=b",
)

PATHS: Final = (
    "/etc/passwd",
    "../../../../etc/passwd",
    "..%2f..%2f..%2fetc%2fpasswd",
    "..%252f..%252fetc%252fpasswd",
    "....//....//etc/passwd",
    "..\\..\\windows\\win.ini",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "\\\\host\\share",
    "C:\\windows\\win.ini",
    "/proc/self/environ",
    "%00/etc/passwd",
    "/etc/passwd\0.png",
    "~root/.ssh/id_rsa",
)

STRINGS: Final = (
    *XSS,
    *PATHS,
    # SQL
    "'",
    '"',
    "';--",
    "' OR '1'='1",
    "' OR 1=1--",
    "'; DROP TABLE corrections;--",
    "1; DELETE FROM corrections",
    "' UNION SELECT sql FROM sqlite_master--",
    "'||(SELECT version())||'",
    "1 AND SLEEP(5)",
    "$$;$$",
    "'; ATTACH DATABASE '/tmp/x' AS x;--",
    "'; COPY corrections TO PROGRAM 'id';--",
    "admin'/*",
    "\\'; --",
    # formats and terminals
    "%s%s%n",
    "\x1b[2J\x1b]0;x\x07",
    # odd text
    "\0",
    "a\0b",
    "\u202e7",
    "\ufeff7",
    "\u0661",
    "\U0001f600" * 9,
    "\ud7ff\ue000",
    "A" * 100_000,
    "",
)
