"""What a patient says before looking for a course."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scheduling.core.wishes import Liking, Wishes
from scheduling.web.weeks import first_weekday

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
LANGUAGES = [("", _("No preference")), ("en", _("English")), ("es", _("Spanish"))]
TALKS = ("therapy", "counselling")
"""Services whose mode the patient chooses."""
MODES = [("in_person", _("At the clinic")), ("video", _("By video"))]
ANY_HOUR = ("", _("No limit"))


class SearchForm(forms.Form):
    """Preferences for one course. Everything has an answer already and may stay as it is."""

    earliest = forms.DateField(
        label=_("First day you could come"), widget=forms.DateInput(attrs={"type": "date"})
    )
    blocks = forms.MultipleChoiceField(
        label=_("Add to the course"),
        help_text=_("You can also add these later."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    weekdays = forms.MultipleChoiceField(
        label=_("Days you can come"),
        choices=WEEKDAYS,
        initial=["1", "2", "3", "4", "5"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day.")},
    )
    day_parts = forms.MultipleChoiceField(
        label=_("Times of day you can come"),
        choices=PARTS,
        initial=["morning", "afternoon", "evening"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one time of day.")},
    )
    mode = forms.ChoiceField(
        label=_("Talks"),
        help_text=_("Treatments, evaluations and groups are always at the clinic."),
        choices=MODES,
        initial="in_person",
        widget=forms.RadioSelect,
    )
    liked_weekdays = forms.MultipleChoiceField(
        label=_("Days you like best"),
        help_text=_("We try, but will not rule out other days."),
        choices=WEEKDAYS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    liked_day_parts = forms.MultipleChoiceField(
        label=_("Times of day you like best"),
        choices=PARTS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    not_before = forms.ChoiceField(label=_("Visits not before"), required=False)
    not_after = forms.ChoiceField(label=_("Over by"), required=False)
    therapist = forms.ChoiceField(label=_("Therapist"), required=False)
    language = forms.ChoiceField(label=_("Language for talks"), choices=LANGUAGES, required=False)
    step_free = forms.BooleanField(label=_("I need step-free access"), required=False)

    LIKED = ("liked_weekdays", "liked_day_parts")
    PEOPLE = ("therapist", "language", "step_free", "not_before", "not_after")

    def __init__(
        self,
        *args: Any,
        today: date,
        blocks: Sequence[tuple[str, str]],
        therapists: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self._choices("blocks", blocks)
        for name in ("weekdays", "liked_weekdays"):
            self._choices(name, [*WEEKDAYS[first_weekday() :], *WEEKDAYS[: first_weekday()]])
        self._choices("therapist", [("", _("No preference")), *therapists])
        self._choices("not_before", [ANY_HOUR, *_hours(7, 12)])
        self._choices("not_after", [ANY_HOUR, *_hours(12, 19)])
        if not blocks:
            del self.fields["blocks"]
        if not therapists:
            del self.fields["therapist"]
        self.fields["earliest"].initial = today + timedelta(days=1)

    def clean_earliest(self) -> date:
        earliest: date = self.cleaned_data["earliest"]
        if earliest < self.today:
            raise forms.ValidationError(_("This day has passed. Choose today or later."))
        return earliest

    @property
    def likes(self) -> bool:
        """Whether anything is said, or wrong, in the part about likings: it is then open."""
        return self._touched(self.LIKED)

    @property
    def people(self) -> bool:
        """The same for people, language, access and hours."""
        return self._touched(self.PEOPLE)

    def wishes(self) -> Wishes:
        """What was said, as the planner reads it. Call after `is_valid()`."""
        said = self.cleaned_data
        return Wishes(
            earliest=said["earliest"],
            weekdays=frozenset(int(day) for day in said["weekdays"]),
            day_parts=frozenset(said["day_parts"]),
            not_before=int(said["not_before"] or 0),
            not_after=int(said["not_after"] or 24 * 60),
            languages=frozenset({said["language"]} if said["language"] else ()),
            access=frozenset({"step_free"} if said["step_free"] else ()),
            practitioners={"therapist": said["therapist"]} if said.get("therapist") else {},
            liking=Liking(
                weekdays=frozenset(int(day) for day in said["liked_weekdays"]),
                day_parts=frozenset(said["liked_day_parts"]),
            ),
        )

    def _choices(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def _touched(self, names: Sequence[str]) -> bool:
        known = [name for name in names if name in self.fields]
        return any(self[name].errors or self[name].value() for name in known)


class CallForm(forms.Form):
    """Who asks to be called."""

    name = forms.CharField(
        label=_("Your name"), max_length=300, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.RegexField(
        r"^[+0-9 ().-]{5,40}$",
        label=_("Your phone number"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"invalid": _("Write the number with digits, such as 303 555 0100.")},
    )


def _hours(first: int, last: int) -> list[tuple[str, str]]:
    return [(str(hour * 60), f"{hour}:00") for hour in range(first, last + 1)]
