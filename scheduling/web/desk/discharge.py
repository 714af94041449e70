"""What is looked at before a patient goes home."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from scheduling.core.gates import Gate as GateCode
from scheduling.models import Appointment, GateStatus
from scheduling.operations import atomic, gates
from scheduling.operations.actor import Actor

CHECKS = [
    ("vitals", _("Vital signs acceptable")),
    ("clear", _("Thinks as clearly as before")),
    ("steady", _("Walks steadily")),
    ("asked", _("Asked about thoughts of self-harm")),
    ("told", _("Has written instructions: no driving until tomorrow, whom to call")),
]
"""Sanacora 2017 (JAMA Psychiatry 74:399) and the federation's statement on ketamine infusion."""


class DischargeForm(forms.Form):
    """Every point is ticked, and somebody takes the patient home."""

    checklist = forms.MultipleChoiceField(
        label=_("Before going home"), choices=CHECKS, widget=forms.CheckboxSelectMultiple
    )
    escort = forms.CharField(
        label=_("Who takes them home"),
        max_length=200,
        error_messages={"required": _("Name the person who takes them home.")},
    )

    def clean_checklist(self) -> list[str]:
        ticked: list[str] = self.cleaned_data["checklist"]
        if len(ticked) < len(CHECKS):
            raise forms.ValidationError(
                _("Every point has to be ticked. Stopped early or not ready yet? Wait, or call.")
            )
        return ticked

    def facts(self) -> dict[str, Any]:
        """What history keeps: that it was looked at, never a name."""
        return {"checklist": self.cleaned_data["checklist"], "escorted": True}

    def keep_escort(self, appointment: Appointment, actor: Actor, now: datetime) -> None:
        """The name stands at the ride's gate, beside the one that was given before."""
        gate = appointment.gates.filter(code=GateCode.RIDE).first()
        before = f"{gate.note} · " if gate and gate.note else ""
        note = f"{before}{self.cleaned_data['escort']}"[:500]
        atomic.run(
            lambda: gates.write(
                actor=actor,
                care_plan=None,
                appointment=appointment,
                code=GateCode.RIDE,
                status=GateStatus(gate.status) if gate else GateStatus.CLOSED,
                reason=gate.reason if gate else "",
                note=note,
                now=now,
            )
        )
