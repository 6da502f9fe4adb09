"""Where messages can go, as written under `[channels.NAME]`; secrets stand in files or the environment, never here."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from nightdesk.app.settings.kinds import EnvironmentName, FilePath, MailAddress, Section, WebUrl


class ConsoleChannel(Section):
    """Print to the standard output of the desk."""

    kind: Literal["console"] = Field(description="Prints each message to the desk's own output.", examples=["console"])


class WebhookChannel(Section):
    """POST each message as JSON."""

    kind: Literal["webhook"] = Field(description="Posts each message as JSON.", examples=["webhook"])
    url: WebUrl | None = Field(
        # Many services put a token into the address.
        default=None,
        description="Where to post to.",
        examples=["https://example.org/hooks/night"],
        repr=False,
    )
    url_file: FilePath | None = Field(
        default=None,
        description="A file (mode 0600) that holds the address, for services whose address is the secret.",
        examples=["secrets/hook"],
    )
    url_env: EnvironmentName | None = Field(
        default=None, description="An environment variable that holds the address.", examples=["NIGHTDESK_HOOK_URL"]
    )
    headers: dict[str, str] = Field(
        default_factory=dict, description="Headers to send along; no secrets here.", examples=[{"X-Desk": "night"}]
    )
    token_file: FilePath | None = Field(
        default=None,
        description="A file (mode 0600) with the token for the header `Authorization: Bearer`.",
        examples=["secrets/hook-token"],
    )
    token_env: EnvironmentName | None = Field(
        default=None,
        description="An environment variable with the token for the header `Authorization: Bearer`.",
        examples=["NIGHTDESK_HOOK_TOKEN"],
    )

    ca_file: FilePath | None = Field(
        default=None,
        description="Certificates to trust instead of the system's, in PEM.",
        examples=["tls/hook-ca.pem"],
    )

    @model_validator(mode="after")
    def _one_source_each(self) -> Self:
        if sum(source is not None for source in (self.url, self.url_file, self.url_env)) != 1:
            raise ValueError("a webhook needs exactly one of url, url_file, url_env")
        if self.token_file and self.token_env:
            raise ValueError("write token_file or token_env, not both")
        secret = next((name for name in self.headers if name.lower() == "authorization"), None)
        if secret:
            raise ValueError(f"the header {secret} is a secret: write token_file or token_env instead")
        return self


class MailChannel(Section):
    """Send mail through an SMTP server."""

    kind: Literal["mail"] = Field(description="Sends mail by SMTP.", examples=["mail"])
    host: str = Field(min_length=1, description="Name of the SMTP server.", examples=["smtp.example.org"])
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Its port; unless given 587 with starttls, 465 with implicit, 25 with none.",
        examples=[587],
    )
    tls: Literal["starttls", "implicit", "none"] = Field(
        default="starttls",
        description="How the conversation is encrypted; `none` is for a server on this machine.",
        examples=["starttls"],
    )
    user: str = Field(default="", description="User to log in as; empty: no login.", examples=["night"])
    password_file: FilePath | None = Field(
        default=None, description="A file (mode 0600) that holds the password.", examples=["secrets/mail-password"]
    )
    password_env: EnvironmentName | None = Field(
        default=None, description="An environment variable with the password.", examples=["NIGHTDESK_MAIL_PASSWORD"]
    )
    ca_file: FilePath | None = Field(
        default=None,
        description="Certificates to trust instead of the system's, in PEM.",
        examples=["tls/mail-ca.pem"],
    )
    allow_plain: bool = Field(
        default=False,
        description='Lets mail and password travel in the clear to another machine with `tls = "none"`.',
        examples=[False],
    )
    sender: MailAddress = Field(description="The address that mail comes from.", examples=["desk@example.org"])
    to: list[MailAddress] = Field(
        min_length=1, description="The addresses that mail goes to.", examples=[["you@example.org"]]
    )

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if self.password_file and self.password_env:
            raise ValueError("write password_file or password_env, not both")
        if self.user and not (self.password_file or self.password_env):
            raise ValueError(f'user "{self.user}" needs a password: write password_file or password_env')
        if (self.password_file or self.password_env) and not self.user:
            raise ValueError("a password needs a user")
        if self.tls == "none" and not self.allow_plain and self.host not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError('tls = "none" would send mail in the clear: write "starttls" or "implicit"')
        return self


class DesktopChannel(Section):
    """Show a notification on this machine's desktop."""

    kind: Literal["desktop"] = Field(
        description="Shows each message on the desktop of the user who runs the desk.", examples=["desktop"]
    )


class SmsChannel(Section):
    """Send a short message through a gateway."""

    kind: Literal["sms"] = Field(description="Sends each message as one SMS through a gateway.", examples=["sms"])
    url_file: FilePath | None = Field(
        default=None,
        description="A file (mode 0600) that holds the gateway's URL in apprise's form; the URL is a secret.",
        examples=["secrets/sms-gateway"],
    )
    url_env: EnvironmentName | None = Field(
        default=None,
        description="An environment variable that holds the gateway's URL.",
        examples=["NIGHTDESK_SMS_URL"],
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        _demand_one_url(self.kind, self.url_file, self.url_env)
        return self


class AppriseChannel(Section):
    """Tell a service that the library apprise knows."""

    kind: Literal["apprise"] = Field(
        description="Sends each message through any service that apprise knows.", examples=["apprise"]
    )
    url_file: FilePath | None = Field(
        default=None,
        description="A file (mode 0600) that holds the service's URL in apprise's form; the URL is a secret.",
        examples=["secrets/telegram"],
    )
    url_env: EnvironmentName | None = Field(
        default=None,
        description="An environment variable that holds the service's URL.",
        examples=["NIGHTDESK_TELEGRAM_URL"],
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        _demand_one_url(self.kind, self.url_file, self.url_env)
        return self


def _demand_one_url(kind: str, file: Path | None, variable: str | None) -> None:
    if (file is None) == (variable is None):
        raise ValueError(f"a channel of kind {kind} needs exactly one of url_file, url_env")


Channel = Annotated[
    ConsoleChannel | DesktopChannel | WebhookChannel | MailChannel | SmsChannel | AppriseChannel,
    Field(discriminator="kind"),
]
"""One `[channels.NAME]` table; `kind` says which."""
