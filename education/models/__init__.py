"""Tables of what is read, and of who has read it."""

from education.models.edition import Edition
from education.models.page import Page, PageVersion
from education.models.reading import Reading
from education.models.shelf import Source, Term
from education.models.word import SearchWord

__all__ = ["Edition", "Page", "PageVersion", "Reading", "SearchWord", "Source", "Term"]
