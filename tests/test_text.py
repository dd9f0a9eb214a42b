"""What is done to foreign text before anybody sees it."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devsecops.text import clean, inert, is_secret, mask, mask_literals, mask_urls, one_line, plural, shorten

ANY = st.text(st.characters(), max_size=40)
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
KEY = "MIIEowIBAAKCAQEA7bq98QWERTY"
CODE = [
    "def login(username: str, password: str) -> Token:",
    "    return self._secret",
    "password = getpass.getpass()",
    "password = request.form['password']",
    'token = os.environ["API_TOKEN_2"]',
    "token = tokens[0]",
    "token: str | None = None",
    "secret: Optional[bytes] = None",
    "if token == expected_token1:",
    'assert password != "", "password is empty"',
    "for token in tokenize(source, version=2):",
    "tokens: dict[str, Token] = {}",
    "API_KEY = config.get(section, option)",
    "credentials = boto3.Session().get_credentials()",
    "hashed_password = bcrypt.hashpw(password, salt)",
    "access_key = settings2.access_key_id1",
    "cursor.execute('SELECT password FROM users WHERE id = %s', [user_id])",
    "subprocess.run(f'echo {token}', shell=True)",
    "const token = req.headers.authorization;",
    "const apiKey = process.env.API_KEY_V2;",
    "let secret = crypto.randomBytes(32);",
    "import { token } from './tokens';",
    "export type Credentials = { user: string; password: string };",
    "fetch(url, { credentials: 'include' })",
    "if (password === undefined) throw new Error();",
    '<input type="password" name="password" id="password1">',
    "String password = request.getParameter(name);",
    "private final PasswordEncoder passwordEncoder;",
    "@Value(value) private String secretKey;",
    "var token = jwt.sign(payload, key, { expiresIn: 3600 });",
    "func Token(ctx context.Context) (string, error) {",
    "token, err := parseToken2(header)",
    "secret := vault.Read(path)",
    "secretName: shop-secrets",
    "  - name: PASSWORD\n    valueFrom: {secretKeyRef: {name: db}}",
    "token: ${{ secrets.GITHUB_TOKEN }}",
    "ENV TOKEN=$TOKEN",
    "export PASSWORD=${PASSWORD:?}",
    "curl https://example.com:8080/users/me@example.com",
    "git clone git@github.com:owner/repository.git",
    "see https://example.com/a?b=c:d and mail me@example.com",
    "postgres://localhost:5432/shop",
]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain text", "plain text"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("two\r\nlines", "two\nlines"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;title\x07", "]0;title"),
        ("\x9b31m", "31m"),
        ("a\x00b\x7fc\x85d", "abcd"),
        ("user\u202e\u2066nimda", "usernimda"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("line\u2028separator\u2029", "lineseparator"),
        ("lone \ud800 surrogate", "lone � surrogate"),
        ("naïve 日本 🎉", "naïve 日本 🎉"),
    ],
)
def test_what_is_not_seen_is_taken_out(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    "character",
    [*BIDI, *"\x1b\x9b\x00\x7f\ud800\udfff\u2028\u2029", "\u00ad", "\u180e", "\U000e0041"],
    ids=lambda one: f"U+{ord(one):04X}",
)
def test_no_hidden_character_is_left(character: str) -> None:
    assert character not in clean(f"a{character}b")


@given(ANY)
def test_clean_text_has_no_control_bidi_or_surrogate_character(text: str) -> None:
    left = set(clean(text)) - {"\t", "\n"}
    assert not left & set(BIDI)
    assert not {one for one in left if unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"}}
    assert clean(text).isascii() or clean(text).encode()


@given(ANY)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_visible_text_is_left_alone(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a \t b\n\n c  ", "a b c"),
        ("a\r\nb", "a b"),
        ("a\rb", "a b"),
        ("a\x0cb", "a b"),
        ("a\u2028b", "a b"),
        ("\u3000a\u00a0b", "a b"),
        ("", ""),
    ],
)
def test_white_space_is_folded_into_one_line(text: str, line: str) -> None:
    assert one_line(text) == line


@given(ANY)
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "AKIA***"),
        ("id ASIAIOSFODNN7EXAMPLE.", "id ASIA***."),
        ("ghp_" + "a1B2" * 9, "ghp_***"),
        ("ghs_" + "a1B2" * 9, "ghs_***"),
        ("github_pat_" + "a1B2_" * 9, "gith***"),
        ("glpat-" + "a1_-" * 6, "glpa***"),
        ("xoxb-1234567890-abc", "xoxb***"),
        ("sk_live_" + "a1B2" * 6, "sk_l***"),
        ("rk_test_" + "a1B2" * 6, "rk_t***"),
        ("AIza" + "a1B2_" * 7, "AIza***"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0x.c2lnbmF0dXJl", "Bearer eyJh***"),
        ("postgres://user:p4ss,word!@db/shop", "postgres://***@db/shop"),
        ("https://user:p4ss/word@example.com/a", "https://***@example.com/a"),
        ("https://0123456789abcdef@example.com", "https://***@example.com"),
        ("https://:p4ssword@example.com", "https://***@example.com"),
        ("HTTPS://user:p4ssword@example.com", "HTTPS://***@example.com"),
        ('password = "hunter2"', 'password = "***"'),
        ("PASSWORD='hunter2'", "PASSWORD='***'"),
        ('"db_passwd": "hunter2",', '"db_passwd": "***",'),
        ('"password" => "hunter2"', '"password" => "***"'),
        ('token := "hunter2"', 'token := "***"'),
        ("api-key: 0123456789abcdef", "api-key: ***"),
        ("apikey=0123456789abcdef", "apikey=***"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = ***"),
        ("private_key=aGVsbG8gd29ybGQx==", "private_key=***"),
        ("credentials: 'a:b@c;d'", "credentials: '***'"),
        ('password = "cut-off', 'password = "***'),
    ],
)
def test_what_has_the_form_of_a_secret_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        'password = "correct horse battery 5taple5"',
        'password = "it\'s-5taple5"',
        'password = "a\\"5taple5"',
        "PASSWORD=5taple5!@#",
    ],
)
def test_a_password_with_unusual_characters_is_masked(text: str) -> None:
    assert "5taple5" not in mask(text)


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])
@pytest.mark.parametrize("end", ["\n-----END {}PRIVATE KEY-----\nrest", "\nmore"])
def test_a_private_key_is_masked_to_its_end(kind: str, end: str) -> None:
    text = f"x -----BEGIN {kind}PRIVATE KEY-----\n{KEY}\n{KEY}{end.format(kind)}"
    assert mask(text).startswith(f"x -----BEGIN {kind}PRIVATE KEY-----***")
    assert KEY not in mask(text)
    assert mask(text).endswith("rest") == end.endswith("rest")


def test_a_pgp_private_key_is_masked() -> None:
    block = f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{KEY}\n-----END PGP PRIVATE KEY BLOCK-----"
    assert KEY not in mask(block)


def test_two_private_keys_leave_what_stands_between_them() -> None:
    key = f"-----BEGIN PRIVATE KEY-----{KEY}-----END PRIVATE KEY-----"
    assert mask(f"{key} between {key}").count("between") == 1
    assert KEY not in mask(f"{key} between {key}")


@pytest.mark.parametrize("line", CODE)
def test_ordinary_code_is_not_mangled(line: str) -> None:
    assert mask(line) == line


SECRETISH = st.lists(
    st.sampled_from(
        [
            "password",
            "token",
            "secret",
            "=",
            ":",
            ":=",
            "=>",
            '"',
            "'",
            " ",
            "\n",
            "a1b2c3d4",
            "***",
            "abcd",
            "AKIA",
            "0123456789AB",
            "https://",
            "user:",
            "@",
            "eyJ",
            "eyJabcdefgh1",
            ".",
            "-----BEGIN PRIVATE KEY-----",
            "ghp_",
        ]
    ),
    max_size=12,
).map("".join)


@given(SECRETISH | ANY)
@example('password="AKIA0123456789AB"')
@example("AKIA0123456789ABghp_passwordpasswordpassword")
@example("token=ghp_a1b2c3d4a1b2c3d4a1b2c3d4")
@example("https://user:pass1@user:pass2@host")
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.text("abcdef0123456789", min_size=24, max_size=40), ANY, ANY)
@example("0" * 24, "", "")
def test_a_planted_secret_disappears_wherever_it_stands(secret: str, before: str, after: str) -> None:
    for form in ('password = "{}"', "https://user:{}@host", "api_key='{}'"):
        assert secret not in mask(f"{before.replace(secret, '')}\n{form.format(secret)}\n{after.replace(secret, '')}")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("https://user:p4ss@example.com/a?b=c#d", "https://***@example.com/a?***#d"),
        ("git+ssh://git@example.com/a.git", "git+ssh://***@example.com/a.git"),
        (
            "https://example.com/?token=a and https://b@example.com",
            "https://example.com/?*** and https://***@example.com",
        ),
        ("https://example.com:8080/a", "https://example.com:8080/a"),
        ("what? me@example.com", "what? me@example.com"),
    ],
)
def test_user_password_and_query_of_urls_are_masked(text: str, masked: str) -> None:
    assert mask_urls(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('x = "hunter2"', 'x = "***"'),
        ("x = 'a' + 'b'", "x = '***' + '***'"),
        ("x = `hunter2`", "x = `***`"),
        ('x = ""', 'x = ""'),
        ('x = """two\nlines"""', 'x = """***"""'),
        (r'x = "a\"b" + c', 'x = "***" + c'),
        ('x = "it\'s" + c', 'x = "***" + c'),
        ('x = "cut off', 'x = "***'),
        ("x = AKIAIOSFODNN7EXAMPLE", "x = AKIA***"),
        ("no literal", "no literal"),
        ("ENV A_KEY=hunter2 B='x y' C=d\\ e", "ENV A_KEY=*** B=*** C=***"),
        ("ENV A=1 \\\n  B_KEY=hunter2", "ENV A=*** B_KEY=***"),
        ("env A_KEY hunter2 b=c", "env A_KEY ***"),
        ("ONBUILD ARG A_KEY=hunter2", "ONBUILD ARG A_KEY=***"),
    ],
)
def test_every_literal_is_masked_where_a_secret_is_known_to_be(text: str, masked: str) -> None:
    assert mask_literals(text) == masked


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("x AKIAIOSFODNN7EXAMPLE", True),
        ("-----BEGIN PRIVATE KEY-----\nMII", True),
        ("https://user:pass@host/", True),
        ("https://:pass@host/", True),
        ("https://user@host/", False),
        ("https://host:8080/a@b", False),
        ("https://user:$PASS@host/", False),
        ("password=hunter2", False),
    ],
)
def test_a_secret_is_known_by_its_form(text: str, *, known: bool) -> None:
    assert is_secret(text) is known


@given(st.text("ab1'`x ", max_size=10))
def test_nothing_inside_double_quotes_is_left(inner: str) -> None:
    assert mask_literals(f'key = "planted-{inner}" + rest') == 'key = "***" + rest'


@pytest.mark.parametrize(
    "code",
    [
        "mask('a' * 200_000)",
        "mask('token:' + 'a-' * 100_000)",
        "mask('eyJ-' * 50_000)",
        "mask('token=' * 30_000)",
        "mask('password=\\'' * 20_000)",
        "mask('-----BEGIN ' * 20_000)",
        "mask('https://' * 20_000)",
        "mask('://a:' * 40_000)",
        "mask('://' + 'a:' * 80_000)",
        "mask('://1:' + '1' * 160_000)",
        "mask_urls('://' * 50_000)",
        "mask_urls('://a?' * 40_000)",
        "mask(('token' + ' ' * 500) * 400)",
        "mask_literals('\\'' + '\\\\' * 200_000)",
        "one_line('\\u200b ' * 100_000)",
    ],
)
def test_long_lines_take_no_time(code: str) -> None:
    program = (
        "import resource; from devsecops.text import mask, mask_literals, mask_urls, one_line\n"
        f"resource.setrlimit(resource.RLIMIT_CPU, (1, 1)); {code}"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, f"after 1 s of CPU time: signal {-done.returncode}"


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("ab cd", 4, "ab…"),
        ("abc", 1, "…"),
        ("", 0, ""),
    ],
)
def test_a_cut_is_marked(text: str, limit: int, short: str) -> None:
    assert shorten(text, limit) == short


@given(ANY, st.integers(1, 50))
def test_short_text_keeps_to_its_limit(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit
    assert (shorten(text, limit) == text) == (len(text) <= limit) or text.endswith("…")


@pytest.mark.parametrize(
    ("count", "noun", "nouns", "text"),
    [
        (1, "file", "", "1 file"),
        (0, "file", "", "0 files"),
        (2, "file", "", "2 files"),
        (1, "library", "libraries", "1 library"),
        (12345, "library", "libraries", "12,345 libraries"),
    ],
)
def test_a_number_agrees_with_its_noun(count: int, noun: str, nouns: str, text: str) -> None:
    assert plural(count, noun, nouns) == text


@pytest.mark.parametrize(
    "evil",
    [
        "::error::x",
        "a\n \t::stop-commands::x",
        "a ##[add-mask]b",
        "a ##vso[task.setvariable]b",
        "##teamcity[x]",
        "###[x]",
        ":::x",
        "\n\n  ::x",
    ],
)
def test_what_is_printed_holds_no_command(evil: str) -> None:
    said = inert(evil)
    assert not re.search(r"^\s*::|##[\w.-]*\[", said, re.MULTILINE)
    assert said.replace(" ", "") == evil.replace(" ", "")
    assert inert("a::b # [c] ## d") == "a::b # [c] ## d"
