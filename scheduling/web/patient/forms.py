"""What a patient says before looking for a course."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scheduling.core.wishes import Liking, Wishes

WEEKDAYS = [
    ("1", _("Monday")),
    ("2", _("Tuesday")),
    ("3", _("Wednesday")),
    ("4", _("Thursday")),
    ("5", _("Friday")),
    ("6", _("Saturday")),
    ("7", _("Sunday")),
]
PARTS = [
    ("morning", _("Morning, before 12")),
    ("afternoon", _("Afternoon, 12 to 5")),
    ("evening", _("Evening, after 5")),
]
BLOCKS = {
    "counsel": _("Supportive counselling"),
    "lifestyle": _("Lifestyle group: food, movement, mindfulness"),
}
LANGUAGES = [("", _("No preference")), ("en", _("English")), ("es", _("Spanish"))]
TALKS = ("therapy", "counselling")
"""Services whose mode the patient chooses."""
MODES = [("in_person", _("At the clinic")), ("video", _("By video"))]


class SearchForm(forms.Form):
    """Course and preferences. All but the course and the first date may stay as they are."""

    protocol = forms.ChoiceField(label=_("Course"), widget=forms.RadioSelect)
    blocks = forms.MultipleChoiceField(
        label=_("Add to the course"),
        help_text=_("You can also add these later."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    earliest = forms.DateField(
        label=_("First day you could come"), widget=forms.DateInput(attrs={"type": "date"})
    )
    weekdays = forms.MultipleChoiceField(
        label=_("Days you can come"),
        choices=WEEKDAYS,
        initial=["1", "2", "3", "4", "5"],
        widget=forms.CheckboxSelectMultiple,
    )
    day_parts = forms.MultipleChoiceField(
        label=_("Times of day you can come"),
        choices=PARTS,
        initial=["morning", "afternoon", "evening"],
        widget=forms.CheckboxSelectMultiple,
    )
    liked_day_parts = forms.MultipleChoiceField(
        label=_("Times of day you like best"),
        help_text=_("We try, but will not rule out other times."),
        choices=PARTS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    therapist = forms.ChoiceField(label=_("Therapist"), required=False)
    language = forms.ChoiceField(label=_("Language for talks"), choices=LANGUAGES, required=False)
    mode = forms.ChoiceField(
        label=_("Talks"),
        help_text=_("Treatments and groups are always at the clinic."),
        choices=MODES,
        initial="in_person",
        widget=forms.RadioSelect,
    )
    step_free = forms.BooleanField(label=_("I need step-free access"), required=False)

    def __init__(
        self,
        *args: Any,
        today: date,
        protocols: Sequence[tuple[str, str]],
        blocks: Sequence[str],
        therapists: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.choices("protocol", protocols)
        self.choices("blocks", [(block, BLOCKS.get(block, block)) for block in blocks])
        self.choices("therapist", [("", _("No preference")), *therapists])
        if len(protocols) == 1:
            self.fields["protocol"].initial = protocols[0][0]
        self.fields["earliest"].initial = today + timedelta(days=1)

    def choices(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        """Set the choices of one field."""
        field: Any = self.fields[name]
        field.choices = choices

    def clean_earliest(self) -> date:
        earliest: date = self.cleaned_data["earliest"]
        if earliest < self.today:
            raise forms.ValidationError(_("This day has passed. Choose today or later."))
        return earliest

    def wishes(self) -> Wishes:
        """What was said, as the planner reads it. Call after `is_valid()`."""
        said = self.cleaned_data
        return Wishes(
            earliest=said["earliest"],
            weekdays=frozenset(int(day) for day in said["weekdays"]),
            day_parts=frozenset(said["day_parts"]),
            languages=frozenset({said["language"]} if said["language"] else ()),
            access=frozenset({"step_free"} if said["step_free"] else ()),
            practitioners={"therapist": said["therapist"]} if said["therapist"] else {},
            liking=Liking(day_parts=frozenset(said["liked_day_parts"])),
        )
