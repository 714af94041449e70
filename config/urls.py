from allauth.account.decorators import secure_admin_login
from anymail import urls as anymail_urls
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import health, install, styleguide

# Staff sign in where second factors and rate limits are enforced, not on the admin's own page.
admin.autodiscover()
admin.site.site_header = "Tremedy: rare changes"
admin.site.site_title = "Tremedy"
admin.site.index_title = "Everyday changes have pages of their own: Desk, Set up"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# For what is rare. The clinic is set up at the desk, where each change shows whom it meets.
admin.site.site_title = admin.site.site_header = "Tremedy"
admin.site.index_title = _("What is rarely needed. The clinic is set up at the desk.")
admin.site.site_url = "/desk/setup/"

handler400 = "scheduling.api.problems.bad_request"
handler403 = "scheduling.api.problems.permission_denied"
handler404 = "scheduling.api.problems.not_found"
handler500 = "scheduling.api.problems.server_error"

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("manifest.webmanifest", install.manifest, name="manifest"),
    path("sw.js", install.worker, name="service-worker"),
    path("offline/", install.offline, name="offline"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("account/", include("accounts.web.urls")),
    path("api/v1/", include("notifications.api.urls")),
    path("api/v1/", include("scheduling.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema", http_method_names=["get", "head"]),
        name="api-docs",
    ),
    path("desk/", include("notifications.web.desk_urls")),
    path("desk/", include("scheduling.web.desk.urls")),
    path("", include("notifications.web.urls")),
    path("", include("education.urls")),
    path("", include("scheduling.web.urls")),
]

if settings.INBOUND_WEBHOOK_SECRET:
    # Of anymail's views only those that take mail in: what became of ours is told elsewhere.
    taking = [one for one in anymail_urls.urlpatterns if one.name.endswith("_inbound_webhook")]
    urlpatterns.append(path("inbound/", include(taking)))

if settings.DEV_PAGES:
    urlpatterns.append(path("dev/", include("config.dev.urls")))

if settings.RELAXED:
    urlpatterns.append(path("styleguide/", styleguide.styleguide, name="styleguide"))
