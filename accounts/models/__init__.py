from accounts.models.api_key import ApiKey
from accounts.models.patient import Patient, PatientStatus
from accounts.models.user import Role, User

__all__ = ["ApiKey", "Patient", "PatientStatus", "Role", "User"]
