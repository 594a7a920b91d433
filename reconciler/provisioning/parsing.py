"""Text to tree: the grammar of mapping expressions, read by an LALR parser that is built once.

Only the form is checked here; whether a function exists and takes these arguments is told by `compiling`.
"""

from __future__ import annotations

import re
from functools import cache

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from reconciler.provisioning.errors import START, ExpressionError, Position
from reconciler.provisioning.trees import (
    OPERATORS,
    Attribute,
    Call,
    Comparison,
    Node,
    Number,
    Omitted,
    Operator,
    Text,
    Word,
)

# The service's own limit.
MAX_CHARACTERS = 10_000
# Ours: far above what people write, far below what would exhaust the stack.
MAX_DEPTH = 100
MAX_DIGITS = 40

GRAMMAR = r"""
start: expression
?expression: call | attribute | text | number | word
call: NAME "(" slot ("," slot)* ")"
slot: [expression | comparison]
comparison: expression OPERATOR expression
attribute: ATTRIBUTE
text: TEXT
number: NUMBER
word: NAME

NAME: /[A-Za-z_][A-Za-z0-9_]*/
ATTRIBUTE: /\[[^\]]+\]/
TEXT: /"(?:\\.|[^"\\])*"/s
NUMBER: /&[Hh][0-9A-Fa-f]+|-?[0-9]+(?:\.[0-9]+)?/
OPERATOR: /<>|>=|<=|[=<>]/
%ignore /\s+/
"""

# What brackets may hide in: a literal or an attribute, closed or not.
_PIECES = re.compile(r'"(?:\\.|[^"\\])*("?)|\[[^\]]*(\]?)|[()]', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\])')


def parse(text: str) -> Node:
    """Return the tree of an expression.

    Raises:
        ExpressionError: with the place and a hint, for anything that is no expression.
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(
            f"the expression has {len(text):,} characters; the service takes {MAX_CHARACTERS:,}",
            hint="shorten it, or compute a part of it in the source directory",
        )
    if not text.strip():
        raise ExpressionError("the expression is empty", hint='write [attribute], "text" or Function(…)')
    _check_brackets(text)
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise _unexpected(text, error) from None
    return _node(_only(tree))


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", maybe_placeholders=False)


def position(text: str, offset: int) -> Position:
    """Return line and column of an offset."""
    before = text[:offset]
    return Position(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1, offset)


def _check_brackets(text: str) -> None:
    """Refuse what is not closed, or too deep, before the parser stumbles over its consequences."""
    opened: list[int] = []
    for piece in _PIECES.finditer(text):
        start = piece.start()
        match piece[0][0]:
            case "(":
                opened.append(start)
                if len(opened) > MAX_DEPTH:
                    raise ExpressionError(f"calls are nested more than {MAX_DEPTH} deep", position(text, start))
            case ")":
                if not opened:
                    raise ExpressionError("this ) closes nothing", position(text, start), "remove it, or add a (")
                opened.pop()
            case '"' if not piece[1]:
                hint = 'close it with "; inside a text write \\" for a quote and \\\\ for a backslash'
                raise ExpressionError("this text is not closed", position(text, start), hint)
            case "[" if not piece[2]:
                raise ExpressionError("this attribute is not closed", position(text, start), "close it with ]")
    if opened:
        raise ExpressionError("this ( is not closed", position(text, opened[-1]), "close it with )")


def _unexpected(text: str, error: UnexpectedInput) -> ExpressionError:
    """Tell what the parser met in the words of the language."""
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return ExpressionError("the expression ends too early", position(text, len(text)), "complete it")
    at = position(text, _offset(error))
    found = str(error.token) if isinstance(error, UnexpectedToken) else text[at.offset : at.offset + 1]
    shown = found if len(found) <= 40 else found[:40] + "…"
    return ExpressionError(f"{shown!r} is not expected here", at, _hint(text, error, at))


def _offset(error: UnexpectedInput) -> int:
    found: int | None = error.pos_in_stream
    return found or 0


def _hint(text: str, error: UnexpectedInput, at: Position) -> str:
    if isinstance(error, UnexpectedCharacters):
        character = text[at.offset]
        if character in "'‘’“”„«»`":
            return 'texts stand between straight double quotes: "text"'
        if text.startswith("[]", at.offset):
            return "name the attribute: [displayName]"
        return "arguments are functions, [attributes], numbers or texts in double quotes"
    if isinstance(error, UnexpectedToken) and error.token.type == "OPERATOR":
        return 'comparisons stand inside a condition only: IIF([a] = "b", …); each has two sides'
    if text[: at.offset].rstrip()[-1:] not in ("", "(", ","):
        return "a comma may be missing before it"
    return ""


def _node(tree: Tree[Token]) -> Node:
    """Turn the parser's tree into ours."""
    first = tree.children[0]
    token = first if isinstance(first, Token) else None
    at = _at(token)
    match tree.data, token:
        case "attribute", Token():
            return Attribute(token[1:-1], at)
        case "text", Token():
            return Text(_ESCAPE.sub(r"\1", token[1:-1]), at)
        case "number", Token():
            return Number(_number(token), at)
        case "word", Token():
            return Word(str(token), at)
        case "call", Token():
            return _call(str(token), tree, at)
        case _:
            return _comparison(tree)


def _call(name: str, tree: Tree[Token], at: Position) -> Call:
    slots = tuple(_slot(slot, at) for slot in tree.children[1:] if isinstance(slot, Tree))
    return Call(name, () if slots == (Omitted(),) else slots, at)


def _slot(slot: Tree[Token], at: Position) -> Node:
    return _node(_only(slot)) if slot.children else Omitted(at)


def _comparison(tree: Tree[Token]) -> Comparison:
    left, written, right = tree.children
    if not isinstance(left, Tree) or not isinstance(right, Tree):
        raise TypeError(f"a comparison of {left!r} and {right!r} does not come from the grammar")
    operator: Operator = next(known for known in OPERATORS if known == written)
    first = _node(left)
    return Comparison(operator, first, _node(right), first.at)


def _only(tree: Tree[Token]) -> Tree[Token]:
    (child,) = tree.children
    if isinstance(child, Token):
        raise TypeError(f"{child!r} does not come from the grammar")
    return child


def _number(token: Token) -> str:
    """Return the canonical writing: hexadecimal digits in capitals, no leading zeros, no negative zero."""
    if len(token) > MAX_DIGITS:
        raise ExpressionError(f"this number has more than {MAX_DIGITS} characters", _at(token), "write it as a text")
    if token[0] == "&":
        return f"&H{int('0x' + token[2:], 0):X}"
    if "." in token:
        return str(token)
    return str(int(token))


def _at(token: Token | None) -> Position:
    if token is None:
        return START
    return Position(token.line or 1, token.column or 1, token.start_pos or 0)
