"""Opens reports in headless Chromium and uses them as a reader would.

    check.py REPORT.html... [--shots DIR]

Every report, at phone and at desk width: no message in the console, no request, every chart filled, and hovering, zooming, the legend,
the invoice, the decisions, the language, the theme and printing do what they say. Chromium is the system's; Playwright drives it.
"""

import argparse
import pathlib
import shutil
import sys
import time

from playwright.sync_api import Page, sync_playwright

WIDTHS = {"phone": (390, 844), "desk": (1440, 900)}
# A page that takes longer to be usable is not quick to open.
READY_MS = 5000


class Check:
    """One page at one width; collects what is wrong."""

    def __init__(self, page: Page, report: pathlib.Path, width: str):
        self.page, self.report, self.width = page, report, width
        self.problems: list[str] = []

    def expect(self, holds: bool, what: str) -> None:
        if not holds:
            self.problems.append(f"{self.report.parent.name} at {self.width}: {what}")

    def opens(self) -> None:
        page = self.page
        page.on("console", lambda message: self.expect(message.type not in ("error", "warning"), f"console says: {message.text}"))
        page.on("pageerror", lambda error: self.expect(False, f"script failed: {error}"))
        page.on("request", lambda request: self.expect(request.url.startswith(("file:", "data:")) and request.is_navigation_request() or request.url.startswith("data:"), f"request to {request.url}"))
        started = time.monotonic()
        page.goto(self.report.as_uri())
        page.wait_for_selector("html[data-ready=yes]", timeout=READY_MS)
        self.opened_s = time.monotonic() - started
        self.settle()
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        self.expect(wide <= 0, f"the page is {wide} pixels wider than the screen")

    def settle(self) -> None:
        """Waits until what was asked for is drawn."""
        self.page.wait_for_timeout(220)

    def charts(self) -> None:
        page = self.page
        page.evaluate("document.querySelectorAll('details.more').forEach((d) => { d.open = true; })")
        charts = page.locator("figure.chart")
        self.expect(charts.count() >= 3, f"only {charts.count()} charts")
        for i in range(charts.count()):
            chart = charts.nth(i)
            chart.scroll_into_view_if_needed()
            self.settle()
            name = chart.get_attribute("data-id")
            drawn = chart.evaluate(
                """(figure) => {
                    const marks = [...figure.querySelectorAll('.plot .series, .plot .area')];
                    const box = (mark) => { const b = mark.getBBox(); return b.width; };
                    const labels = figure.querySelectorAll('.plot svg text').length;
                    return { marks: marks.length, wide: Math.max(0, ...marks.map(box)), labels, bad: marks.some((m) => /NaN|undefined|Infinity/.test(m.getAttribute('d'))) };
                }"""
            )
            self.expect(drawn["marks"] > 0 and drawn["wide"] > 20, f"chart {name} is blank: {drawn}")
            self.expect(drawn["labels"] >= 4, f"chart {name} has {drawn['labels']} labels")
            self.expect(not drawn["bad"], f"chart {name} draws what is no number")
            self.expect(bool(chart.locator(".plot svg").get_attribute("aria-label")), f"chart {name} has no name for screen readers")

    def pointer(self) -> None:
        page = self.page
        charts = page.locator("figure.chart")
        plot = charts.first.locator(".plot svg")
        plot.scroll_into_view_if_needed()
        self.settle()
        # Its middle, in the middle of the window, where no fixed bar covers it.
        plot.evaluate("(svg) => window.scrollBy(0, svg.getBoundingClientRect().top - innerHeight / 2)")
        self.settle()
        box = plot.bounding_box()
        y = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] * 0.6, y)
        self.settle()
        tip = charts.first.locator(".tip")
        self.expect(tip.is_visible() and len(tip.inner_text()) > 8, "hovering shows no values")
        linked = page.evaluate("[...document.querySelectorAll('figure.chart')].filter((f) => f.querySelector('.cross')).length")
        self.expect(linked >= min(2, charts.count()), f"the cross-hair is in {linked} charts only")
        before = page.locator("#range").inner_text()
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.8, y, steps=6)
        page.mouse.up()
        self.settle()
        zoomed = page.locator("#range").inner_text()
        self.expect(zoomed != before, "dragging does not zoom")
        page.locator("[data-act=left]").click()
        self.settle()
        self.expect(page.locator("#range").inner_text() != zoomed, "the button does not move the range")
        page.locator("#reset").click()
        self.settle()
        self.expect(page.locator("#range").inner_text() == before, "the button does not show everything again")

    def keys(self) -> None:
        page = self.page
        plot = page.locator("figure.chart .plot svg").first
        plot.focus()
        before = page.locator("#range").inner_text()
        page.keyboard.press("ArrowRight")
        self.settle()
        self.expect(bool(plot.get_attribute("aria-valuetext")), "the arrow keys say no values")
        page.keyboard.press("+")
        self.settle()
        self.expect(page.locator("#range").inner_text() != before, "the plus key does not zoom")
        page.keyboard.press("0")
        self.settle()
        self.expect(page.locator("#range").inner_text() == before, "the zero key does not show everything")
        page.keyboard.press("Escape")

    def legend(self) -> None:
        button = self.page.locator("figure.chart .legend button").first
        count = lambda: self.page.locator("figure.chart").first.locator(".plot .series, .plot .area").count()
        before = count()
        button.click()
        self.settle()
        self.expect(count() == before - 1, "the legend does not hide its series")
        self.page.locator("figure.chart .legend button").first.click()
        self.settle()
        self.expect(count() == before, "the legend does not show its series again")

    def tables(self) -> None:
        page = self.page
        details = page.locator("figure.chart details.data").first
        details.locator("summary").click()
        self.settle()
        self.expect(details.locator("tbody tr").count() >= 2, "the data table is empty")
        details.locator("summary").click()
        if page.locator("table.invoice").count():
            line = page.locator("table.invoice .line .toggle").first
            line.click()
            self.expect(page.locator("table.invoice .detail:visible").count() == 1, "an invoice line does not open")
            line.click()
            group = page.locator("table.invoice .group .toggle").first
            lines = page.locator("table.invoice .line:visible").count()
            group.click()
            self.expect(page.locator("table.invoice .line:visible").count() < lines, "a group of the invoice does not close")
            group.click()
            amounts = lambda: page.evaluate("[...document.querySelectorAll('table.invoice tbody')].map((b) => Number(b.dataset.amount))")
            page.locator("table.invoice .sort").last.click()
            self.expect(amounts() == sorted(amounts(), reverse=True), "the invoice does not sort")
        rows = page.locator(".log tbody tr").count()
        self.expect(rows >= 1, "no decision is listed")
        page.locator("#by-text").fill("no such decision")
        self.settle()
        self.expect(page.locator(".log tbody tr").count() == 0, "the search does not search")
        page.locator("#by-text").fill("")
        self.settle()
        self.expect(page.locator(".log tbody tr").count() == rows, "the search does not end")

    def language(self) -> None:
        page = self.page
        title = page.locator("#charts-title")
        self.expect(title.inner_text() == "Over time", f"opens with {title.inner_text()!r}")
        page.locator("#lang").click()
        self.settle()
        self.expect(title.inner_text() == "随时间的变化", "the page does not turn Chinese")
        caption = page.locator("figure.chart figcaption").first.inner_text()
        self.expect(any(ord(c) > 0x2E80 for c in caption), f"the first chart is called {caption!r}")
        legends = " ".join(page.locator("figure.chart .legend").all_inner_texts())
        self.expect(any(ord(c) > 0x2E80 for c in legends), f"the legends say {legends!r}")
        page.locator("#lang").click()
        self.settle()

    def uncut(self) -> None:
        """No table of the answer hides columns beyond the edge of the screen."""
        page = self.page
        page.evaluate("document.querySelectorAll('#answer details').forEach((d) => { d.open = true; })")
        for lang in ("en", "zh"):
            cut = page.evaluate(
                """[...document.querySelectorAll('#answer .scroll, #charts .card > .scroll')].filter((box) => box.scrollWidth > box.clientWidth + 1)
                    .map((box) => `${box.closest('.card').querySelector('h2, h3').innerText}: ${box.scrollWidth} of ${box.clientWidth}`)"""
            )
            self.expect(not cut, f"tables are cut in {lang}: {cut}")
            page.locator("#lang").click()
            self.settle()

    def theme(self) -> None:
        page = self.page
        paper = lambda: page.evaluate("getComputedStyle(document.body).backgroundColor")
        light = paper()
        page.locator("#theme").click()
        self.settle()
        self.expect(paper() != light, "the theme does not change")
        page.locator("#theme").click()
        self.settle()
        self.expect(paper() == light, "the theme does not change back")

    def prints(self) -> None:
        page = self.page
        paper = page.pdf(format="A4", print_background=True)
        self.expect(paper.startswith(b"%PDF") and len(paper) > 20_000, f"prints {len(paper)} bytes")
        self.settle()
        first = page.locator("figure.chart").first
        first.scroll_into_view_if_needed()
        self.settle()
        shown = first.evaluate("(figure) => [figure.querySelector('.plot svg').viewBox.baseVal.width, figure.querySelector('.plot').clientWidth]")
        self.expect(shown[0] == shown[1], f"after printing the first chart is drawn for {shown[0]} of {shown[1]} pixels")

    def shots(self, folder: pathlib.Path) -> None:
        """Pictures to look at: light and English, dark and Chinese."""
        page, name = self.page, self.report.parent.name
        page.evaluate("scrollTo(0, 0)")
        for theme, lang in (("light", "en"), ("dark", "zh")):
            if theme == "dark":
                page.locator("#theme").click()
                page.locator("#lang").click()
            # Charts are drawn when they come into view.
            page.evaluate("document.querySelectorAll('figure.chart').forEach((f) => f.scrollIntoView())")
            page.evaluate("(async () => { for (const f of document.querySelectorAll('figure.chart')) { f.scrollIntoView(); await new Promise((r) => setTimeout(r, 60)); } scrollTo(0, 0); })()")
            self.settle()
            page.screenshot(path=folder / f"{name}-{self.width}-{theme}-{lang}.png", full_page=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reports", nargs="+", type=pathlib.Path)
    parser.add_argument("--shots", type=pathlib.Path, help="folder for pictures of the pages")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("no Chromium is installed", file=sys.stderr)
        return 1
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        for report in options.reports:
            for width, (wide, tall) in WIDTHS.items():
                context = browser.new_context(viewport={"width": wide, "height": tall}, locale="en-GB", color_scheme="light", offline=True)
                page = context.new_page()
                check = Check(page, report.resolve(), width)
                check.opens()
                for step in (check.charts, check.pointer, check.keys, check.legend, check.tables, check.language, check.uncut, check.theme, check.prints):
                    step()
                if options.shots:
                    check.shots(options.shots)
                problems += check.problems
                charts = page.locator("figure.chart").count()
                print(f"{'FAIL' if check.problems else 'ok  '} {report.parent.name:24} {width:6} {charts:3} charts, usable after {check.opened_s:.2f} s, {report.stat().st_size / 1e6:.2f} MB")
                context.close()
        browser.close()
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(options.reports)} reports at {len(WIDTHS)} widths, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
