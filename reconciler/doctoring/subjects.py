"""What a GitHub job is known by to others, and what is wrong with being known so. Pure.

A federated credential trusts whoever can get a token with its subject. So what counts is who can.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

GITHUB = "https://token.actions.githubusercontent.com"

_SUBJECT = re.compile(r"repo:(?P<owner>[^/:]+)/(?P<repository>[^:]+):(?P<rest>.+)")
# No name on GitHub has an @ in it, so nobody can choose a name that looks numbered.
_NUMBERED = re.compile(r".+@[0-9]+")
_WILD = re.compile(r"[*?]")


def doubts(claims: Mapping[str, str]) -> Iterator[str]:
    """Yield what people should know of the subject of a job, one sentence each; nothing when it cannot be better."""
    subject = claims.get("sub", "")
    found = _SUBJECT.fullmatch(subject)
    if claims.get("iss") != GITHUB:
        yield f"the issuer is {claims.get('iss', 'not said')!r}, not github.com; whoever runs it vouches for this job"
    if _WILD.search(subject):
        yield "it holds a wildcard character; a credential with wildcards trusts whoever can make a name that fits"
    if found is None:
        yield "it has not the form that GitHub gives it by default; see that nobody else can get the same"
        return
    if not (_NUMBERED.fullmatch(found["owner"]) and _NUMBERED.fullmatch(found["repository"])):
        yield (
            "it names owner and repository without their numeric ids, so whoever gets the name after a renaming, "
            "transfer or deletion is trusted as well"
        )
    yield from _by_place(found["rest"])


def _by_place(rest: str) -> Iterator[str]:
    if rest == "pull_request":
        yield "every pull request of this repository has it, so everybody who can open one from a branch can sign in"
    elif not rest.startswith("environment:"):
        yield (
            "it is bound to a branch or tag and not to an environment, so whoever can push there can sign in; "
            "give the job an `environment:` with required reviewers"
        )
