"""A page as Chromium has it: what it loaded, what went wrong, and what axe finds."""

import json
import shutil
import subprocess
from html import escape, unescape
from importlib.util import find_spec
from pathlib import Path

import attrs

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")

NARROWEST = 500  # Chromium's windows are no narrower; a phone's page stands in a frame.

# Runs before everything else in the page.
FIRST = """<script>
window.faults = [];
window.addEventListener("error", event => window.faults.push(String(event.message)), true);
for (const level of ["error", "warn"]) {
  const said = console[level];
  console[level] = (...words) => { window.faults.push(words.join(" ")); said(...words); };
}
</script>"""

# Runs last, and leaves what it found in the document.
LAST = """<script>
const text = element => element.innerText.replace(/\\s+/g, " ").trim();
const rows = table => [...table.rows].map(row => [...row.cells].map(text));
axe.run(document, {resultTypes: ["violations", "incomplete"]}).then(found => {
  const result = {
    violations: found.violations.map(v =>
      ({rule: v.id, help: v.help, where: v.nodes.map(n => n.html.slice(0, 300))})),
    rules_passed: found.passes.map(p => p.id),
    unsure: found.incomplete.map(v => v.id),
    faults: window.faults,
    loaded: performance.getEntriesByType("resource").map(entry => entry.name),
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    width: innerWidth,
    page_width: document.documentElement.scrollWidth,
    tables: Object.fromEntries([...document.querySelectorAll("table")].map(
      table => [text(table.caption), rows(table)])),
    headings: [...document.querySelectorAll("h1, h2, h3")].map(h => [h.tagName, text(h)]),
    charts: [...document.querySelectorAll("svg[role=img]")].map(svg => ({
      title: svg.querySelector("title").textContent,
      label: svg.getAttribute("aria-label"),
      width: svg.getBoundingClientRect().width,
      texts: [...svg.querySelectorAll("text")].map(t => t.textContent),
    })),
    background: getComputedStyle(document.body).backgroundColor,
  };
  const element = document.createElement("pre");
  element.id = "found";
  element.textContent = JSON.stringify(result);
  (frameElement ? parent.document.body : document.body).append(element);
});
</script>"""


@attrs.frozen
class Rendered:
    """What the browser made of a page; `found` is what the script above collected."""

    found: dict
    log: str


def _chromium(*options):
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    return subprocess.run(  # noqa: S603
        [*command, *options], capture_output=True, text=True, check=True, timeout=120
    )


def rendered(html, folder, *, width=1280, dark=False):
    """Open a page with axe in it, and return what there is to know of it."""
    axe = Path(find_spec("axe_core_python").origin).with_name("axe.min.js").read_text("utf-8")
    html = html.replace("<head>", f"<head>{FIRST}", 1)
    html = html.replace("</body>", f"<script>{axe}</script>{LAST}</body>", 1)
    if width < NARROWEST:
        frame = escape(html, quote=True)
        html = f'<body><iframe width="{width}" height="800" srcdoc="{frame}"></iframe></body>'
    page = Path(folder) / "page.html"
    page.write_text(html, encoding="utf-8")
    ran = _chromium(
        "--enable-logging=stderr",
        f"--window-size={max(width, NARROWEST)},900",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        "--virtual-time-budget=20000",
        "--dump-dom",
        page.as_uri(),
    )
    start = ran.stdout.index('<pre id="found">') + len('<pre id="found">')
    text = unescape(ran.stdout[start : ran.stdout.index("</pre>", start)])
    console = "\n".join(line for line in ran.stderr.splitlines() if "CONSOLE" in line)
    return Rendered(json.loads(text), console)


def printed_pages(html, folder):
    """Print a page to PDF, and return how many sheets it takes."""
    page, paper = Path(folder) / "print.html", Path(folder) / "print.pdf"
    page.write_text(html, encoding="utf-8")
    _chromium("--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri())
    return paper.read_bytes().count(b"/Type /Page\n")
