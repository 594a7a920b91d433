"""What nobody has documented about synchronization, each as a named switch; `emulator/switches` has all of them."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.emulator.assuming import assumed


@dataclass(frozen=True, slots=True)
class SynchronizationSwitches:
    """The assumptions about jobs, schemas, settings and on-demand provisioning."""

    newborn_refusal: int = assumed(
        404,
        "Synchronization of a service principal that is too new to be known answers with this status; see "
        "`new_object_lag_seconds`.",
        otherwise="`403` or `409`: tools try again on both.",
        evidence="practice",
        choices=("404", "403", "409"),
    )
    synchronization_refusal: int = assumed(
        400,
        "A schema that is not valid, and credentials that do not work, are refused with this status.",
        otherwise="`422`.",
        evidence="none",
        choices=("400", "422"),
    )
    synchronization_errors_nested: bool = assumed(
        False,
        "These refusals carry the code of the synchronization service itself, such as `schemaInvalid`.",
        otherwise="The code is `UnknownError`, and the service's own error is JSON inside the message, as it was seen "
        "for a route that does not exist.",
        evidence="none",
    )
    second_job: int = assumed(
        409,
        'A second job for the same template is refused with this status; "already exists" is in the message.',
        otherwise="`400`.",
        evidence="practice",
        choices=("409", "400"),
    )
    template_factory_tag: str = assumed(
        "Azure2Azure",
        "The template of cross-tenant synchronization has this `factoryTag`.",
        otherwise="Any other text.",
        evidence="none",
    )
    paused_schedule_state: str = assumed(
        "Paused",
        "The schedule of a job that was paused has this state.",
        otherwise="`Disabled`, as that of a job that was never started.",
        evidence="none",
        choices=("Paused", "Disabled"),
    )
    start_without_connection: str = assumed(
        "quarantine",
        "A job may be started although its settings or a policy forbid it: its first step puts it into quarantine.",
        otherwise="`refused`: the start is refused as the test of the connection is.",
        evidence="none",
        choices=("quarantine", "refused"),
    )
    restart_starts: bool = assumed(
        True,
        "The restart of a paused job starts it.",
        otherwise="It resets what it is told to, and the job stays paused.",
        evidence="documented",
    )
    policy_check_order: str = assumed(
        "target-first",
        "The test of a connection looks at the target's permission, the target's consent, the source's: in this order.",
        otherwise="`source-first`: the source's consent comes first.",
        evidence="none",
        choices=("target-first", "source-first"),
    )
    second_configuration_accepted: bool = assumed(
        True,
        "Two configurations of one tenant may have the same target (one page says so, another that there is one).",
        otherwise="The settings of the second are refused with 400.",
        evidence="documented",
    )
    secrets_put_replaces: bool = assumed(
        True,
        "PUT of the settings replaces all of them: a key that is not sent is gone.",
        otherwise="A key that is not sent stays.",
        evidence="practice",
    )
    company_id_masked: bool = assumed(
        False,
        "`CompanyId` is read in clear.",
        otherwise="It is read as `*`, as passwords are.",
        evidence="none",
    )
    owned_schema_parts: str = assumed(
        "refused",
        "A schema that lacks or changes what is the service's own (rules, names, metadata, attributes of the template) "
        "is refused with `schemaInvalid`.",
        otherwise="`kept`: other values are dropped without a word; what is missing is refused all the same, but for "
        "attributes.",
        evidence="none",
        choices=("refused", "kept"),
    )
    source_trees_compared: bool = assumed(
        False,
        "The text of an expression decides; type, name and parameters are computed from it anew.",
        otherwise="They must agree with the text, or the schema is refused.",
        evidence="none",
    )
    every_put_restarts: bool = assumed(
        True,
        "Every accepted schema gets a new version and makes the next cycle look at everybody.",
        otherwise="One that is equal to the schema that stands changes nothing.",
        evidence="none",
    )
    schema_names_as: str = assumed(
        "name",
        "Functions and filter operators are called by `name`, as in published samples.",
        otherwise="`id`, as the metadata declares.",
        evidence="documented",
        choices=("name", "id"),
    )
    internal_guests_excluded: bool = assumed(
        True,
        "A guest of the source who has no account elsewhere is not synchronized (an overview says so, and a page on "
        "topologies the opposite).",
        otherwise="They are synchronized as members are.",
        evidence="documented",
    )
    on_demand_answer: str = assumed(
        "status-info",
        "On-demand provisioning answers a type name as key and a list as value, as in the sample of a tenant pair.",
        otherwise="`result`: the key is the result in JSON, the value one object, as in the reference of the action.",
        evidence="documented",
        choices=("status-info", "result"),
    )
    discarded_user: str = assumed(
        "failure",
        "Whoever is in scope, and whose user in the target was deleted there by somebody else, fails with "
        "`InvalidAnchor`, in the bin or out of it; nothing is restored.",
        otherwise="`skip`: they are skipped as long as the user is in the bin.",
        evidence="none",
        choices=("failure", "skip"),
    )
    vanished_user: str = assumed(
        "failure",
        "Whoever is in scope, and whose user in the target is in no bin either, fails until the links are reset.",
        otherwise="`created`: the next cycle creates them again, as is documented for users who left by themselves.",
        evidence="documented",
        choices=("failure", "created"),
    )
    block_told_as: str = assumed(
        "update",
        "The provisioning log calls it an update when a user is kept from signing in.",
        otherwise="`disable`.",
        evidence="none",
        choices=("update", "disable"),
    )
    guard_counts_blocked: bool = assumed(
        True,
        "The guard against accidental deletions counts users who would be kept from signing in too; it holds deletions "
        "alone.",
        otherwise="It counts deletions alone.",
        evidence="documented",
    )
    first_cycle_seconds: int = assumed(
        1200,
        "A first cycle ends this many seconds after a start or a restart; 20 minutes to several hours are usual.",
        otherwise="Any other number.",
        evidence="documented",
    )
    shared_mail: str = assumed(
        "one",
        "Two people of the source with one mail become one user of the target, to whom both are linked; so does "
        "whoever has the mail of an external user who is there already.",
        otherwise="`two`: each becomes a user of their own.",
        evidence="documented",
        choices=("one", "two"),
    )
    unverified_mail: str = assumed(
        "failure",
        "Nobody is created whose mail is in a domain that their own tenant has not verified; the code is that of an "
        "invitation that failed for no other reason.",
        otherwise="`created`: the domain does not matter.",
        evidence="documented",
        choices=("failure", "created"),
    )
    foreign_members: str = assumed(
        "kept",
        "Members of a synchronized group of the target whom no cycle brought there stay.",
        otherwise="`removed`: the next change of the group in the source removes them.",
        evidence="none",
        choices=("kept", "removed"),
    )
    first_gap_minutes: int = assumed(
        40,
        "What failed is tried again after this many minutes, and then after twice as many each time, at least once a "
        "day.",
        otherwise="Any other number; only that the gaps grow is documented.",
        evidence="none",
    )
    escrows_evaluated_from: int = assumed(
        5_000,
        "With fewer failures than these a job goes on; with more it is stopped when they are more than 40 per cent.",
        otherwise="Any other number: it is documented as approximate.",
        evidence="documented",
    )
    escrows_most: int = assumed(
        40_000,
        "With more failures of objects than these a job is stopped.",
        otherwise="Any other number: it is documented as approximate.",
        evidence="documented",
    )
    escrows_most_of_all: int = assumed(
        60_000,
        "With more failures than these a job is stopped, managers and members that could not be written among them; "
        "the two other limits do not count those.",
        otherwise="Any other number: it is documented as approximate.",
        evidence="documented",
    )
    initial_excess: str = assumed(
        "pruned",
        "A cycle that looks at everybody and meets more failures than a job may have goes on to its end, forgets them "
        "(`escrowsPruned`), and leaves the job paused.",
        otherwise="`quarantine`: the job is in quarantine as after any other cycle.",
        evidence="documented",
        choices=("pruned", "quarantine"),
    )
    manager_out_of_scope: str = assumed(
        "left",
        "Whoever has a manager who is out of scope gets none, and nothing is told of it.",
        otherwise="`failure`: the reference fails, and is tried again.",
        evidence="documented",
        choices=("left", "failure"),
    )
    returning_members: str = assumed(
        "restart",
        "Whoever comes into scope by anything but the membership itself is put into synchronized groups by the next "
        "change of the group, or after a restart.",
        otherwise="`at once`: by the same cycle.",
        evidence="documented",
        choices=("restart", "at once"),
    )
    invited_name: str = assumed(
        "kept",
        "Whoever was invited and never came is taken over with the principal name of the invitation, until a restart "
        "or provisioning on demand.",
        otherwise="`written`: the principal name is written at once.",
        evidence="documented",
        choices=("kept", "written"),
    )
    purged_source: str = assumed(
        "kept",
        "When somebody is deleted for good at home, their deleted user of the target stays in the bin there for its "
        "own 30 days.",
        otherwise="`purged`: the next cycle deletes that user for good too.",
        evidence="none",
        choices=("kept", "purged"),
    )
    switch_in_deltas: str = assumed(
        "evaluated",
        "A `Switch` gives the same in every cycle.",
        otherwise="`blank`: in a cycle that looks at changes alone it empties its target when something else of a user "
        "changed than what it decides by; the documentation warns of this.",
        evidence="documented",
        choices=("evaluated", "blank"),
    )
    mailbox_writes: str = assumed(
        "failure",
        "Whoever has a mailbox in the target, and whose mail or place in the address list would change, fails with the "
        "code that says so; nothing else of them is written.",
        otherwise="`left out`: these attributes are left as they are, and the others are written.",
        evidence="documented",
        choices=("failure", "left out"),
    )
