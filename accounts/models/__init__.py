from accounts.models.api_key import ApiKey
from accounts.models.contact_consent import ContactConsent, ContactPurpose
from accounts.models.invitation import Invitation, InvitationPurpose
from accounts.models.patient import Patient, PatientStatus
from accounts.models.recovery_code import RecoveryCode
from accounts.models.user import Role, User

__all__ = [
    "ApiKey",
    "ContactConsent",
    "ContactPurpose",
    "Invitation",
    "InvitationPurpose",
    "Patient",
    "PatientStatus",
    "RecoveryCode",
    "Role",
    "User",
]
