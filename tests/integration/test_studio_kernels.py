"""The studio keeps a kernel as long as its page, and no longer."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.sample_warehouse import write_warehouse
from studio.served import Served, served

pytestmark = pytest.mark.integration
SOON = 8  # seconds in which a kernel that was told to end has ended, on a busy machine
IDLE = 20  # the test's culling; the studio's own takes minutes


@pytest.fixture(scope="module")
def studio(tmp_path_factory) -> Iterator[Served]:
    """A studio that culls soon."""
    cull = [f"--MappingKernelManager.cull_{name}" for name in ("idle_timeout", "interval")]
    with served(
        write_warehouse(tmp_path_factory.mktemp("studio")), f"{cull[0]}={IDLE}", f"{cull[1]}=2"
    ) as studio:
        yield studio


def opened(browser: Browser, studio: Served) -> Page:
    page = browser.new_page()
    page.goto(studio.address)
    return ready(page)


def ready(page: Page) -> Page:
    page.get_by_label("Listener").wait_for(timeout=60_000)
    return page


def wait_for_kernels(studio: Served, number: int, *, seconds: float) -> None:
    until = time.monotonic() + seconds
    while len(studio.kernels()) > number and time.monotonic() < until:
        time.sleep(0.2)
    assert len(studio.kernels()) == number


def test_leaving_or_reloading_a_page_ends_its_kernel_at_once(browser, studio):
    page = opened(browser, studio)
    first = studio.kernels()
    assert len(first) == 1
    for _ in range(2):
        page.reload()
        ready(page)
        wait_for_kernels(studio, 1, seconds=SOON)
    assert studio.kernels() != first
    page.goto("about:blank")
    wait_for_kernels(studio, 0, seconds=SOON)
    page.go_back()  # not a page without a kernel: it is made anew
    name = ready(page).get_by_label("Listener")
    name.fill("ada")
    name.press("Enter")
    expect(page.locator(".tracks li")).to_have_count(10)
    page.close(run_before_unload=True)
    wait_for_kernels(studio, 0, seconds=SOON)


def test_reloading_before_the_page_is_ready_ends_its_kernel_at_once(browser, studio):
    page = browser.new_page()
    for _ in range(3):
        page.goto(studio.address, wait_until="commit")
        page.locator("#jupyter-config-data").wait_for(state="attached", timeout=60_000)
    page.goto("about:blank")
    wait_for_kernels(studio, 0, seconds=SOON)
    page.close()


def test_a_page_that_is_used_or_just_open_keeps_its_kernel(browser, studio):
    page = opened(browser, studio)
    page.get_by_label("Listener").fill("ada")
    page.get_by_label("Listener").press("Enter")
    with page.expect_download():
        page.get_by_role("link", name="CSV").click()
    page.evaluate("dispatchEvent(new Event('beforeunload'))")  # as a link that another app opens
    page.wait_for_timeout((IDLE + 5) * 1000)
    page.get_by_label("Listener").fill("béla")
    page.get_by_label("Listener").press("Enter")
    expect(page.get_by_role("heading", name="Default for béla")).to_be_visible()
    page.close()
    wait_for_kernels(studio, 0, seconds=SOON)


def test_a_kernel_without_a_page_is_culled(browser, studio):
    page = browser.new_page()
    page.add_init_script("navigator.sendBeacon = () => true")  # a browser that says nothing
    page.goto(studio.address)
    ready(page).close()
    time.sleep(IDLE / 4)
    assert len(studio.kernels()) == 1
    wait_for_kernels(studio, 0, seconds=IDLE + SOON)
