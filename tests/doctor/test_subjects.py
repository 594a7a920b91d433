"""What is said of the subject of a GitHub job."""

import pytest

from reconciler.doctoring.subjects import GITHUB, doubts

NUMBERED = "repo:contoso@1234/tenants@5678"


def said(subject: str, issuer: str = GITHUB) -> str:
    return " | ".join(doubts({"iss": issuer, "sub": subject, "aud": "api://AzureADTokenExchange"}))


def test_numbered_environment_is_as_good_as_it_gets() -> None:
    assert not said(f"{NUMBERED}:environment:production")


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("repo:contoso/tenants:environment:production", "without their numeric ids"),
        ("repo:contoso-1/tenants-2:environment:production", "without their numeric ids"),
        ("repo:contoso@1/tenants:environment:production", "without their numeric ids"),
        (f"{NUMBERED}:pull_request", "every pull request"),
        (f"{NUMBERED}:ref:refs/heads/main", "not to an environment"),
        (f"{NUMBERED}:ref:refs/tags/v1", "not to an environment"),
        (f"{NUMBERED}:environment:*", "wildcard"),
        (f"{NUMBERED}:ref:refs/heads/feature-?", "wildcard"),
        ("job_workflow_ref:contoso/tenants", "not the form"),
        ("", "not the form"),
    ],
)
def test_doubtful_subject_is_told(subject: str, words: str) -> None:
    assert words in said(subject)


def test_other_issuer_is_told() -> None:
    assert "not github.com" in said(
        f"{NUMBERED}:environment:production", "https://github.contoso.example/_services/token"
    )


def test_several_doubts_are_all_told() -> None:
    assert len(list(doubts({"iss": GITHUB, "sub": "repo:contoso/tenants:pull_request"}))) == 2
