"""A small library: three pages in English, one of them in Spanish too."""

from __future__ import annotations

from pathlib import Path

import pytest

from education.loading import load_library
from education.store import store
from tests.factories import NOW

FOLDER = Path(__file__).parent / "library"


@pytest.fixture
def library(db: None) -> None:
    store(load_library(FOLDER), NOW)


@pytest.fixture
def kept_library(transactional_db: None) -> None:
    """The same for tests that commit."""
    store(load_library(FOLDER), NOW)
