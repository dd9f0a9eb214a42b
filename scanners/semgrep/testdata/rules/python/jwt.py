import os

import jwt
from jose import jwt as jose_jwt

SIGNING_KEY = "not-a-real-key"


def read(token, key):
    # ruleid: python-jwt-verification-off
    jwt.decode(token, options={"verify_signature": False})
    # ruleid: python-jwt-verification-off
    jwt.decode(token, key, verify=False)
    # ruleid: python-jwt-none-algorithm
    jwt.decode(token, key, algorithms=["HS256", "none"])
    # ruleid: python-jwt-none-algorithm
    jwt.encode({}, None, algorithm="none")
    # ok: python-jwt-none-algorithm
    jwt.decode(token, key, algorithms=["HS256"])
    options = {"verify_exp": True, "verify_signature": False}
    # ruleid: python-jwt-verification-off
    jwt.decode(token, key, options=options)
    # ruleid: python-jwt-verification-off
    jose_jwt.get_unverified_claims(token)
    # ok: python-jwt-verification-off
    jwt.decode(token, key, algorithms=["RS256"])
    # ok: python-jwt-verification-off
    jwt.decode(token, key, algorithms=["RS256"], options={"verify_exp": False})
    # ok: python-jwt-verification-off
    jwt.get_unverified_header(token)


def issue(claims, token):
    # ruleid: python-jwt-hardcoded-secret
    jwt.encode(claims, "not-a-real-key", algorithm="HS256")
    # ruleid: python-jwt-hardcoded-secret
    jwt.decode(token, SIGNING_KEY, algorithms=["HS256"])
    # ok: python-jwt-hardcoded-secret
    jwt.encode(claims, os.environ["JWT_KEY"], algorithm="HS256")
    # ok: python-jwt-hardcoded-secret
    jwt.decode(token, "", algorithms=["HS256"])
