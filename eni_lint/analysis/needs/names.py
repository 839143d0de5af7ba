"""What the name of an environment variable, in capitals, tells about its value."""

from __future__ import annotations

# Public services whose SDKs and agents read their key from a variable that starts with their name.
SDKS = frozenset(
    {
        "STRIPE", "TWILIO", "SENDGRID", "MAILGUN", "MAILCHIMP", "POSTMARK", "OPENAI", "ANTHROPIC", "COHERE", "MISTRAL",
        "GEMINI", "HUGGINGFACE", "ALGOLIA", "PAYPAL", "BRAINTREE", "ADYEN", "SHOPIFY", "HUBSPOT", "ZENDESK",
        "INTERCOM", "PAGERDUTY", "OPSGENIE", "LAUNCHDARKLY", "SEGMENT", "AMPLITUDE", "MIXPANEL", "HONEYCOMB",
        "ROLLBAR", "BUGSNAG", "AUTH0", "OKTA", "FIREBASE", "CLOUDINARY", "CONTENTFUL", "SUPABASE", "PLAID", "TELEGRAM",
        "DISCORD", "GITHUB", "GITLAB", "JIRA", "SNOWFLAKE",
    }
)  # fmt: skip
KEYS = ("KEY", "APIKEY", "TOKEN", "SECRET", "ACCOUNT_SID")
SDK_VARIABLES = frozenset(
    {
        "SLACK_TOKEN", "SENTRY_DSN", "DD_API_KEY", "DATADOG_API_KEY", "NEW_RELIC_LICENSE_KEY", "NEW_RELIC_API_KEY",
        "DT_TENANT", "LUMIGO_TRACER_TOKEN", "EPSAGON_TOKEN",
    }
)  # fmt: skip
PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})
ADDRESSES = ("URL", "URI", "ENDPOINT", "WEBHOOK", "BASEURL", "API_HOST", "APIHOST")
# Addresses that are handed on, compared or shown rather than called.
SHOWN = (
    "CORS", "ORIGIN", "REDIRECT", "CALLBACK", "FRONTEND", "WEBSITE", "SITE", "PUBLIC", "PORTAL", "LOGIN", "LOGOUT",
    "RETURN", "AUDIENCE", "ISSUER", "NAMESPACE", "SCHEMA", "DOCS", "LOGO", "IMAGE", "ICON", "ASSET", "CDN", "LINK",
    "UNSUBSCRIBE", "SUPPORT", "CONSOLE", "DASHBOARD", "APP_URL", "WEB_URL", "BASE_PATH",
)  # fmt: skip
# Things that have their addresses inside of a VPC.
INSIDE = frozenset(
    {
        "DB", "DATABASE", "RDS", "AURORA", "PG", "MYSQL", "MARIADB", "SQL", "REDIS", "VALKEY", "CACHE", "ELASTICACHE",
        "MEMCACHED", "DOCDB", "NEPTUNE", "KAFKA", "MSK", "BROKER", "BROKERS", "BOOTSTRAP", "AMQP", "OPENSEARCH",
        "ELASTICSEARCH", "ES", "SOLR", "CASSANDRA", "REDSHIFT", "EFS", "JDBC", "PROXY",
    }
)  # fmt: skip
FAMILIES_INSIDE = ("POSTGRES", "MONGO", "RABBIT")


def configures_sdk(name: str) -> bool:
    """Tell whether a client of a public service reads the variable.

    >>> configures_sdk("STRIPE_SECRET_KEY"), configures_sdk("SLACK_ALERTS_WEBHOOK_URL"), configures_sdk("STRIPE_MODE")
    (True, True, False)
    """
    vendor, _, rest = name.partition("_")
    if vendor == "SLACK":
        return _ends(rest, ("TOKEN",)) or _has_webhook(rest)
    if vendor == "OPENAI" and rest:
        return True
    return name in SDK_VARIABLES or (vendor in SDKS and (_ends(rest, KEYS) or _has_webhook(rest)))


def is_proxy(name: str) -> bool:
    """Tell whether HTTP clients take the variable for the proxy that they call through."""
    return name in PROXIES or name.endswith("_PROXY_URL")


def is_address(name: str) -> bool:
    """Tell whether the variable is named like the address of something.

    >>> is_address("ORDERS_API_URL"), is_address("CURL"), is_address("PAYMENTS_API_HOST")
    (True, False, True)
    """
    return _ends(name, ADDRESSES)


def is_shown(name: str) -> bool:
    """Tell whether the variable holds an address for people, browsers or comparisons, which nobody calls from here."""
    return any(word in name for word in SHOWN)


def lies_inside(name: str) -> bool:
    """Tell whether the variable is named for a database, a broker or the like, which lies inside of a VPC.

    >>> lies_inside("ORDERS_DB_URL"), lies_inside("POSTGRESQL_HOST"), lies_inside("DBT_URL")
    (True, True, False)
    """
    return any(word in INSIDE or word.startswith(FAMILIES_INSIDE) for word in name.split("_"))


def _ends(name: str, endings: tuple[str, ...]) -> bool:
    return any(name == ending or name.endswith(f"_{ending}") for ending in endings)


def _has_webhook(name: str) -> bool:
    return any(word.startswith("WEBHOOK") for word in name.split("_"))
