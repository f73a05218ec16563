"""Events of the audit trail, as its page lets people choose them."""

from typing import Final

EVENTS: Final = (
    (
        "Accounts",
        (
            "signed in", "signed out", "password not confirmed", "account locked", "sessions ended", "user added",
            "user changed", "link made", "password set by link", "password changed", "token made", "token revoked",
        ),
    ),
    (
        "Studies",
        (
            "upload done", "upload refused", "study made", "study fetched", "study changed", "study removed",
            "image taken in", "image removed",
        ),
    ),
    (
        "Nodules",
        (
            "nodule made", "nodule changed", "nodule removed", "view drawn", "view removed", "opinion locked",
            "result revealed",
        ),
    ),
    (
        "Reports",
        (
            "report drafted", "report dropped", "report signed", "report pages kept", "report sent",
            "object delivered",
        ),
    ),
    (
        "Reader studies",
        (
            "reader study made", "reader study designed", "reader study removed", "cases added", "case removed",
            "text cleared", "truth given", "reader study opened", "readers added", "reading locked",
            "reading revealed", "reader left", "case withdrawn", "protocol amended", "reader study closed",
            "results asked for", "readings exported",
        ),
    ),
    (
        "System",
        (
            "model first used", "setting changed", "peer added", "peer changed", "peer removed", "backup made",
        ),
    ),
)  # fmt: skip
"""Groups of events, each in the order in which they usually come."""
