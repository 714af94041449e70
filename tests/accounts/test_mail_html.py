"""Mails of signing in say the same as text and as HTML, in the dress of all others."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from accounts.mail_html import as_html
from tests.factories import make_user


@pytest.mark.django_db
def test_a_sign_in_code_is_found_at_a_glance() -> None:
    make_user("ada@example.org", password="a long enough sentence")

    Client().post("/accounts/login/code/", {"email": "ada@example.org"})

    [sent] = mail.outbox
    [(html, kind)] = sent.alternatives
    assert kind == "text/html"
    code = re.search(r'<p class="code"[^>]*>([^<]+)</p>', html)
    assert code
    assert f"\n{code[1]}\n" in sent.body
    assert f">{sent.subject}</h1>" in html


def test_words_stay_words_and_addresses_become_links() -> None:
    html = as_html("<Hello>", "One <b>\ntwo\n\nhttps://localhost/invitation/x/\n\nThree", code="9")

    assert "&lt;Hello&gt;</h1>" in html
    assert "One &lt;b&gt;<br>two" in html
    assert 'href="https://localhost/invitation/x/"' in html
    assert html.count("<a ") == 1
    assert 'class="code"' not in html
