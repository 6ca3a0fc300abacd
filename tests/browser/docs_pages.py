"""The built documentation as a reader has it, on paper and in a browser.

Not named like a test, because it needs the pages; `.ci/run` builds them and then runs
`LHP_METRICS_DOCS=folder python -m pytest tests/browser/docs_pages.py`.
"""

import functools
import html
import http.server
import json
import os
import queue
import re
import subprocess
import threading
from pathlib import Path

import pytest

from browser_page import CHROMIUM

ROOT = Path(os.environ["LHP_METRICS_DOCS"]).resolve()
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.html"))
PHONE = 390

# Opens every page in a frame as wide as a phone, asks the search, and sends what it finds.
MEASURE = """<!doctype html><title>Measure</title><body><script>
const opened = page => new Promise(done => {
  const frame = document.createElement("iframe");
  frame.width = WIDTH; frame.height = 800; frame.src = "/" + page;
  frame.onload = () => done(frame);
  document.body.append(frame);
});
const waited = milliseconds => new Promise(done => setTimeout(done, milliseconds));
(async () => {
  const result = {width: {}, tiny: {}, found: []};
  for (const page of PAGES) {
    const frame = await opened(page);
    const root = frame.contentDocument.documentElement;
    // The theme lets the whole text scroll in a box: that is the page scrolling sideways as well.
    const boxes = [root, ...root.querySelectorAll("body, .page, .main, .content")];
    result.width[page] = Math.max(...boxes.map(box => box.scrollWidth));
    for (const img of root.querySelectorAll("article img"))
      if (img.getBoundingClientRect().width < 500) result.tiny[page] = img.alt;
    frame.remove();
  }
  const search = await opened("search.html?q=wilson");
  for (let i = 0; i < 100 && !result.found.length; i++) {
    await waited(100);
    result.found = [...search.contentDocument.querySelectorAll("ul.search a")].map(
      link => new URL(link.href).pathname.slice(1));
  }
  await fetch("/found", {method: "POST", body: JSON.stringify(result)});
})();
</script>"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    results = queue.Queue()
    page = MEASURE.replace("PAGES", json.dumps(PAGES)).replace("WIDTH", str(PHONE)).encode()

    class Site(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            if self.path != "/":
                return super().do_GET()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            return self.wfile.write(page)

        def do_POST(self):
            results.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Site, directory=str(ROOT))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
        options += [f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]
        # No page may need a machine other than the one that it comes from.
        options += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
        browser = subprocess.Popen(  # noqa: S603
            [CHROMIUM, *options, f"http://127.0.0.1:{server.server_port}/"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield results.get(timeout=120)
        finally:
            browser.terminate()
            browser.wait()
            server.shutdown()


def text_of(page):
    return (ROOT / page).read_text("utf-8")


def test_no_page_scrolls_sideways_on_a_phone(found):
    assert set(found["width"]) == set(PAGES)
    assert {page: width for page, width in found["width"].items() if width > PHONE} == {}


def test_figures_stay_large_enough_to_read_on_a_phone(found):
    assert found["tiny"] == {}


def test_the_search_finds_what_is_written(found):
    assert "explanation/why-wilson.html" in found["found"]


def test_every_figure_says_in_words_what_it_shows():
    figures = [(page, tag) for page in PAGES for tag in re.findall(r"<img [^>]*>", text_of(page))]
    texts = [(page, re.search(r'alt="([^"]*)"', tag)) for page, tag in figures]

    assert len(figures) > 10
    for page, alt in texts:
        words = html.unescape(alt[1]) if alt else ""
        assert len(words.split()) >= 8, f"{page}: {words!r}"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_needs_nothing_from_elsewhere_and_names_no_folder_of_the_builder(page):
    text = text_of(page)

    assert re.findall(r'<(?:script|img|link)[^>]* (?:src|href)="(?:https?:)?//[^"]*"', text) == []
    assert str(Path(__file__).parents[2]) not in text
    assert "Traceback (most recent call last)" not in text
