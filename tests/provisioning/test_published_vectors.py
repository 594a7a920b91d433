"""What Microsoft publishes about its functions, call by call."""

import random
from datetime import UTC, datetime

import pytest

from reconciler.provisioning import Surroundings, User, Value, compile_expression

MAIL = "John.Doe@contoso.com"
ID = "00aa00aa-bb11-cc22-dd33-44ee44ee44ee"
ADDRESSES = ["SMTP:a@contoso.com", "smtp:b@contoso.com"]
SYDNEY = (
    'Switch([state], "Australia/Sydney", "NSW", "Australia/Sydney","QLD", "Australia/Brisbane", '
    '"SA", "Australia/Adelaide")'
)
VECTORS: dict[str, tuple[str, User, Value]] = {
    "1": ('Append([userPrincipalName], ".test")', {"userPrincipalName": MAIL}, MAIL + ".test"),
    "2": ("BitAnd(&HF, &HF7)", {}, 7),
    "3": ('CDate("2020-03-16-07:00")', {}, "3/16/2020 7:00:00 AM"),
    "4": ('CDate("2021-06-30+08:00")', {}, "6/29/2021 4:00:00 PM"),
    "6": ("Coalesce([mail],[userPrincipalName])", {"mail": None, "userPrincipalName": "u"}, "u"),
    "7": ('ConvertToBase64("Hello world!")', {}, "SABlAGwAbABvACAAdwBvAHIAbABkACEA"),
    "8": ('ConvertToUTF8Hex("Hello world!")', {}, "48656C6C6F20776F726C6421"),
    "9": ('DateAdd("d", 7, CDate("2012-03-16-07:00"))', {}, "3/23/2012 7:00:00 AM"),
    "11": ('DateDiff("d", CDate("2021-08-18+08:00"), CDate("2021-08-31+08:00"))', {}, 13),
    "13h": ('DateDiff("h", CDate("2021-08-24"), CDate("2021-08-25"))', {}, 24),
    "13n": ('DateDiff("n", CDate("2021-08-24"), CDate("2021-08-25"))', {}, 1440),
    "13s": ('DateDiff("s", CDate("2021-08-24"), CDate("2021-08-25"))', {}, 86400),
    "14": ("DateFromNum(129699324000000000)", {}, "1/1/2012 11:00:00 PM"),
    "15": ('FormatDateTime([a], , "yyyyMMddHHmmss.fZ", "yyyy-MM-dd")', {"a": "20150123105347.1Z"}, "2015-01-23"),
    "16 true": ('IIF([country]="USA",[country],[department])', {"country": "USA", "department": "d"}, "USA"),
    "16 false": ('IIF([country]="USA",[country],[department])', {"country": "FR", "department": "d"}, "d"),
    "18": ('InStr("The quick brown fox","quick")', {}, 5),
    "20": ("Item([proxyAddresses], 1)", {"proxyAddresses": ADDRESSES}, ADDRESSES[0]),
    "21": ('Join(", ", "", [surname], [givenName])', {"surname": "Doe", "givenName": "John"}, "Doe, John"),
    "22": ('Left("John Doe", 3)', {}, "Joh"),
    "23": ("Append(Mid([givenName], 1, 3), Mid([surname], 1, 5))", {"givenName": "John", "surname": "Doe"}, "JohDoe"),
    "24": ("NormalizeDiacritics([givenName])", {"givenName": "Zoë"}, "Zoe"),
    "25": ('Not("True")', {}, "False"),
    "26": ("PCase([firstName])", {"firstName": "PABLO GONSALVES (SECOND)"}, "Pablo Gonsalves (Second)"),
    "30": (
        'Replace([BusinessTitle],"Product Developer", , , "Software Engineer", , )',
        {"BusinessTitle": "Product Developer"},
        "Software Engineer",
    ),
    "31": (
        'Replace([UserID],"<username>", , , , , "<username>@contoso.com")',
        {"UserID": "jsmith"},
        "jsmith@contoso.com",
    ),
    "32": (
        r'Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", , "${phoneNumber}", , )',
        {"telephoneNumber": "+91 9998887777"},
        "9998887777",
    ),
    # Published without the +, which the class does not hold.
    "33": (r'Replace([mobile], , "[()\\s-]+", , "", , )', {"mobile": "+1 (999) 888-7777"}, "+19998887777"),
    "34": (
        r'Replace([AddressLineData], ,"(?<streetNumber>^\\d*)","streetNumber", "888", , )',
        {"AddressLineData": "545 Tremont Street"},
        "888 Tremont Street",
    ),
    "35": (
        'Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )',
        {"userPrincipalName": "jsmith@contoso.com"},
        "jsmith",
    ),
    "37": ('Replace([mailNickname], , "[a-zA-Z_]*", , "", , )', {"mailNickname": "john_doe72"}, "72"),
    "38": ('Replace([mail], "@contoso.com", , ,"", ,)', {"mail": "john.doe@contoso.com"}, "john.doe"),
    "39": ('Replace([preferredLanguage], "-", , , "_", , )', {"preferredLanguage": "EN-US"}, "EN_US"),
    "40": (
        'Split([extensionAttribute5], ",")',
        {"extensionAttribute5": "PermissionSetOne, PermissionSetTwo"},
        ["PermissionSetOne", "PermissionSetTwo"],
    ),
    "41": (SYDNEY, {"state": "QLD"}, "Australia/Brisbane"),
    "43": ('Switch([statusFlag], "Default Value", "true", "1", "", "0")', {"statusFlag": ""}, "0"),
    "45": ('Word("The quick brown fox",3," ")', {}, "brown"),
    "48": (
        'Join("", 1000, Replace(ConvertToUTF8Hex([objectId]), , "[a-zA-Z_]*", , "", , ))',
        {"objectId": ID},
        "100030306161303061612626231312636332322646433332343465653434656534346565",
    ),
    "49": ("Not([IsSoftDeleted])", {"IsSoftDeleted": "False"}, "True"),
    "50": ("Mid([userPrincipalName], 1, 8)", {"userPrincipalName": "jsmith@contoso.com"}, "jsmith@c"),
}


@pytest.mark.parametrize("number", VECTORS)
def test_published_vector_holds(number: str) -> None:
    expression, user, result = VECTORS[number]

    assert compile_expression(expression).evaluate(user) == result


def test_published_random_string_has_its_kinds() -> None:
    chance = random.Random(29)
    expression = compile_expression("RandomString(6,3,0,0,3)", surroundings=Surroundings(below=chance.randrange))

    drawn = expression.evaluate({})

    assert isinstance(drawn, str)
    assert (len(drawn), sum(map(str.isdigit, drawn)), sum(map(str.islower, drawn))) == (6, 3, 3)


def test_published_parse_text_is_single_spaced() -> None:
    written = 'Replace([preferredLanguage],"-",,,"_",,)'

    assert compile_expression(written).text == 'Replace([preferredLanguage], "-", , , "_", , )'


def test_now_is_what_it_is_told() -> None:
    surroundings = Surroundings(now=lambda: datetime(2026, 11, 24, 20, 5, 9, tzinfo=UTC))

    assert compile_expression("Now()", surroundings=surroundings).evaluate({}) == "11/24/2026 8:05:09 PM"


def test_guid_is_of_chance() -> None:
    chance = random.Random(1)
    guid = compile_expression("Guid()", surroundings=Surroundings(below=chance.randrange))

    first, second = guid.evaluate({}), guid.evaluate({})

    assert first != second
    assert isinstance(first, str)
    assert [len(part) for part in first.split("-")] == [8, 4, 4, 4, 12]
