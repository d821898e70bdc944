"""Every address of the product. The names are what templates and tests use."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.i18n import JavaScriptCatalog

from transfers.views import (
    board,
    calls,
    company,
    connection_form,
    connections,
    contacts,
    dialling,
    forwards,
    imports,
    log,
    notify,
    people,
    settings,
    stream,
    volume,
)

urlpatterns = [
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    # What scripts say, in the reader's language.
    path("words.js", cache_control(max_age=300)(JavaScriptCatalog.as_view()), name="words"),
    path("", board.board, name="board"),
    path("board/rows/", board.rows, name="board-rows"),
    path("board/people/", board.people, name="board-people"),
    path("board/stream/", stream.stream, name="board-stream"),
    path("calls/<int:pk>/targets/", calls.suggestions, name="call-targets"),
    path("calls/<int:pk>/attend/", company.attend, name="call-attend"),
    path("calls/<int:pk>/leave/", company.leave, name="call-leave"),
    path("calls/<int:pk>/<slug:kind>/", calls.dialog, name="call-dialog"),
    path("calls/<int:pk>/<slug:kind>/act/", calls.act, name="call-act"),
    path("forwards/add/", forwards.add, name="forward-add"),
    path("forwards/targets/", forwards.suggestions, name="forward-targets"),
    path("forwards/<int:pk>/end/", forwards.end, name="forward-end"),
    path("notify/<slug:token>/", notify.notify, name="notify"),
    path("notify/<slug:token>", notify.notify),  # a PBX does not follow the redirect to the other
    path("alerts/<int:pk>/dismiss/", company.dismiss, name="alert-dismiss"),
    path("log/", log.index, name="log"),
    path("log.csv", log.export, name="log-csv"),
    path("log/events/", log.events, name="log-events"),
    path("log/volume/", volume.index, name="log-volume"),
    path("log/<int:pk>/", log.receipt, name="receipt"),
    path("contacts/", contacts.index, name="contacts"),
    path("contacts/add/", contacts.add, name="contact-add"),
    path("contacts/import/", imports.upload, name="imports"),
    path("contacts/import/<int:pk>/", imports.show, name="import"),
    path("contacts/import/<int:pk>/check/", imports.check, name="import-check"),
    path("contacts/import/<int:pk>/confirm/", imports.confirm, name="import-confirm"),
    path("contacts/import/<int:pk>/give-up/", imports.give_up, name="import-give-up"),
    path("contacts/import/<int:pk>/bad.csv", imports.bad_lines, name="import-bad"),
    path("contacts/<int:pk>/", contacts.edit, name="contact-edit"),
    path("contacts/<int:pk>/favourite/", contacts.favourite, name="contact-favourite"),
    path("contacts/<int:pk>/delete/", contacts.delete, name="contact-delete"),
    path("people/", people.index, name="people"),
    path("people/add/", people.add, name="person-add"),
    path("people/<int:pk>/", people.edit, name="person-edit"),
    path("account/settings/", settings.settings, name="settings"),
    path("account/password/", people.OwnPassword.as_view(), name="password"),
    path("connections/", connections.connections, name="connections"),
    path("connections/table/", connections.table, name="connections_table"),
    path("connections/add/", connection_form.add, name="connection_add"),
    path("connections/fields/", connection_form.vendor_fields, name="connection_vendor_fields"),
    path("connections/try/", connection_form.try_out, name="connection_try"),
    path("connections/<int:pk>/", connection_form.edit, name="connection_edit"),
    path("connections/<int:pk>/try/", connection_form.try_out, name="connection_try"),
    path("connections/<int:pk>/dialling/", dialling.edit, name="connection_dialling"),
    path("connections/<int:pk>/test/", connections.test, name="connection_test"),
    path("connections/<int:pk>/enable/", connections.enable, name="connection_enable"),
    path("connections/<int:pk>/disable/", connections.disable, name="connection_disable"),
    path("connections/<int:pk>/delete/", connections.delete, name="connection_delete"),
    path("connections/<int:pk>/notify/new/", notify.renew, name="notify_renew"),
    path("connections/<int:pk>/notify/register/", notify.register, name="notify_register"),
    path("connections/<int:pk>/notify/remove/", notify.unregister, name="notify_unregister"),
]
