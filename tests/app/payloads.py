"""Hostile text, for an issue and for questions."""

from __future__ import annotations

# Each would run something, load something or disguise itself if it were taken for more than text.
PAYLOADS = (
    "<script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "<a href='javascript:window.pwned=1'>cliquez</a>",
    "[cliquez](javascript:window.pwned=1)",
    "![pixel](https://evil.example/pixel.png)",
    "<img src='https://evil.example/track.gif'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<style>*{display:none}</style>",
    "<body onload=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>x</details>",
    "<video><source onerror=window.pwned=1></video>",
    "<object data='javascript:window.pwned=1'></object>",
    "<embed src='https://evil.example/x.swf'>",
    "<form action='https://evil.example'><button>ok</button></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    '"><script>window.pwned=1</script>',
    "'-alert(1)-'",
    "${window.pwned=1} {{window.pwned=1}}",
    "</bdi></p></main><script>window.pwned=1</script>",
    "<math><mtext><img src=x onerror=window.pwned=1></mtext></math>",
    "data:text/html,<script>window.pwned=1</script>",
    "%3Cscript%3Ewindow.pwned=1%3C/script%3E &lt;script&gt;window.pwned=1&lt;/script&gt;",
)
OVERRIDE = "facture \u202etxt.exe\u202c payée"
