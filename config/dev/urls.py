from django.urls import path

from config.dev import views

urlpatterns = [
    path("mail/", views.mail, name="dev-mail"),
    path("mail/clear/", views.clear_mail, name="dev-mail-clear"),
    path("calendar/", views.calendar, name="dev-calendar"),
    path("mail/<slug:key>/", views.message, name="dev-message"),
    path("mail/<slug:key>/html/", views.message_html, name="dev-message-html"),
    path("totp/", views.totp, name="dev-totp"),
]
