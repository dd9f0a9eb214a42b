import ssl

import aiohttp
import asyncssh
import httpx
import paramiko
import requests
import urllib3
from OpenSSL import SSL


def fetch(url, session):
    # ruleid: python-tls-verification-off
    requests.get(url, timeout=5, verify=False)
    # ruleid: python-tls-verification-off
    httpx.AsyncClient(verify=False)
    # ruleid: python-tls-verification-off
    session.post(url, json={}, verify=False)
    # ruleid: python-tls-verification-off
    session.verify = False
    # ruleid: python-tls-verification-off
    ssl._create_default_https_context = ssl._create_unverified_context
    # ruleid: python-tls-verification-off
    aiohttp.TCPConnector(ssl=False)
    # ruleid: python-tls-verification-off
    urllib3.PoolManager(cert_reqs="CERT_NONE")
    # ok: python-tls-verification-off
    requests.get(url, verify="/etc/ssl/private-ca.pem")
    # ok: python-tls-verification-off
    requests.get(url, verify=True)
    # ok: python-tls-verification-off
    token.decode(verify=False)
    # ok: python-tls-verification-off
    session.get(url, stream=False)


def context():
    ctx = ssl.create_default_context()
    # ok: python-tls-verification-off
    ctx.check_hostname = False
    # ruleid: python-tls-verification-off
    ctx.verify_mode = ssl.CERT_NONE
    other = ssl.create_default_context()
    # ruleid: python-tls-verification-off
    other.check_hostname = False
    # ok: python-tls-verification-off
    other.verify_mode = ssl.CERT_REQUIRED

    # ruleid: python-tls-old-version
    ssl.SSLContext(ssl.PROTOCOL_TLSv1)
    # ruleid: python-tls-old-version
    ctx.minimum_version = ssl.TLSVersion.TLSv1_1
    # ruleid: python-tls-old-version
    SSL.Context(SSL.TLSv1_METHOD)
    # ok: python-tls-old-version
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # ok: python-tls-old-version
    ctx.minimum_version = ssl.TLSVersion.TLSv1_2


async def remote(host):
    client = paramiko.SSHClient()
    # ruleid: python-ssh-host-key-ignored
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    # ruleid: python-ssh-host-key-ignored
    await asyncssh.connect(host, known_hosts=None)
    # ok: python-ssh-host-key-ignored
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    # ok: python-ssh-host-key-ignored
    await asyncssh.connect(host)
