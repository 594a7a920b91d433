"""The catalogue of what the provisioning service says when something does not work."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler import troubles

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "error-codes.md"
EVERY = [one for group in troubles.GROUPS for one in group.troubles]
# The members of quarantineReason in the metadata of Microsoft Graph v1.0.
REASONS = [
    "EncounteredBaseEscrowThreshold", "EncounteredTotalEscrowThreshold", "EncounteredEscrowProportionThreshold",
    "EncounteredQuarantineException", "Unknown", "QuarantinedOnDemand", "TooManyDeletes", "IngestionInterrupted",
]  # fmt: skip


def test_page_is_made_from_the_catalogue() -> None:
    assert PAGE.read_text(encoding="utf-8") == troubles.page(), "run: make schemas"


def test_every_reason_of_a_quarantine_is_known() -> None:
    assert [reason for reason in REASONS if troubles.known(reason) is None] == []


def test_no_code_stands_twice() -> None:
    codes = [one.code.casefold() for one in EVERY]

    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("one", EVERY, ids=lambda one: str(one.code))
def test_cause_is_a_sentence_and_fix_goes_into_one(one: troubles.Trouble) -> None:
    assert one.cause.endswith(".")
    assert not one.fix.endswith(".")
    assert "|" not in one.cause + one.fix


@pytest.mark.parametrize(
    ("met", "code"),
    [
        ("azureactivedirectoryforbidden", "AzureActiveDirectoryForbidden"),
        ("MicrosoftEntraIDForbidden", "AzureActiveDirectoryForbidden"),
        ("AzureADQuotaLimitExceeded", "AzureActiveDirectoryQuotaLimitExceeded"),
        ("CannotUpdateObjectsMasteredOnPremises", "AzureActiveDirectoryCannotUpdateObjectsMasteredOnPremises"),
        (" InvalidAnchor ", "InvalidAnchor"),
    ],
)
def test_code_is_known_in_other_spellings(met: str, code: str) -> None:
    found = troubles.known(met)

    assert found is not None
    assert found.code == code


def test_unknown_code_keeps_the_words_of_the_service() -> None:
    told = troubles.explain("Whatever", "It did not work.")

    assert (told.code, told.message, told.cause, told.fix) == ("Whatever", "It did not work.", "", "")


@pytest.mark.parametrize(
    "message", ['{"Message":"No HTTP resource"}', "{", "[]", '{"error":"x"}', '{"error":{"code":7}}']
)
def test_other_json_in_a_message_stays_as_it_is(message: str) -> None:
    assert troubles.explain("UnknownError", message).message == message
