"""What a person sees of the report: drawn, complete, readable, at a desk, on a phone, in the dark."""

from collections.abc import Iterator
from pathlib import Path
from re import findall

import pytest
from playwright.sync_api import Browser, Page, Route

from report.sample_results import sample
from ritornello.report import report_html

pytestmark = pytest.mark.integration
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LARGER_PHONE = {"width": 390, "height": 844}
DRAWINGS = """() => [...document.querySelectorAll('figure svg')].map(svg => {
  const box = e => { const r = e.getBoundingClientRect();
    return {left: r.left, right: r.right, top: r.top, bottom: r.bottom,
            width: r.width, height: r.height, text: e.textContent.trim()}; };
  const shapes = [...svg.querySelectorAll('path, use')].map(box);
  return {name: svg.closest('figure').id, box: box(svg),
          shapes: shapes.filter(s => s.width > 0 || s.height > 0).length,
          texts: [...svg.querySelectorAll('text')].map(box)};
})"""
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > innerWidth + 0.5)
  .map(e => e.tagName + ' ' + (e.className.baseVal ?? e.className) + ' ' + e.textContent.slice(0, 60))"""
SHADE = "e => getComputedStyle(e, '::after').content === 'none' ? 'none' : 'block'"
FONTS = """() => [...document.querySelectorAll('figure svg text')].map(t =>
  parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getBoundingClientRect().width
  / t.ownerSVGElement.viewBox.baseVal.width)"""
COLOURS = """() => {
  const of = (e, ...names) => names.map(name => getComputedStyle(e)[name]);
  const all = selector => [...document.querySelectorAll(selector)];
  const strong = e => { const s = getComputedStyle(e);
    return [s.opacity, s.fillOpacity, s.strokeOpacity].every(o => o === '1'); };
  return {page: of(document.body, 'backgroundColor')[0],
          words: all('p, h1, h2, h3, li, th, td, dd, figcaption, a, summary')
            .map(e => of(e, 'color')[0]),
          letters: all('figure svg text').map(e => of(e, 'fill')[0]),
          shapes: all('figure svg path, figure svg use').filter(strong)
            .flatMap(e => of(e, 'fill', 'stroke'))};
}"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_html(sample()), encoding="utf-8")
    return path


@pytest.fixture
def requests() -> list[str]:
    return []


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(
    browser: Browser, file: Path, requests: list[str], complaints: list[str]
) -> Iterator[Page]:
    """The report at a desk; whatever it asks of anyone but itself is recorded and refused."""

    def refuse(route: Route) -> None:
        if route.request.url == file.as_uri():
            route.continue_()
        else:
            requests.append(route.request.url)
            route.abort()

    page = browser.new_page(viewport=DESK, color_scheme="light")
    page.route("**/*", refuse)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.goto(file.as_uri(), wait_until="networkidle")
    yield page
    page.close()


def test_it_asks_for_nothing_and_complains_of_nothing(page, requests, complaints):
    assert page.title() == "Comparison of the invented night"
    assert requests == []
    assert complaints == []


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_every_drawing_is_drawn_and_no_label_is_cut_or_covered(page, viewport):
    page.set_viewport_size(viewport)
    drawings = page.evaluate(DRAWINGS)
    assert len(drawings) == 16
    for drawing in drawings:
        box, texts = drawing["box"], drawing["texts"]
        assert box["width"] > 250, drawing["name"]
        assert box["height"] > 80, drawing["name"]
        assert drawing["shapes"] >= 3, drawing["name"]
        assert len(texts) >= 3, drawing["name"]
        for text in texts:
            assert text["width"] > 0 < text["height"], (drawing["name"], text)
            assert inside(text, box), (drawing["name"], text, box)
        assert covered(texts) == [], drawing["name"]


def test_on_a_phone_nothing_but_tables_scrolls_sideways_and_letters_are_large_enough(page):
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.evaluate(TOO_WIDE) == []
    assert min(page.evaluate(FONTS)) >= 9
    scrolls = "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth)"
    assert page.evaluate(f"{scrolls}.length") >= 3  # the tables of methods, by target


@pytest.mark.parametrize("viewport", [DESK, LARGER_PHONE], ids=["desk", "phone"])
def test_a_wide_table_scrolls_in_its_box_says_so_and_keeps_its_names_in_sight(page, viewport):
    page.set_viewport_size(viewport)
    box = page.locator("#methods .table", has=page.locator(".scroll")).first
    hint = box.locator(".hint")
    assert hint.is_visible()
    assert box.evaluate(SHADE) == "block"
    name = box.locator("tbody th").first
    before = name.bounding_box()
    box.locator(".scroll").evaluate("e => e.scrollLeft = e.scrollWidth")
    page.wait_for_function("document.querySelector('#methods .at-end')")
    after = name.bounding_box()
    assert abs(before["x"] - after["x"]) <= 1  # the first column stays
    assert box.evaluate(SHADE) == "none"  # the end is reached
    assert page.evaluate("scrollX") == 0
    narrow = page.locator("#protocol .table").first
    assert not narrow.locator(".hint").is_visible()


def test_headings_sort_by_click_and_by_key_and_say_so(page):
    table = page.locator("#methods table").first

    def names() -> list[str]:
        return table.locator("tbody th").all_inner_texts()

    of_the_page = names()
    heading = table.locator("thead tr").last.locator("th").nth(3)  # NDCG@40
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert names() == of_the_page  # as the page has it
    heading.locator("button").press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert names() == of_the_page[::-1]
    method = table.locator("thead tr").last.locator("th").first
    method.locator("button").focus()
    page.keyboard.press("Space")
    assert (method.get_attribute("aria-sort"), heading.get_attribute("aria-sort")) == (
        "ascending",
        None,
    )
    order = [name for name in names() if name.startswith(("als", "decayed", "ranker"))]
    wanted = ["als", "decayed_popularity_7d", "decayed_popularity_30d", "ranker"]
    assert order == [*wanted, "ranker_repeats_only"]  # as people count: 7 before 30


def test_numbers_sort_as_numbers_and_what_was_not_measured_is_last(page):
    page.locator("summary", has_text="Paired comparisons").click()
    table = page.locator("#methods details table").last
    gain = table.locator("thead th").nth(2).locator("button")

    def cells(nth: int) -> list[str]:
        return table.locator(f"tbody td:nth-of-type({nth})").all_inner_texts()

    gain.click()
    gains = [float(text.replace("\N{MINUS SIGN}", "-")) for text in cells(2)]
    assert gains == sorted(gains, reverse=True)
    table.locator("thead th").nth(5).locator("button").click()  # p: < 0.001 is below 0.020
    assert cells(5)[0] == "0.020"
    assert cells(5)[-1] == "< 0.001"

    steps = page.locator("#steps details")
    steps.locator("summary").click()
    rows = steps.locator("thead th").nth(2).locator("button")
    written = steps.locator("tbody td:last-child")
    rows.click()
    assert written.all_inner_texts() == ["1,204,411", "912,000", "46,200", "\N{EN DASH}"]
    rows.click()
    assert written.all_inner_texts() == ["46,200", "912,000", "1,204,411", "\N{EN DASH}"]


def test_settings_are_shut_until_a_reader_opens_them(page):
    table = page.locator("#settings table").first
    assert not table.is_visible()
    page.locator("#settings summary").first.press("Enter")
    assert table.is_visible()


def test_light_and_dark_differ_and_both_are_legible(page):
    seen = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        seen[scheme] = page.evaluate(COLOURS)
        ground = seen[scheme]["page"]
        for kind, least in (("words", 4.5), ("letters", 4.5), ("shapes", 3)):
            colours = set(seen[scheme][kind]) - {"none", ground}
            assert colours, kind
            poor = {c: contrast(c, ground) for c in colours if contrast(c, ground) < least}
            assert not poor, (scheme, kind, poor)
    assert luminance(seen["light"]["page"]) > 0.8
    assert luminance(seen["dark"]["page"]) < 0.05
    assert not set(seen["light"]["letters"]) & set(seen["dark"]["letters"])


def test_it_prints_without_cutting_a_drawing(page):
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 720, "height": 1000})  # the width of A4 less its margins
    assert page.evaluate(TOO_WIDE) == []
    assert not page.locator("nav").is_visible()


def inside(inner: dict[str, float], outer: dict[str, float]) -> bool:
    """Whether one box lies in another, a pixel more or less."""
    return (
        inner["left"] >= outer["left"] - 1
        and inner["right"] <= outer["right"] + 1
        and inner["top"] >= outer["top"] - 1
        and inner["bottom"] <= outer["bottom"] + 1
    )


def covered(texts: list[dict[str, float]]) -> list[tuple[str, str]]:
    """Pairs of texts of which one lies over the other; lines of text may touch by two pixels."""
    pairs = ((a, b) for n, a in enumerate(texts) for b in texts[n + 1 :])
    return [
        (a["text"], b["text"])
        for a, b in pairs
        if min(a["right"], b["right"]) - max(a["left"], b["left"]) > 0.5
        and min(a["bottom"], b["bottom"]) - max(a["top"], b["top"]) > 2
    ]


def luminance(colour: str) -> float:
    """Relative luminance of rgb(…), as the web's accessibility guidelines define it."""
    parts = [int(part) / 255 for part in findall(r"\d+", colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
