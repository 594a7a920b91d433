"""More examples of Microsoft's reference of functions, beside the numbered vectors, and its table of accents."""

import unicodedata

import pytest

from reconciler.provisioning import User, Value, compile_expression

HIRED = {"hired": "2012-03-16-07:00"}
THEN = '"8/25/2021 5:41:18 PM", CDate([hired])'
MOBILE = r'Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber" , , [mobile], )'
LOGIN = 'ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".",  [first], [last]))), "contoso.com"))'
WITHIN_DAYS = """Switch([active], ,
  "1", IIF(DateDiff("d", "3/10/2012 8:00:00 AM", CDate([hired])) > 5, "False", "True"),
  "0", "False")"""

EXAMPLES: dict[str, tuple[User, Value]] = {
    'DateAdd("d", -10, CDate([hired]))': (HIRED, "3/6/2012 7:00:00 AM"),
    'DateAdd("ww", 2, CDate([hired]))': (HIRED, "3/30/2012 7:00:00 AM"),
    'DateAdd("m", 10, CDate([hired]))': (HIRED, "1/16/2013 7:00:00 AM"),
    'DateAdd("yyyy", 2, CDate([hired]))': (HIRED, "3/16/2014 7:00:00 AM"),
    f'DateDiff("d", {THEN})': (HIRED, -3449),
    f'DateDiff("ww", {THEN})': (HIRED, -493),
    f'DateDiff("m", {THEN})': (HIRED, -113),
    f'DateDiff("yyyy", {THEN})': (HIRED, -9),
    WITHIN_DAYS: ({"active": "1", **HIRED}, "False"),
    'IIF([country]="USA",IIF([state]="CA","True","False"),"False")': ({"country": "USA", "state": "CA"}, "True"),
    'IIF([country]="USA","True",IIF([state]="CA","True","False"))': ({"state": "CA"}, "True"),
    'Switch([country],[country],"","Other")': ({}, "Other"),
    'Switch(ToLower([flag]), "0", "true", "1", "false", "0")': ({"flag": "TRUE"}, "1"),
    'IgnoreFlowIfNullOrEmpty(Switch([prefix], "", "3443", "Dr.", "3444", "Prof."))': ({"prefix": "1"}, None),
    'InStr("repEated","e",3,vbBinaryCompare)': ({}, 7),
    MOBILE: ({"telephoneNumber": "", "mobile": "+91 8887779999"}, "8887779999"),
    'Word("This,string!has&many separators",3,",!&#")': ({}, "has"),
    """PCase([last]," '-")""": ({"last": "PINTO-DE'SILVA"}, "Pinto-De'Silva"),
    'PCase(Join(" ",[first],[last]))': ({"first": "GREGORY", "last": "JAMES"}, "Gregory James"),
    LOGIN: ({"first": "John", "last": "Smith"}, "john.smith@contoso.com"),
    'NumFromDate(Join("", FormatDateTime([end], ,"yyyy-MM-ddzzz", "yyyy-MM-dd"), " 23:59:59-08:00"))': (
        {"end": "2020-12-31-08:00"},
        132539615990000000,
    ),
    'NumFromDate(Join("",FormatDateTime([end], ,"M/d/yyyy hh:mm:ss tt","yyyy-MM-dd")," 23:59:59-08:00"))': (
        {"end": "12/31/2020 08:00:00 AM"},
        132539615990000000,
    ),
}


@pytest.mark.parametrize("expression", EXAMPLES)
def test_published_example_gives_what_is_shown(expression: str) -> None:
    user, result = EXAMPLES[expression]

    assert compile_expression(expression).evaluate(user) == result


ACCENTS = {
    "a": "ä à â ã å á ą ă ā ā́ ā̀ ā̂ ā̃ ǟ ā̈ ǡ a̱ å̄",
    "A": "Ä À Â Ã Å Á Ą Ă Ā Ā́ Ā̀ Ā̂ Ā̃ Ǟ Ā̈ Ǡ A̱ Å̄",
    "ae": "æ ǣ",
    "AE": "Æ Ǣ",
    "c": "ç č ć c̄ c̱",
    "C": "Ç Č Ć C̄ C̱",
    "d": "ď d̄ ḏ",
    "D": "Ď D̄ Ḏ",
    "e": "ë è é ê ę ě ė ē ḗ ḕ ē̂ ē̃ ê̄ e̱ ë̄ e̊̄",
    "E": "Ë È É Ê Ę Ě Ė Ē Ḗ Ḕ Ē̂ Ē̃ Ê̄ E̱ Ë̄ E̊̄",
    "g": "ğ ḡ g̱",
    "G": "Ğ Ḡ G̱",
    "i": "ï î ì í ı ī ī́ ī̀ ī̂ ī̃ i̱",
    "I": "Ï Î Ì Í İ Ī Ī́ Ī̀ Ī̂ Ī̃ I̱",
    "l": "ľ ł l̄ ḹ ḻ",
    "L": "Ł Ľ L̄ Ḹ Ḻ",
    "n": "ñ ń ň n̄ ṉ",
    "N": "Ñ Ń Ň N̄ Ṉ",
    "o": "ö ò ő õ ô ó ō ṓ ṑ ō̂ ō̃ ȫ ō̈ ǭ ȭ ȱ o̱",
    "O": "Ö Ò Ő Õ Ô Ó Ō Ṓ Ṑ Ō̂ Ō̃ Ȫ Ō̈ Ǭ Ȭ Ȱ O̱",
    "oe": "ø ø̄ œ̄",
    "OE": "Ø Ø̄ Œ̄",
    "r": "ř r̄ ṟ ṝ",
    "R": "Ř R̄ Ṟ Ṝ",
    "ss": "ß",
    "s": "š ś ș ş s̄ s̱",
    "S": "Š Ś Ș Ş S̄ S̱",
    "t": "ť ț t̄ ṯ",
    "T": "Ť Ț T̄ Ṯ",
    "u": "ü ù û ú ů ű ū ū́ ū̀ ū̂ ū̃ u̇̄ ǖ ṻ ṳ̄ u̱",
    "U": "Ü Ù Û Ú Ů Ű Ū Ū́ Ū̀ Ū̂ Ū̃ U̇̄ Ǖ Ṻ Ṳ̄ U̱",
    "y": "ÿ ý ȳ ȳ́ ȳ̀ ȳ̃ y̱",
    "Y": "Ÿ Ý Ȳ Ȳ́ Ȳ̀ Ȳ̃ Y̱",
    "z": "ź ž ż z̄ ẕ",
    "Z": "Ź Ž Ż Z̄ Ẕ",
}


@pytest.mark.parametrize("decomposed", [True, False])
@pytest.mark.parametrize("plain", ACCENTS)
def test_table_of_accents_holds(plain: str, decomposed: bool) -> None:
    ready = compile_expression("NormalizeDiacritics([a])")
    letters = unicodedata.normalize("NFD" if decomposed else "NFC", ACCENTS[plain]).split()

    assert {ready.evaluate({"a": letter}) for letter in letters} == {plain}
