"""Find a patient by anything a caller says; what may be told, and to whom."""

from __future__ import annotations

from django.db import migrations, models

# One line of plain capitals without accents for each patient, every word after a space: name,
# address, birth date, and the phone's digits. Immutable, so that an index can keep it.
WORDS = r"""
CREATE FUNCTION patient_words(
    given text, family text, preferred text, email text, phone text, born date
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ' ' || upper(regexp_replace(
        normalize(given || ' ' || family || ' ' || preferred || ' ' || email, NFD),
        U&'[\0300-\036f]', '', 'g'))
    || ' ' || regexp_replace(phone, '\D', '', 'g')
    || coalesce(' ' || lpad(extract(year FROM born)::text, 4, '0')
        || '-' || lpad(extract(month FROM born)::text, 2, '0')
        || '-' || lpad(extract(day FROM born)::text, 2, '0'), '')
$$;
CREATE INDEX patient_words_trigram ON accounts_patient USING gin (
    patient_words(given_name, family_name, preferred_name, email, phone, birth_date) gin_trgm_ops
) WHERE visitor_key IS NULL;
"""
UNDO = """
DROP INDEX patient_words_trigram;
DROP FUNCTION patient_words(text, text, text, text, text, date);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_recovery_code")]

    operations = [
        migrations.RemoveIndex(model_name="patient", name="patient_name_trigram"),
        migrations.RunSQL(WORDS, UNDO),
        migrations.AddField(
            model_name="patient",
            name="may_tell",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
