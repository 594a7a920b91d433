"""One sign-in with MSAL for Python: client, authority and credential as JSON in, what MSAL returns as JSON out.

Runs in .interop/python. The arguments go to MSAL as they are; only a federated assertion is handed over by a function,
which JSON cannot say.
"""

import json
import sys
from typing import Any

import msal


def main(said: dict[str, Any]) -> Any:
    credential = said["client_credential"]
    if isinstance(credential, dict) and "client_assertion" in credential:
        assertion = credential["client_assertion"]
        said["client_credential"] = {"client_assertion": lambda: assertion}
    application = msal.ConfidentialClientApplication(**said)
    first = application.acquire_token_for_client(scopes=["https://graph.microsoft.com/.default"])
    again = application.acquire_token_for_client(scopes=["https://graph.microsoft.com/.default"])
    return {**first, "second_from": again.get("token_source")}


if __name__ == "__main__":
    json.dump(main(json.loads(sys.argv[1])), sys.stdout)
