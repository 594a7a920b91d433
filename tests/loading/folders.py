"""Folders of documents in few words, for the tests of loading: a small company, with files laid over it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from reconciler.errors import DocumentErrors
from reconciler.kinds import REGISTRY
from reconciler.loading import load
from reconciler.model import Document, Estate, Kind

CONTOSO, FABRIKAM = "0d6e6a63-7b0e-4a7e-9c84-1b6f8e1c0a01", "39429824-604b-49fc-a4b3-b89447a14fd9"
TAILSPIN, LITWARE = "88ab0000-0000-4000-8000-00000000000b", "88ab0000-0000-4000-8000-00000000000c"

COMPANY: Mapping[str, str] = {
    "contoso/tenant.yaml": f"kind: Tenant\ntenantId: {CONTOSO}\ndisplayName: Contoso\ndomain: contoso.example\n",
    "fabrikam/tenant.yaml": f"kind: Tenant\ntenantId: {FABRIKAM}\ndisplayName: Fabrikam\ndomain: fabrikam.example\n",
    "shared/profiles/vendor.yaml": "kind: AccessProfile\nname: vendor\nspec:\n  inboundTrust: {isMfaAccepted: false}\n",
}


def lay(root: Path, files: Mapping[str, str | bytes], company: Mapping[str, str] = COMPANY) -> Path:
    """Write the company with `files` over it below `root`, and return the folder to load.

    A text that begins with `kind:` gets the line with the version in front, which every document has.
    """
    folder = root / "tenants"
    folder.mkdir(exist_ok=True)
    for name, content in {**company, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else versioned(content).encode())
    return folder


def versioned(text: str) -> str:
    """Return the text with the line that every document begins with, when it leaves that out."""
    return f"apiVersion: crosstenant/v1\n{text}" if text.startswith("kind:") else text


def estate(root: Path, files: Mapping[str, str | bytes], kinds: Mapping[str, Kind] = REGISTRY) -> Estate:
    """Return what the company with these files means."""
    return load(lay(root, files), kinds)


def document(root: Path, files: Mapping[str, str | bytes]) -> Document:
    """Return the one resource that the company with these files has."""
    [found] = estate(root, files).documents.values()
    return found


def at(found: Estate, address: str) -> Document:
    """Return the one document at an address, as it is shown to people."""
    [document] = (one for place, one in found.documents.items() if str(place) == address)
    return document


def wrong(root: Path, files: Mapping[str, str | bytes], company: Mapping[str, str] = COMPANY) -> list[str]:
    """Return what a person is told about the company with these files; nothing when all is well."""
    try:
        load(lay(root, files, company), REGISTRY)
    except DocumentErrors as errors:
        return str(errors).split("\n")
    return []


def partner(spec: object, **more: object) -> str:
    """Return a document about Fabrikam."""
    lines = {"name": "fabrikam", **more, **({} if spec is None else {"spec": spec})}
    return "kind: Partner\n" + "".join(f"{name}: {json.dumps(value)}\n" for name, value in lines.items())
