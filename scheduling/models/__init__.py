from scheduling.models.appointment import Appointment, AppointmentStatus, Attendance
from scheduling.models.care_plan import CarePlan, CarePlanStatus, Clearance
from scheduling.models.consent import ConsentSignature
from scheduling.models.course_change import ChangeKind, ChangeStatus, CourseChange
from scheduling.models.disruption import Disruption, DisruptionStatus
from scheduling.models.escalation import Escalation, OnCall
from scheduling.models.event import Event
from scheduling.models.gate import Gate, GateCode, GateStatus
from scheduling.models.group import GroupSession
from scheduling.models.hours import Closure, WeeklyHours
from scheduling.models.idempotency import IdempotencyRecord
from scheduling.models.protocol import Protocol, ProtocolVersion
from scheduling.models.questionnaire import QuestionnaireResponse
from scheduling.models.reservation import (
    PatientTime,
    Reservation,
    ReservationChange,
    TreatmentSpacing,
)
from scheduling.models.resource import Qualification, Resource, ResourceKind
from scheduling.models.scenario import Scenario, ScenarioStatus
from scheduling.models.screening import Screening
from scheduling.models.service import BookableBy, Service
from scheduling.models.site import Site
from scheduling.models.task import StaffTask
from scheduling.models.waitlist import (
    OfferStatus,
    WaitlistDay,
    WaitlistEntry,
    WaitlistOffer,
    WaitlistPriority,
    WaitlistStatus,
    WaitlistWant,
)

__all__ = [
    "Appointment",
    "AppointmentStatus",
    "Attendance",
    "BookableBy",
    "CarePlan",
    "CarePlanStatus",
    "ChangeKind",
    "ChangeStatus",
    "Clearance",
    "Closure",
    "ConsentSignature",
    "CourseChange",
    "Disruption",
    "DisruptionStatus",
    "Escalation",
    "Event",
    "Gate",
    "GateCode",
    "GateStatus",
    "GroupSession",
    "IdempotencyRecord",
    "OfferStatus",
    "OnCall",
    "PatientTime",
    "Protocol",
    "ProtocolVersion",
    "Qualification",
    "QuestionnaireResponse",
    "Reservation",
    "ReservationChange",
    "Resource",
    "ResourceKind",
    "Scenario",
    "ScenarioStatus",
    "Screening",
    "Service",
    "Site",
    "StaffTask",
    "TreatmentSpacing",
    "WaitlistDay",
    "WaitlistEntry",
    "WaitlistOffer",
    "WaitlistPriority",
    "WaitlistStatus",
    "WaitlistWant",
    "WeeklyHours",
]
