"""Which services of the library apprise a channel may name; plain tables, so that the desk itself never loads apprise.

A test compares them with the apprise that is installed.
"""

from typing import Final

SMS_GATEWAYS: Final = frozenset(
    {
        "46elks", "atalk", "bulksms", "bulkvs", "burstsms", "clickatell", "clicksend", "cm", "d7sms", "eight00com",
        "elks", "exotel", "freemobile", "httpsms", "infobip", "kaleyra", "kavenegar", "klr", "kudosity",
        "mobilemessage", "mobilemsg", "msg91", "msgbird", "nexmo", "notifyre", "octopush", "plivo", "ringc",
        "serwersms", "seven", "sfr", "sinch", "smpp", "smpps", "smsc", "smseagle", "smseagles", "smsmanager",
        "smsmgr", "smstunnel", "sns", "telesign", "telnyx", "twilio", "voipms", "vonage",
    }
)  # fmt: skip
"""Schemas whose service sends short messages to telephones."""

STAYS_HERE: Final = frozenset(
    {"blink1", "dbus", "file", "gio", "glib", "gnome", "kde", "macosx", "qt", "rsyslog", "syslog", "windows"}
)
"""Schemas that reach this machine only, or (rsyslog) nobody who would say so."""


def schema_of(url: str) -> str:
    """Return the schema of a URL in lower case, the empty string where there is none."""
    schema, marks, _ = url.partition("://")
    return schema.strip().lower() if marks else ""


def gateway_problem(url: str) -> str:
    """Return why a URL is no SMS gateway's, in a sentence without the URL, or the empty string."""
    schema = schema_of(url)
    if schema in SMS_GATEWAYS:
        return ""
    told = f"{schema}:// is no SMS gateway" if schema.isalnum() else "the URL does not begin with a gateway's schema"
    return f'{told}: for another service write kind = "apprise"; gateways are {", ".join(sorted(SMS_GATEWAYS))}'


def service_problem(url: str) -> str:
    """Return why a URL cannot be a channel's, in a sentence without the URL, or the empty string."""
    schema = schema_of(url)
    if not schema:
        return "the URL has no schema: write one of apprise's, e.g. ntfys://host/topic or mailtos://user:word@host"
    if schema in STAYS_HERE:
        return f'{schema}:// would not leave this machine and is refused: write kind = "desktop" for its desktop'
    return ""
