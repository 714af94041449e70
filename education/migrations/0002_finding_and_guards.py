"""Finding words whatever their accents, wordings that stand, and a mark that changes with anything
that public pages show."""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

# Accents are dropped before words are reduced to their stems, on both sides.
CONFIGURATIONS = """
CREATE TEXT SEARCH CONFIGURATION pages_en (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION pages_en
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
CREATE TEXT SEARCH CONFIGURATION pages_es (COPY = pg_catalog.spanish);
ALTER TEXT SEARCH CONFIGURATION pages_es
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, spanish_stem;
"""
CONFIGURATIONS_BACK = """
DROP TEXT SEARCH CONFIGURATION pages_es;
DROP TEXT SEARCH CONFIGURATION pages_en;
"""

STANDS = """
CREATE TRIGGER page_version_stands BEFORE UPDATE OR DELETE ON education_pageversion
    FOR EACH ROW EXECUTE FUNCTION scheduling_history_stands();
"""
STANDS_BACK = "DROP TRIGGER page_version_stands ON education_pageversion;"

# Pages show texts, and drawings made from protocols and services. Of two transactions that change
# something at once the second waits for the first, so the mark that stays is of the last.
MARK = """
CREATE FUNCTION education_pages_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO education_edition (id, mark) VALUES (1, pg_current_xact_id()::text::bigint)
    ON CONFLICT (id) DO UPDATE SET mark = EXCLUDED.mark
        WHERE education_edition.mark <> EXCLUDED.mark;
    RETURN NULL;
END $$;
CREATE TRIGGER pages_change AFTER INSERT OR UPDATE OR DELETE ON education_page
    FOR EACH STATEMENT EXECUTE FUNCTION education_pages_change();
CREATE TRIGGER pages_change AFTER INSERT OR UPDATE OR DELETE ON education_source
    FOR EACH STATEMENT EXECUTE FUNCTION education_pages_change();
CREATE TRIGGER pages_change AFTER INSERT OR UPDATE OR DELETE ON education_term
    FOR EACH STATEMENT EXECUTE FUNCTION education_pages_change();
CREATE TRIGGER pages_change AFTER INSERT OR UPDATE OR DELETE ON scheduling_service
    FOR EACH STATEMENT EXECUTE FUNCTION education_pages_change();
CREATE TRIGGER pages_change AFTER INSERT OR UPDATE OR DELETE ON scheduling_protocol
    FOR EACH STATEMENT EXECUTE FUNCTION education_pages_change();
CREATE TRIGGER pages_change AFTER INSERT OR UPDATE OR DELETE ON scheduling_protocolversion
    FOR EACH STATEMENT EXECUTE FUNCTION education_pages_change();
"""
MARK_BACK = """
DROP TRIGGER pages_change ON scheduling_protocolversion;
DROP TRIGGER pages_change ON scheduling_protocol;
DROP TRIGGER pages_change ON scheduling_service;
DROP TRIGGER pages_change ON education_term;
DROP TRIGGER pages_change ON education_source;
DROP TRIGGER pages_change ON education_page;
DROP FUNCTION education_pages_change();
"""


class Migration(migrations.Migration):
    dependencies = [("education", "0001_initial"), ("scheduling", "0009_service_edited")]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(CONFIGURATIONS, CONFIGURATIONS_BACK),
        migrations.RunSQL(STANDS, STANDS_BACK),
        migrations.RunSQL(MARK, MARK_BACK),
    ]
