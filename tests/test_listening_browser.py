"""A listener in a real browser: from consent to code, after a reload, by keyboard alone, on a phone, and accessible.

Needs Chromium, Playwright for Python and axe-core; `.ci/browser` installs all three. `CHROMIUM` and `AXE_CORE` may name
the program and the file `axe.min.js`.
"""

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from listening_stand import make_test
from test_listening_server import free_port, start_server

from technogen.evaluation.listening import read_answers
from technogen.evaluation.listening.headphones import right_answers

pytest.importorskip("starlette")
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; .ci/browser installs it")

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(os.environ.get("AXE_CORE", Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"))
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed; .ci/browser installs it"),
    pytest.mark.slow,
]

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
PATIENCE = 30_000


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "test"
    make_test(folder)
    return folder


class Served:
    """A test that is being served, and can be killed."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        self.start()

    def start(self):
        self.process = start_server(self.folder, self.port)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None, self.process.stderr.read()
            try:
                import socket

                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    @property
    def log(self):
        return read_answers(self.folder / "answers.jsonl")


@pytest.fixture
def served(made, tmp_path):
    one = Served(shutil.copytree(made, tmp_path / "test"))
    yield one
    one.kill()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        one = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield one
        one.close()


@pytest.fixture
def open_page(browser):
    contexts, troubles = [], []

    def open_one(address, **options):
        context = browser.new_context(**{**DESKTOP, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: troubles.append(request.url) if address not in request.url else None)
        page.goto(address)
        page.wait_for_selector("h1")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert troubles == []  # no error in the page, and nothing asked of any other server


def session_of(page):
    kept = page.evaluate("Object.entries(localStorage).find(([name]) => name.endsWith('/session'))")
    return json.loads(kept[1])


def wait_for_title(page, pattern):
    page.wait_for_function("p => new RegExp(p).test(document.querySelector('h1')?.textContent)", arg=pattern)


def begin(page):
    page.get_by_label("I am at least 18").check()
    page.get_by_role("button", name="Begin").click()
    wait_for_title(page, "Headphone check 1")


def pass_check(page, attempt=0):
    for number, right in enumerate(right_answers(session_of(page), attempt), 1):
        wait_for_title(page, f"Headphone check {number}")
        page.get_by_label(("First", "Second", "Third")[right]).check()
        page.get_by_role("button", name="Next").click()
    wait_for_title(page, "Practice 1")


def hear_all(page):
    for name in ("A", "B"):
        count = page.locator(".player").nth("AB".index(name)).locator(".count")
        if "to the end" not in count.inner_text():
            page.get_by_role("button", name=f"Play {name}").click()
            playwright.expect(count).to_contain_text("to the end", timeout=PATIENCE)


def choose(page):
    page.get_by_role("group", name=re.compile("made by a person")).get_by_label("A").check()
    page.get_by_label("Fairly").check()
    page.get_by_label("No difference").check()


def next_one(page):
    before = page.inner_text("h1")
    page.get_by_role("button", name="Next").click()
    page.wait_for_function("h => document.querySelector('h1')?.textContent !== h", arg=before)


def answer_one(page):
    hear_all(page)
    choose(page)
    next_one(page)


def fill_background(page):
    page.get_by_label("Yes, for myself").check()
    page.get_by_label("Often").check()
    page.get_by_role("group", name=re.compile("programmed")).get_by_label("Yes").check()
    page.get_by_label("What gave it away?").fill("The hats never breathe.")


def walk(page, at_each=lambda page, where: None):
    """From consent to code."""
    at_each(page, "welcome")
    begin(page)
    at_each(page, "check")
    pass_check(page)
    at_each(page, "practice")
    answer_one(page)
    at_each(page, "told")
    next_one(page)
    for _ in range(3):
        answer_one(page)
    wait_for_title(page, "Almost done")
    fill_background(page)
    at_each(page, "background")
    page.get_by_role("button", name="Finish").click()
    wait_for_title(page, "Thank you")
    at_each(page, "done")
    return page.locator("#code").inner_text()


def fits(page, where):
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], f"{where} is {wide[0]} pixels wide on a screen of {wide[1]}"
    cut = page.evaluate(
        "[...document.querySelectorAll('button, .choice')].filter(e => e.scrollWidth > e.clientWidth + 1)"
        ".map(e => e.textContent)"
    )
    assert cut == [], f"{where} cuts off {cut}"
    small = page.evaluate(
        "[...document.querySelectorAll('main button, main .options .choice')].map(e => e.getBoundingClientRect())"
        ".filter(r => r.height < 44 || r.width < 44).length"
    )
    assert small == 0, f"{where} has {small} places too small for a finger"


def test_from_consent_to_code(served, open_page):
    code = walk(open_page(served.address))
    log = served.log
    assert [one.code for one in log.finishes] == [code]
    assert [one.response for one in log.answers] == ["first"] * 4
    assert {one.replays for one in log.answers} == {(1, 1)}
    assert all(3 < one.seconds < 60 for one in log.answers)  # two excerpts of 1.7 s
    assert {one.about: one.text for one in log.remarks} == {
        "consent": "yes",
        "headphones": "passed",
        "expertise": "maker",
        "techno": "often",
        "machine": "yes",
        "gave_away": "The hats never breathe.",
    }


@pytest.mark.parametrize("device", [PHONE, {**PHONE, "viewport": {"width": 320, "height": 600}}], ids=["360", "320"])
def test_on_a_phone(served, open_page, device):
    assert walk(open_page(served.address, **device), fits) == served.log.finishes[0].code


def test_reloads_in_the_middle_lose_nothing(served, open_page):
    page = open_page(served.address)
    begin(page)
    page.reload()
    pass_check(page)
    hear_all(page)
    page.reload()  # what was heard is still known
    wait_for_title(page, "Practice 1")
    choose(page)
    next_one(page)
    page.reload()
    wait_for_title(page, "Trial 1 of 3")
    answer_one(page)
    wait_for_title(page, "Trial 2 of 3")
    page.reload()
    wait_for_title(page, "Trial 2 of 3")
    answer_one(page)
    answer_one(page)
    page.get_by_label("What gave it away?").fill("Half a sen")
    page.reload()
    wait_for_title(page, "Almost done")
    assert page.get_by_label("What gave it away?").input_value() == "Half a sen"
    fill_background(page)
    page.get_by_role("button", name="Finish").click()
    wait_for_title(page, "Thank you")
    code = page.locator("#code").inner_text()
    page.reload()
    wait_for_title(page, "Thank you")
    assert page.locator("#code").inner_text() == code == served.log.finishes[0].code
    assert len(served.log.answers) == 4
    assert len(served.log.sessions) == 1
    assert served.log.answers[0].replays == (1, 1)


def test_an_answer_waits_while_the_server_is_down(served, open_page):
    page = open_page(served.address)
    begin(page)
    pass_check(page)
    hear_all(page)
    choose(page)
    served.kill()
    page.get_by_role("button", name="Next").click()
    wait_for_title(page, "Something is in the way")
    served.start()
    page.get_by_role("button", name="Try again").click()
    wait_for_title(page, "That was")
    assert len(served.log.answers) == 1
    assert served.log.faults == ()


def test_two_windows_of_one_listener(served, open_page):
    page = open_page(served.address)
    begin(page)
    pass_check(page)
    answer_one(page)
    next_one(page)
    other = page.context.new_page()
    other.goto(served.address)
    wait_for_title(other, "Trial 1")
    answer_one(page)
    hear_all(other)
    other.get_by_role("group", name=re.compile("made by a person")).get_by_label("B").check()
    other.get_by_label("Certain").check()
    other.get_by_label("No difference").check()
    next_one(other)
    wait_for_title(other, "Trial 2")
    playwright.expect(other.get_by_role("status")).to_contain_text("answered already")
    assert [one.response for one in served.log.answers] == ["first", "first"]


def test_nothing_is_sent_before_all_is_heard(served, open_page):
    page = open_page(served.address)
    begin(page)
    pass_check(page)
    choose(page)
    page.get_by_role("button", name="Next").click()
    playwright.expect(page.locator("#hint")).to_contain_text("A and B to the end")
    assert served.log.answers == ()


def test_a_sound_that_is_missing_is_told(served, open_page):
    page = open_page(served.address)
    begin(page)
    gone = served.folder / f"{served.log.plan_of(session_of(page))[0].stimuli[0]}.wav"
    kept = gone.read_bytes()
    gone.unlink()
    for right in right_answers(session_of(page), 0):
        page.wait_for_selector("input[name=check]")
        before = page.inner_text("h1")
        page.get_by_label(("First", "Second", "Third")[right]).check()
        page.get_by_role("button", name="Next").click()
        page.wait_for_function("h => document.querySelector('h1')?.textContent !== h", arg=before)
    wait_for_title(page, "Something is in the way")
    assert "missing on the server" in page.inner_text("main")
    gone.write_bytes(kept)
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector("input[name=response]")
    answer_one(page)
    assert len(served.log.answers) == 1


def press_until(page, key, condition, most=40):
    for _ in range(most):
        if page.evaluate(condition):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead to {condition}")


def focus_is(what):
    return f"document.activeElement.matches({json.dumps(what)})"


def choose_by_keys(page, name, place):
    press_until(page, "Tab", focus_is(f"input[name={name}]"))
    page.keyboard.press("Space")
    for _ in range(place):
        page.keyboard.press("ArrowDown")


def test_by_keyboard_alone(served, open_page):
    page = open_page(served.address)
    press_until(page, "Tab", focus_is("#agree"))
    page.keyboard.press("Space")
    press_until(page, "Tab", focus_is("button"))
    page.keyboard.press("Enter")
    wait_for_title(page, "Headphone check 1")
    for number, right in enumerate(right_answers(session_of(page), 0), 1):
        wait_for_title(page, f"Headphone check {number}")
        page.wait_for_selector("input[name=check]")
        choose_by_keys(page, "check", right)
        page.keyboard.press("Enter")
    wait_for_title(page, "Practice 1")
    for trial in range(4):
        wait_for_title(page, "Practice" if trial == 0 else f"Trial {trial}")
        page.wait_for_selector("input[name=preference]")
        for key, place in (("a", 0), ("b", 1)):
            page.keyboard.press(key)
            playwright.expect(page.locator(".count").nth(place)).to_contain_text("to the end", timeout=PATIENCE)
        choose_by_keys(page, "response", 1)
        choose_by_keys(page, "confidence", 3)
        choose_by_keys(page, "preference", 2)
        page.keyboard.press("Enter")
        if trial == 0:
            wait_for_title(page, "That was")
            press_until(page, "Tab", focus_is("#on"))
            page.keyboard.press("Enter")
    wait_for_title(page, "Almost done")
    choose_by_keys(page, "expertise", 1)
    choose_by_keys(page, "techno", 2)
    choose_by_keys(page, "machine", 0)
    press_until(page, "Tab", focus_is("textarea"))
    page.keyboard.type("a b s")  # letters, and no sounds
    press_until(page, "Tab", focus_is("button"))
    page.keyboard.press("Enter")
    wait_for_title(page, "Thank you")
    assert [(one.response, one.confidence) for one in served.log.answers] == [("second", 4)] * 4
    assert served.log.remarks[-1].text == "a b s"


@pytest.mark.skipif(not AXE.exists(), reason=f"{AXE} is not there; .ci/browser installs axe-core")
@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_axe_finds_nothing_serious(served, browser, look):
    options = {**(PHONE if look == "phone" else DESKTOP), "color_scheme": "dark" if look == "dark" else "light"}
    context = browser.new_context(**options, bypass_csp=True, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(served.address)
    page.wait_for_selector("h1")
    found = []

    def examine(page, where):
        page.evaluate(AXE.read_text())
        for fault in page.evaluate("axe.run(document).then(found => found.violations)"):
            found.append((where, fault["impact"], fault["id"], [node["target"] for node in fault["nodes"]]))

    walk(page, examine)
    context.close()
    assert [one for one in found if one[1] in ("serious", "critical")] == []
    assert found == []
