"""Runs the scripts that YouTube asks for before it gives a video, inside the process that fetches.

yt-dlp needs a JavaScript engine for YouTube since 2025.11.12 (https://github.com/yt-dlp/yt-dlp/issues/15012). Ours is
QuickJS as a library: it starts no program, and making no machine code it asks nothing of the jail that Python does not.
Run as a script, it solves the sample below and ends with 0 if that went well: `pasvu check` does so, in the jail.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import quickjs
import yt_dlp_ejs
import yt_dlp_ejs.yt.solver
from yt_dlp.extractor.youtube.jsc._builtin.ejs import EJSBaseJCP
from yt_dlp.extractor.youtube.jsc.provider import JsChallengeProviderError, register_provider
from yt_dlp.extractor.youtube.pot._provider import BuiltinIEContentProvider
from yt_dlp.utils._jsruntime import JsRuntimeInfo

LONGEST_S = 100.0
"""Of computing; a real player takes 8 s on a server, and the watch stops what is silent for 120 s."""
MOST_BYTES = 1 << 30
"""A real player takes 0.2 GB."""
DEEPEST_BYTES = 4 << 20
"""Of the stack: half of what Linux gives a process."""
_LISTEN = "var said = ''; globalThis.console = {log: text => { said = text; }};\n"

SAMPLE = """var _yt_player={};(function(g){var window=this;
function Link(a){this.a=a;this.p={}}
Link.prototype={constructor:Link,set:function(k,v){this.p[k]=v},get:function(k){return this.p[k]},
clone:function(){return this},turn:function(){var n=this.p.n;if(n)this.p.n=n.split("").reverse().join("")}};
function make(a,k,v){var u=new Link(a);u.set("alr","yes");if(v)u.set(k,decodeURIComponent(v).slice(1));return u}
g.ready=1;})(_yt_player);"""
"""A player as small as can be: one challenge is turned round, of the other the first letter goes. Ours."""
ASKED = ({"type": "n", "challenges": ["abcdef"]}, {"type": "sig", "challenges": ["xSIGNED"]})
EXPECTED = ({"abcdef": "fedcba"}, {"xSIGNED": "SIGNED"})


def run(script: str) -> str:
    """What a script says with `console.log`, once it has come to its end.

    Raises:
        quickjs.JSException: it failed, or went past the limits of time and memory.
    """
    context = quickjs.Context()
    context.set_time_limit(LONGEST_S)
    context.set_memory_limit(MOST_BYTES)
    context.set_max_stack_size(DEEPEST_BYTES)
    context.eval(_LISTEN + script)
    return str(context.get("said"))


@register_provider
class OurEngineJCP(EJSBaseJCP, BuiltinIEContentProvider):  # type: ignore[misc]
    """What yt-dlp asks when a video has a challenge; its scripts come from the package that it was pinned with."""

    PROVIDER_NAME = "pasvu"
    JS_RUNTIME_NAME = "quickjs-ng"

    @property
    def runtime_info(self) -> JsRuntimeInfo:
        """The engine is there: it was imported."""
        return JsRuntimeInfo(name=self.JS_RUNTIME_NAME, path="", version="", version_tuple=())

    def _run_js_runtime(self, stdin: str, /) -> str:
        try:
            return run(stdin)
        except (quickjs.JSException, quickjs.StackOverflow) as failed:
            raise JsChallengeProviderError(str(failed)) from failed


def solved(player: str, asked: Any) -> list[Any]:
    """The answers to the challenges of this player, in their order."""
    said = json.dumps({"type": "player", "player": player, "requests": list(asked)})
    solver = yt_dlp_ejs.yt.solver
    answer = run(
        f"{solver.lib()}\nObject.assign(globalThis, lib);\n{solver.core()}\nconsole.log(JSON.stringify(jsc({said})));"
    )
    return [each.get("data") for each in json.loads(answer)["responses"]]


if __name__ == "__main__":
    sys.exit(0 if solved(SAMPLE, ASKED) == list(EXPECTED) else 1)
