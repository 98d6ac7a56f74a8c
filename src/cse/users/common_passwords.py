"""The commonest passwords, in lower case: a list of ours, and the 30,000 of the package zxcvbn.

Shorter ones than the policy takes are refused anyway, so only the longer ones are kept: about 1,200. zxcvbn's list
(MIT, Daniel Wolf, after Dropbox's of leaked passwords) is in a Python file of 0.8 MB with other lists: it is run once,
without the package around it, and forgotten but for what is kept (24 ms, 0.1 MB).
"""

import runpy
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

SHORTEST: Final = 10
"""Characters: what is shorter is refused for that."""

_LIST: Final = """
    0123456789 01234567890 0987654321 1029384756 1111111111 1122334455 11223344556677 1212121212
    1231231234 123123123123 1234512345 12345678910 123456789012 1234567890 12345678900 1234567890a
    1234567891 123456789a 123456789abc 123456789q 1234567899 123456abcdef 1234554321 123qwe123qwe
    123qweasdzxc 1357924680 1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz1qaz1qaz 1qaz2wsx3edc
    1qaz2wsx3edc4rfv 1qazxsw23edc 2222222222 5555555555 7777777777 9876543210 a123456789
    a1b2c3d4e5 aa12345678 aaaaaaaaaa abc123456789 abcd123456 abcd1234567890 abcdefghij
    abcdefghijk administrator adminadmin asdfasdfasdf asdfghjkl1 asdfghjkl; asdfghjkl123 badboy1234
    basketball baseball123 bitcoin123 bitcoin1234 butterfly1 changeme123 changemenow charlie123
    chocolate1 computer123 correcthorsebatterystaple cryptocurrency dragonball ethereum123
    football123 freedom123 fuckyou123 gfhjkm12345 helloworld helloworld1 iloveyou12 iloveyou123
    iloveyou1234 iloveyou2 iloveyouforever internet123 jessica123 jordan2323 letmein123 letmein1234
    letmeinplease liverpool1 manchester manutd1234 master1234 michael123 michelle12 monkey1234
    motherfucker myspace123 mypassword mypassword1 ncc1701ncc1701 newpassword newpassword1
    p@ssw0rd123 p@ssw0rd1234 pa55word123 pass123456 pass12345678 passw0rd12 passw0rd123 passw0rd1234
    password00 password01 password09 password10 password11 password12 password123 password123!
    password1234 password12345 password123456 password1! password21 password22 password99
    password!! passwordpassword passphrase pokemon123 princess12 princess123 q1w2e3r4t5
    q1w2e3r4t5y6 qazwsx1234 qazwsxedc1 qazwsxedc123 qazwsxedcrfv qazxswedc123 qwe123qwe123 qweasdzxc1
    qweasdzxc123 qwer123456 qwer12345678 qwerasdfzxcv qwert12345 qwerty1234 qwerty12345
    qwerty123456 qwertyqwerty qwertyuiop qwertyuiop1 qwertyuiop123 qwertyuiop[] samsung123
    satoshinakamoto secret1234 september1 slipknot666 snowball123 soccer1234 spongebob1 starwars123
    sunshine12 sunshine123 superman12 superman123 thisisapassword trustno1trustno1 unbelievable
    welcome123 welcome1234 welcome12345 welcome2024 welcome2025 welcome2026 whatever123 william123
    zaq12wsx123 zaq1zaq1zaq1 zaq12wsxcde3 zxcvbnm123 zxcvbnm1234 zxcvbnm,./ zxcvbnmasdfghjkl
"""

OURS: Final = frozenset(_LIST.split())


@cache
def common_passwords() -> frozenset[str]:
    """Return all that are refused, of ten or more characters; the first call reads the list."""
    return OURS | {each.casefold() for each in leaked_passwords() if len(each) >= SHORTEST}


def leaked_passwords() -> list[str]:
    """Return zxcvbn's list, commonest first."""
    package = find_spec("zxcvbn")
    places = package.submodule_search_locations if package is not None else None
    if not places:
        raise ModuleNotFoundError("the package zxcvbn is not installed", name="zxcvbn")
    lists = runpy.run_path(str(Path(places[0]) / "frequency_lists.py"))["FREQUENCY_LISTS"]
    return [str(each) for each in lists["passwords"]]
