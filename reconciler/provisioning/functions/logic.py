"""Functions that choose, test and convert: IIF, Switch, Coalesce, the questions about null, numbers and booleans.

Only the branch that is chosen is evaluated, so a failing expression in the other one does no harm.
"""

from __future__ import annotations

from collections.abc import Callable

from reconciler.provisioning.errors import ExpressionError, Unknowable
from reconciler.provisioning.functions.signatures import (
    Build,
    Example,
    Function,
    Site,
    Slot,
    TextRun,
    many,
    may,
    need,
)
from reconciler.provisioning.functions.texts import NULL
from reconciler.provisioning.trees import Call, Text
from reconciler.provisioning.values import Run, User, Value, is_empty, is_true, shown, truth, whole_of

NEVER = "never null"
CHANCE = "the service makes it by chance, so it cannot be known before"
_NULL_QUESTIONS = ("IsPresent", "IsNull", "IsNullOrEmpty")


def _iif(site: Site) -> Run:
    condition, yes, no = site.slots[0].condition(), site.slots[1].run, site.slots[2].run
    asks = site.slots[0].node
    if isinstance(asks, Call) and asks.name in _NULL_QUESTIONS and not site.options.iif_takes_null_functions:
        return no
    return lambda user: yes(user) if condition(user) else no(user)


def _switch(site: Site) -> Run:
    source = site.slots[0].text()
    default = slot.run if (slot := site.slot(1)) else _nothing
    keys, values = site.slots[2::2], [slot.run for slot in site.slots[3::2]]
    _refuse_twins(keys)
    if not all(isinstance(key.node, Text) for key in keys):
        return _sequential(source, [key.text() for key in keys], values, default)
    table = dict(zip((key.literal for key in keys), values, strict=True))

    def run(user: User) -> Value:
        return table.get(source(user) or "", default)(user)

    return run


def _nothing(user: User) -> Value:
    return None


def _refuse_twins(keys: tuple[Slot, ...]) -> None:
    seen: set[str] = set()
    for key in keys:
        if isinstance(key.node, Text):
            if key.node.value in seen:
                raise ExpressionError(f"Switch has the key {key.node.value!r} twice", key.node.at, "remove one of them")
            seen.add(key.node.value)


def _sequential(source: TextRun, keys: list[TextRun], values: list[Run], default: Run) -> Run:
    def run(user: User) -> Value:
        wanted = source(user) or ""
        for key, value in zip(keys, values, strict=True):
            if (key(user) or "") == wanted:
                return value(user)
        return default(user)

    return run


def _coalesce(site: Site) -> Run:
    runs = [slot.run for slot in site.slots]

    def run(user: User) -> Value:
        for each in runs:
            value = each(user)
            if value is not None:
                return value
        return None

    return run


def _not(site: Site) -> Run:
    source = site.slots[0].run

    def run(user: User) -> Value:
        value = source(user)
        return truth(value is not True and value != "True")

    return run


def _ignore_null(site: Site) -> Run:
    source = site.slots[0].run

    def run(user: User) -> Value:
        value = source(user)
        return None if is_empty(value) else value

    return run


def _is_null(value: Value) -> bool:
    return value is None


def _is_present(value: Value) -> bool:
    return not is_empty(value)


def _is_string(value: Value) -> bool:
    return isinstance(value, (str, bool, int, float))


def _asks(answer: Callable[[Value], bool]) -> Build:
    """Build a question about one value of any kind."""

    def build(site: Site) -> Run:
        source = site.slots[0].run
        return lambda user: "True" if answer(source(user)) else "False"

    return build


def _cbool(site: Site) -> Run:
    slot = site.slots[0]
    if slot.holds is not None:
        return slot.run
    source = slot.run

    def run(user: User) -> Value:
        value = source(user)
        if value is None:
            return None
        if isinstance(value, (list, tuple, dict)):
            raise site.failure(f"{shown(value)} is not a single value")
        return truth(is_true(value) or str(value).strip().lower() not in ("", "0", "false"))

    return run


def _cstr(site: Site) -> Run:
    return site.slots[0].text()


def _bit_and(site: Site) -> Run:
    first, second = site.slots[0].whole(), site.slots[1].whole()

    def run(user: User) -> Value:
        one, two = first(user), second(user)
        return None if one is None or two is None else one & two

    return run


def _guid(site: Site) -> Run:
    def run(user: User) -> Value:
        below = site.surroundings.below
        if below is None:
            raise Unknowable(f"{site.call.name}: {CHANCE}", site.at)
        digits = "".join(f"{below(16):x}" for _ in range(30))
        return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-{'89ab'[below(4)]}{digits[15:18]}-{digits[18:30]}"

    return run


def _random_string(site: Site) -> Run:
    """Give the wanted number of each kind; what is missing to the length is lower case."""
    numbers = [slot.whole() for slot in site.slots[:5]]
    avoided = slot.text() if (slot := site.slot(5)) else None
    _check_lengths(site, [_fixed(slot) for slot in site.slots[:5]])

    def run(user: User) -> Value:
        wanted = [number(user) or 0 for number in numbers]
        _check_lengths(site, wanted)
        return _drawn(site, wanted, (avoided(user) if avoided else "") or "")

    return run


def _fixed(slot: Slot) -> int | None:
    return whole_of(slot.literal)


def _check_lengths(site: Site, wanted: list[int | None] | list[int]) -> None:
    length, *least = wanted
    if length is not None and not 0 <= length <= 256:
        raise site.refusal(f"a length of {length} is not between 0 and 256")
    if any(number is not None and number < 0 for number in least):
        raise site.refusal("a minimum cannot be negative")
    if length is not None and sum(number or 0 for number in least) > length:
        raise site.refusal(f"the minimums add up to more than the length of {length}")


_ALPHABETS = ("0123456789", "!@#$%^&*()-_=+[]{}?", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def _drawn(site: Site, wanted: list[int], avoided: str) -> str:
    below = site.surroundings.below
    if below is None:
        raise Unknowable(f"{site.call.name}: {CHANCE}", site.at)
    length, *least = wanted
    alphabets = ["".join(letter for letter in alphabet if letter not in avoided) for alphabet in _ALPHABETS]
    counts = [*least[:3], length - sum(least[:3])]
    pool: list[str] = []
    for alphabet, count in zip(alphabets, counts, strict=True):
        if count and not alphabet:
            raise site.failure("the characters to avoid leave none of a kind that is needed")
        pool.extend(alphabet[below(len(alphabet))] for _ in range(count))
    return "".join(pool.pop(below(len(pool))) for _ in range(len(pool)))


FUNCTIONS = (
    Function(
        "BitAnd", need("value1", "value2"), "integer", NULL,
        "The bits that are set in both numbers.", _bit_and, Example("BitAnd(&HF, &HF7)", {}, 7),
    ),
    Function(
        "CBool", need("Expression"), "boolean", "null when the argument is null",
        "False for 0, false and the empty text, True for everything else; a comparison may stand inside.", _cbool,
        Example('CBool([employeeId] = "0")', {"employeeId": "4711"}, "False"),
    ),
    Function(
        "Coalesce", (*need("source1"), *many("source")), "any", "the first argument that is not null, else null",
        "The first of its arguments that is not null; an empty text counts as a value.", _coalesce,
        Example("Coalesce([mail], [userPrincipalName])", {"userPrincipalName": "megan@contoso.example"},
                "megan@contoso.example"),
    ),
    Function(
        "CStr", need("value"), "text", "null when the argument is null",
        "A number, a boolean or a reference as text.", _cstr, Example("CStr([accountEnabled])",
                                                                     {"accountEnabled": True}, "True"),
    ),
    Function(
        "Guid", (), "text", NEVER,
        "A new random GUID.", _guid, offline=False,
    ),
    Function(
        "IgnoreFlowIfNullOrEmpty", need("expression"), "any", "the attribute does not flow when the argument is null "
        "or empty, and no default is used",
        "The value, or nothing at all: the target keeps what it has.", _ignore_null,
        Example("IgnoreFlowIfNullOrEmpty([department])", {"department": ""}, None),
    ),
    Function(
        "IIF", need("condition", "valueIfTrue", "valueIfFalse"), "any",
        "a comparison fails when a side is null or empty",
        "One of two values. Comparisons are =, <>, >, >=, < and <=; there is no AND or OR: nest IIF.", _iif,
        Example('IIF([country] = "USA", [country], [department])', {"country": "FR", "department": "Sales"}, "Sales"),
    ),
    Function(
        "IsNull", need("Expression"), "boolean", NEVER,
        "True when the value is null, which an absent attribute is.", _asks(_is_null),
        Example("IsNull([displayName])", {"displayName": ""}, "False"),
    ),
    Function(
        "IsNullOrEmpty", need("Expression"), "boolean", NEVER,
        "True when the value is null or empty.", _asks(is_empty),
        Example("IsNullOrEmpty([displayName])", {"displayName": ""}, "True"),
    ),
    Function(
        "IsPresent", need("Expression"), "boolean", NEVER,
        "True when the value is neither null nor empty.", _asks(_is_present),
        Example("IsPresent([department])", {"department": "Sales"}, "True"),
    ),
    Function(
        "IsString", need("Expression"), "boolean", NEVER,
        "True when the value can be read as one text.", _asks(_is_string),
        Example("IsString([department])", {"department": "Sales"}, "True"),
    ),
    Function(
        "Not", need("source"), "boolean", "True when the argument is null",
        "False for True, and True for everything else.", _not,
        Example("Not([accountEnabled])", {"accountEnabled": True}, "False"),
    ),
    Function(
        "RandomString",
        (*need("Length", "MinimumNumbers", "MinimumSpecialCharacters", "MinimumCapital", "MinimumLowerCase"),
         *may("CharactersToAvoid")),
        "text", NEVER,
        "A random text of at most 256 characters with at least so many digits, special characters, capitals and small "
        "letters.", _random_string, offline=False,
    ),
    Function(
        "Switch", (*need("source"), *may("defaultValue"), *many("key", "value")), "any",
        'a source that is null matches the key ""',
        "The value of the key that equals the source, or the default. Keys tell upper from lower case.", _switch,
        Example('Switch([state], "Australia/Sydney", "QLD", "Australia/Brisbane", "SA", "Australia/Adelaide")',
                {"state": "QLD"}, "Australia/Brisbane"),
    ),
)  # fmt: skip
