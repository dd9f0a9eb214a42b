from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from devsecops.relay import Origin, Relay, Rules, origin_of
from devsecops.traffic import LIMIT, Tally
from tests.sites import Answer, Asked, Site, site


def answer(asked: Asked) -> Answer:
    if asked.path == "/missing":
        return Answer(404)
    if asked.path == "/account" and asked.headers.get("Authorization") != "Bearer secret":
        return Answer(401)
    if asked.path == "/login":
        return Answer(200, b"Please sign in")
    return Answer(200, asked.body or b"hello", {"Set-Cookie": "a=b"})


@pytest.fixture
def shop() -> Iterator[Site]:
    with site(answer) as running:
        yield running


def rules(**said: Any) -> Rules:
    return Rules(**{"excluded": lambda path: path == "/logout"} | said)


def through(relay: Relay, method: str, url: str, **options: Any) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": relay.url, "https": relay.url}
        return session.request(method, url, timeout=10, **options)


def test_requests_are_passed_on_and_counted(shop: Site) -> None:
    with Relay(origin_of(shop.url, "127.0.0.1"), rules(headers={"X-Tenant": "a"})) as relay:
        assert through(relay, "GET", f"{shop.url}/products?q=1").text == "hello"
        assert through(relay, "GET", f"{shop.url}/products?q=2").headers["Set-Cookie"] == "a=b"
        assert through(relay, "POST", f"{shop.url}/products", data=b"x" * 100_000).text == "x" * 100_000
        assert through(relay, "GET", f"{shop.url}/missing").status_code == 404
        assert through(relay, "HEAD", f"{shop.url}/products").text == ""
        traffic = relay.traffic
    assert traffic.answers == {
        ("GET", "/missing"): {404: 1},
        ("GET", "/products"): {200: 2},
        ("HEAD", "/products"): {200: 1},
        ("POST", "/products"): {200: 1},
    }
    assert (traffic.answered, traffic.failed, traffic.refused, traffic.authenticated) == (5, 0, {}, 0)
    assert [asked.path for asked in shop.asked] == [
        "/products?q=1",
        "/products?q=2",
        "/products",
        "/missing",
        "/products",
    ]
    assert all(asked.headers["X-Tenant"] == "a" for asked in shop.asked)


@pytest.mark.parametrize(
    "url",
    [
        "http://other.example/",
        "http://127.0.0.1:1/",
        "http://127.0.0.1/",
        "http://localhost:{port}/",
        "http://127.0.0.1.evil.example:{port}/",
        "http://evil.example:{port}@127.0.0.1:1/",
        "https://127.0.0.1:{port}/",
    ],
)
def test_nothing_reaches_another_origin(shop: Site, url: str) -> None:
    with Relay(origin_of(shop.url, "127.0.0.1"), rules(credentials={"Authorization": "Bearer secret"})) as relay:
        try:
            said = through(relay, "GET", url.format(port=shop.port)).status_code
        except requests.exceptions.ProxyError:
            said = 403
        assert said == 403
        assert sum(relay.traffic.refused.values()) == 1
        assert relay.traffic.answered == 0
    assert shop.asked == []


def test_a_name_is_not_looked_up_again(shop: Site) -> None:
    origin = Origin("http", "rebound.example", shop.port, "127.0.0.1")
    with Relay(origin, rules()) as relay:
        assert through(relay, "GET", f"http://rebound.example:{shop.port}/products").text == "hello"
    assert shop.asked[0].headers["Host"] == f"rebound.example:{shop.port}"


def test_excluded_paths_are_not_asked_for(shop: Site) -> None:
    with Relay(origin_of(shop.url, "127.0.0.1"), rules()) as relay:
        assert through(relay, "GET", f"{shop.url}/logout?now").status_code == 403
        assert (relay.traffic.excluded, relay.traffic.answered) == (1, 0)
    assert shop.asked == []


def test_credentials_are_added_and_their_fate_is_counted(shop: Site) -> None:
    said = rules(credentials={"Authorization": "Bearer secret"}, logged_out=re.compile(rb"sign in"))
    with Relay(origin_of(shop.url, "127.0.0.1"), said) as relay:
        assert through(relay, "GET", f"{shop.url}/account", headers={"Authorization": "Basic xx"}).status_code == 200
        through(relay, "GET", f"{shop.url}/login")
        assert (relay.traffic.authenticated, relay.traffic.rejected) == (2, 1)
    wrong = rules(credentials={"Authorization": "Bearer expired"})
    with Relay(origin_of(shop.url, "127.0.0.1"), wrong) as relay:
        assert through(relay, "GET", f"{shop.url}/account").status_code == 401
        assert (relay.traffic.authenticated, relay.traffic.rejected) == (1, 1)


def test_a_stand_in_is_exchanged_and_nothing_else_is_authenticated(shop: Site) -> None:
    said = rules(credentials={"Authorization": "Bearer secret"}, stand_in="made-up")
    with Relay(origin_of(shop.url, "127.0.0.1"), said) as relay:
        given = through(relay, "GET", f"{shop.url}/account", headers={"Authorization": "Bearer made-up"})
        bare = through(relay, "GET", f"{shop.url}/account")
        assert (given.status_code, bare.status_code, relay.traffic.authenticated) == (200, 401, 1)
    assert "made-up" not in str(shop.asked)


def test_cookies_of_a_session_are_added_to_those_of_the_scanner(shop: Site) -> None:
    with Relay(origin_of(shop.url, "127.0.0.1"), rules(credentials={"Cookie": "sid=ours"})) as relay:
        through(relay, "GET", f"{shop.url}/", headers={"Cookie": "csrf=1; sid=theirs"})
    assert shop.asked[0].headers["Cookie"] == "sid=ours; csrf=1"


def test_a_target_that_is_gone_is_counted_as_failed() -> None:
    with site() as gone:
        url = gone.url
    with Relay(origin_of(url, "127.0.0.1"), rules()) as relay:
        assert through(relay, "GET", f"{url}/").status_code == 502
        assert (relay.traffic.failed, relay.traffic.answered) == (1, 0)


def raw_server(*answers: bytes) -> tuple[int, threading.Thread]:
    """A server that gives each of its connections one answer and closes it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener:
            for data in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(1 << 16)
                    connection.sendall(data)

    thread = threading.Thread(target=serve)
    thread.start()
    return listener.getsockname()[1], thread


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (CHUNKED, "hello"),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok", "ok"),
    ],
)
def test_answers_of_every_form_arrive_whole(data: bytes, text: str) -> None:
    port, thread = raw_server(data)
    with Relay(Origin("http", "127.0.0.1", port, "127.0.0.1"), rules()) as relay:
        assert through(relay, "GET", f"http://127.0.0.1:{port}/").text == text
        assert (relay.traffic.answered, relay.traffic.failed) == (1, 0)
    thread.join()


@pytest.mark.parametrize(
    "data", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", b"nonsense\r\n\r\n", b"HTTP/1.1 x\r\n\r\n"]
)
def test_half_an_answer_is_no_answer(data: bytes) -> None:
    port, thread = raw_server(data)
    with Relay(Origin("http", "127.0.0.1", port, "127.0.0.1"), rules()) as relay:
        try:
            said = through(relay, "GET", f"http://127.0.0.1:{port}/").status_code
        except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError):
            said = 502
        assert said == 502
        assert (relay.traffic.answered, relay.traffic.failed) == (0, 1)
    thread.join()


def test_malformed_requests_of_attacks_pass_as_they_are(shop: Site) -> None:
    with (
        Relay(origin_of(shop.url, "127.0.0.1"), rules()) as relay,
        socket.create_connection(("127.0.0.1", relay.port)) as connection,
    ):
        line = f'GET {shop.url}/a%00"<q>|{{}} HTTP/1.1\r\nHost: 127.0.0.1:{shop.port}\r\nX-Odd:\x01\r\n\r\n'
        connection.sendall(line.encode())
        assert connection.recv(1 << 16).startswith(b"HTTP/1.")
    assert [one.path for one in shop.asked] == ['/a%00"<q>|{}']


def test_what_is_told_apart_is_limited() -> None:
    tally = Tally()
    for number in range(LIMIT + 10):
        tally.answer("GET", f"/{number}", 200)
    for number in range(200):
        tally.refuse(f"{number}.example:80")
    assert (len(tally.traffic.answers), tally.traffic.more, tally.traffic.answered) == (LIMIT, 10, LIMIT + 10)
    assert (len(tally.traffic.refused), tally.traffic.refused["others"]) == (101, 100)
