"""Headless Chromium on the playground's page: what a person does there, as functions.

Everything here blocks; a test with an event loop runs it in a thread (`asyncio.to_thread`), because the page's
server lives in that loop. Each function waits for what it did to show on the page, and raises selenium's
`TimeoutException` with the page's text where it does not.
"""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from selenium import webdriver
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

# Where Debian's `chromium` and `chromium-driver` packages put them; given in full, so that selenium looks
# for neither on the network.
BROWSER = Path("/usr/bin/chromium")
DRIVER = Path("/usr/bin/chromedriver")

_SWITCHES = (
    "--headless",
    "--no-sandbox",  # the sandbox refuses to start as root, which CI runs as
    "--disable-dev-shm-usage",  # a container's /dev/shm holds 64 MB, one page may need more
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en-US",
    "--window-size=1100,900",
)

# A cold Chromium on two busy cores took 4 s to show the page; an answer comes within the bot's own time.
_PAGE_SECONDS = 30.0

T = TypeVar("T")


class Browser(webdriver.Chrome):
    """Chromium with a profile of its own, and the directory its downloads go to."""

    def __init__(self, profile: Path, downloads: Path) -> None:
        """Start the browser; `profile` and `downloads` are empty directories."""
        options = webdriver.ChromeOptions()
        options.binary_location = str(BROWSER)
        for switch in (*_SWITCHES, f"--user-data-dir={profile}"):
            options.add_argument(switch)
        options.add_experimental_option(
            "prefs", {"download.default_directory": str(downloads), "download.prompt_for_download": False}
        )
        super().__init__(options=options, service=Service(executable_path=str(DRIVER)))
        self.downloads = downloads


@contextmanager
def chromium(address: str, *, script: str = "") -> Iterator[Browser]:
    """Open `address` in a fresh browser, and close it at the end, files and all; `script` runs before the page's own."""
    # Chromium's helpers write into the profile a little longer than the browser lives.
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as directory:
        profile, downloads = Path(directory, "profile"), Path(directory, "downloads")
        profile.mkdir()
        downloads.mkdir()
        browser = Browser(profile, downloads)
        try:
            browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
            browser.get(address)
            _until(browser, lambda: _is_ready(browser), "the channel does not show")
            yield browser
        finally:
            browser.quit()


def type_command(driver: Browser, name: str) -> None:
    """Type `/name` into the message box and choose it in the list that opens."""
    driver.find_element(By.ID, "channel-composer-input").send_keys(f"/{name}")
    choice = f"//*[@id='command-picker-listbox']/*[.//strong[.='/{name}']]"
    _until(driver, lambda: _click(driver, choice), f"/{name} is not in the list of commands")
    _until(driver, lambda: driver.find_elements(By.CLASS_NAME, "command-chip"), f"/{name} was not chosen")


def attach(driver: Browser, option: str, path: Path) -> None:
    """Give the command's attachment `option` the file at `path`; an optional one is opened first."""
    field = f"input.command-file-input[data-option='{option}']"
    if not driver.find_elements(By.CSS_SELECTOR, field):
        _open_option(driver, option)
    driver.find_element(By.CSS_SELECTOR, field).send_keys(str(path.resolve()))
    chosen = f"//button[contains(@class, 'command-file-choose')][.='{path.name}']"
    _until(driver, lambda: driver.find_elements(By.XPATH, chosen), f"{path.name} was not taken")


def fill(driver: Browser, option: str, text: str) -> None:
    """Type `text` into the command's `option`; an optional one is opened first."""
    field = f"input.command-option-input[data-option='{option}']"
    if not driver.find_elements(By.CSS_SELECTOR, field):
        _open_option(driver, option)
    driver.find_element(By.CSS_SELECTOR, field).send_keys(text)


def send(driver: Browser) -> None:
    """Send the command, and return when the page has handed it to the bot.

    The page refuses a command that was written on a channel which changed in the last half second; as a
    person would, this presses the button again.
    """

    def sent() -> bool:
        if not driver.find_elements(By.CLASS_NAME, "command-chip"):
            return True
        button = driver.find_element(By.ID, "send-message")
        if button.is_enabled() and "Completing" not in _status(driver):
            button.click()
        return False

    _until(driver, sent, "the command was not sent")


def press(driver: Browser, label: str) -> None:
    """Press the newest button of a message that is called `label`."""
    path = f"//*[@id='channel-message-list']//button[normalize-space()='{label}']"
    _until(driver, lambda: _click(driver, path), f"no button {label}")


def wait_for_reply(driver: Browser, text: str, timeout: float) -> str:
    """Wait until the channel shows `text` (at most `timeout` seconds) and return all that it shows."""
    return _until(driver, lambda: _shown(driver, text), f"no reply with {text!r}", timeout)


def download(driver: Browser, name: str) -> Path:
    """Download the newest attachment whose name matches the regular expression `name`; its file."""
    wanted = re.compile(f"Download ({name})")

    def clicked() -> str:
        for button in reversed(driver.find_elements(By.CSS_SELECTOR, "button.attachment-action")):
            if match := wanted.fullmatch(button.get_attribute("aria-label") or ""):
                button.click()
                return match[1]
        return ""

    filename = _until(driver, clicked, f"no attachment {name}")
    path = driver.downloads / filename
    # Chromium writes beside it and renames at the end, so that the name means the whole file.
    _until(driver, path.is_file, f"{filename} was not downloaded")
    return path


def screenshot(driver: Browser, path: Path) -> None:
    """Keep what the browser shows as a PNG at `path`."""
    if not driver.save_screenshot(str(path)):
        raise OSError(f"no screenshot at {path}")


def _is_ready(driver: Browser) -> bool:
    box = driver.find_elements(By.ID, "channel-composer-input")
    return bool(box) and box[0].is_displayed()


def _open_option(driver: Browser, option: str) -> None:
    driver.find_element(By.CLASS_NAME, "command-ghost").click()
    row = f"//*[contains(@class, 'command-suggestion-label')][.='{option}']"
    _until(driver, lambda: _click(driver, row), f"no option {option}")


def _click(driver: Browser, path: str) -> bool:
    """Click the last element at the XPath, if there is one."""
    found = driver.find_elements(By.XPATH, path)
    if found:
        found[-1].click()
    return bool(found)


def _status(driver: Browser) -> str:
    return driver.find_element(By.ID, "action-status").text


def _shown(driver: Browser, text: str) -> str:
    channel = driver.find_element(By.ID, "channel-message-list").text
    return channel if text in channel else ""


def _until(driver: Browser, condition: Callable[[], T], problem: str, timeout: float = _PAGE_SECONDS) -> T:
    """Ask `condition` five times a second until it gives something true; the page redraws under our hands."""
    redrawn = (NoSuchElementException, StaleElementReferenceException)

    def ask(_: Browser) -> T:
        return condition()

    try:
        return WebDriverWait(driver, timeout, 0.2, redrawn).until(ask)
    except TimeoutException:
        shown = driver.find_element(By.ID, "channel-layout").text
        raise TimeoutException(f"{problem}; the page shows: {_status(driver)!r}\n{shown}") from None
