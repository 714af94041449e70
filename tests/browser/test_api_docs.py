"""The API's documentation works offline and under the Content Security Policy."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_swagger_shows_the_document_without_violations(page: Page, live_server: LiveServer) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(request.url))

    page.goto(f"{live_server.url}/api/docs/")
    page.get_by_role("heading", name="Tremedy's scheduler").wait_for()

    assert [text for text in complaints if "Content Security Policy" in text] == []
