"""Django's own admin says whose it is, and leads back to the desk."""

import pytest
from django.test import Client

from tests.factories import make_user


@pytest.mark.django_db
def test_the_admin_bears_the_clinics_name_and_leads_to_the_desk() -> None:
    manager = make_user("mona@example.org", "manager")
    manager.is_staff = manager.is_superuser = True
    manager.save()
    browser = Client()
    browser.force_login(manager)

    page = browser.get("/admin/").content.decode()

    assert "Django" not in page
    assert "Tremedy" in page
    assert 'href="/desk/setup/"' in page
