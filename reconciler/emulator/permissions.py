"""The application permissions for the directory, least privilege first: of each tuple one suffices.

They follow the permission tables of Graph's reference. What takes two permissions at once is checked by its route.
"""

from __future__ import annotations

from typing import Final

_DIRECTORY_READ: Final = ("Directory.Read.All", "Directory.ReadWrite.All")

READ_USERS: Final = ("User.Read.All", "User.ReadWrite.All", *_DIRECTORY_READ)
WRITE_USERS: Final = ("User.ReadWrite.All", "Directory.ReadWrite.All")
READ_GROUPS: Final = (
    "GroupMember.Read.All",
    "Group.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.ReadWrite.All",
    *_DIRECTORY_READ,
)
WRITE_GROUPS: Final = ("Group.ReadWrite.All", "Directory.ReadWrite.All")
CREATE_GROUPS: Final = ("Group.Create", *WRITE_GROUPS)
READ_MEMBERS: Final = READ_GROUPS
WRITE_MEMBERS: Final = ("GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All")
ROLES: Final = "RoleManagement.ReadWrite.Directory"
"""What it takes beside the right to write members, where roles can be assigned to the group."""
READ_OBJECTS: Final = _DIRECTORY_READ

READ_APPLICATIONS: Final = (
    "Application.Read.All",
    "Application.ReadWrite.OwnedBy",
    "Application.ReadWrite.All",
    *_DIRECTORY_READ,
)
OWNED: Final = "Application.ReadWrite.OwnedBy"
WRITE_APPLICATIONS: Final = (OWNED, "Application.ReadWrite.All", "Directory.ReadWrite.All")
CREATE_APPLICATIONS: Final = WRITE_APPLICATIONS

READ_ASSIGNMENTS: Final = READ_APPLICATIONS
WRITE_ASSIGNMENTS: Final = ("AppRoleAssignment.ReadWrite.All", "Directory.ReadWrite.All")
ALSO_FOR_ASSIGNMENTS: Final = READ_APPLICATIONS
"""Granting takes the right to read applications beside the right to grant."""
READ_ASSIGNMENTS_OF_USERS: Final = (*_DIRECTORY_READ, "AppRoleAssignment.ReadWrite.All")

READ_AUTHORIZATION: Final = ("Policy.Read.All", "Policy.ReadWrite.Authorization")
WRITE_AUTHORIZATION: Final = ("Policy.ReadWrite.Authorization",)

SYNCHRONIZATION_READ: Final = ("Synchronization.Read.All", "Synchronization.ReadWrite.All", OWNED)
SYNCHRONIZATION_WRITE: Final = ("Synchronization.ReadWrite.All", OWNED)
