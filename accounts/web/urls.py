from django.urls import path

from accounts.web import account

urlpatterns = [
    path("", account.account, name="account"),
    path("mail/", account.mail, name="account-mail"),
    path("stronger/", account.stronger, name="account-stronger"),
    path("stay/", account.stay, name="account-stay"),
    path("language/", account.language, name="account-language"),
    path("forget/", account.forget, name="account-forget"),
    path("second-factor/", account.second_factor_needed, name="second-factor-needed"),
]
