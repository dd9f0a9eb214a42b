import hashlib
import os
import random
import secrets

from Crypto.Cipher import AES, ARC4, DES
from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def checksum(data):
    # ruleid: python-weak-hash
    hashlib.md5(data).hexdigest()
    # ruleid: python-weak-hash
    hashlib.sha1()
    # ruleid: python-weak-hash
    hashlib.new("md5", data)
    # ruleid: python-weak-hash
    hashes.MD5()
    # ok: python-weak-hash
    hashlib.md5(data, usedforsecurity=False)
    # ok: python-weak-hash
    hashlib.sha256(data)


def encrypt(key, data, iv):
    # ruleid: python-weak-cipher
    DES.new(key, DES.MODE_CBC, iv)
    # ruleid: python-weak-cipher
    ARC4.new(key)
    # ruleid: python-weak-cipher
    Cipher(algorithms.TripleDES(key), modes.CBC(iv))
    # ok: python-weak-cipher
    AES.new(key, AES.MODE_GCM)
    # ok: python-weak-cipher
    Cipher(algorithms.AES(key), modes.GCM(iv))

    # ruleid: python-cipher-ecb
    AES.new(key, AES.MODE_ECB)
    # ruleid: python-cipher-ecb
    Cipher(algorithms.AES(key), modes.ECB())
    # ok: python-cipher-ecb
    AES.new(key, AES.MODE_CBC, iv)

    # ruleid: python-static-iv
    AES.new(key, AES.MODE_CBC, b"0123456789abcdef")
    # ruleid: python-static-iv
    AES.new(key, AES.MODE_CBC, iv=b"\x00" * 16)
    # ruleid: python-static-iv
    Cipher(algorithms.AES(key), modes.CTR(b"0123456789abcdef"))
    # ruleid: python-static-iv
    AESGCM(key).encrypt(b"000000000000", data, None)
    # ok: python-static-iv
    AES.new(key, AES.MODE_CBC, os.urandom(16))
    # ok: python-static-iv
    Cipher(algorithms.AES(key), modes.CTR(iv))


def keys():
    # ruleid: python-weak-key-size
    rsa.generate_private_key(public_exponent=65537, key_size=1024)
    # ruleid: python-weak-key-size
    RSA.generate(1024)
    # ok: python-weak-key-size
    rsa.generate_private_key(public_exponent=65537, key_size=3072)
    # ok: python-weak-key-size
    RSA.generate(4096)


def make_token(alphabet, user, weights):
    # ruleid: python-insecure-randomness
    token = "".join(random.choice(alphabet) for _ in range(32))
    # ruleid: python-insecure-randomness
    user.reset_token = str(random.randint(0, 999999))
    # ruleid: python-insecure-randomness
    User(name="a", api_key=random.getrandbits(128))
    # ok: python-insecure-randomness
    color = random.choice(["red", "green"])
    # ok: python-insecure-randomness
    next_tokens = random.choices(alphabet, weights)
    # ok: python-insecure-randomness
    password = secrets.token_urlsafe(16)
    # ok: python-insecure-randomness
    otp = random.SystemRandom().randint(0, 999999)
    # ruleid: python-insecure-randomness
    return random.randbytes(16)


def sign_in(request, user, sessions, redirects):
    # ruleid: python-insecure-randomness
    request.session["csrf"] = hashlib.sha256(str(random.random()).encode()).hexdigest()
    # ruleid: python-insecure-randomness
    session_id: str = hex(random.getrandbits(64))
    # ruleid: python-insecure-randomness
    paymentToken = f"{user.id}-{random.randint(0, 9999):04}"
    # ruleid: python-insecure-randomness
    save({"user": user.id, "invite_code": "%06d" % random.randrange(1000000)})
    # ok: python-insecure-randomness
    session = random.choice(sessions)
    # ok: python-insecure-randomness
    session = open_session(user, random.random())
    # ok: python-insecure-randomness
    use_token = random.random() < 0.5
    # ok: python-insecure-randomness
    status_code = random.choice(redirects)
    # ok: python-insecure-randomness
    token_count = random.randint(1, 5)


def issue_voucher(alphabet):
    # ruleid: python-insecure-randomness
    code = "".join(random.choice(alphabet) for _ in range(10))
    return code


class Invitation:
    def __init__(self, alphabet):
        # ruleid: python-insecure-randomness
        self.code = "".join(random.choices(alphabet, k=8))


async def new_password_for(user, alphabet):
    result = ""
    for _ in range(10):
        # ruleid: python-insecure-randomness
        result += random.choice(alphabet)
    # ok: python-insecure-randomness
    delay = random.uniform(0, 1)
    await sleep(delay)
    return result


def generatePin():
    # ruleid: python-insecure-randomness
    digits = random.randint(1000, 9999)
    return str(digits)


def shuffle_tokens(tokens):
    # ok: python-insecure-randomness
    return random.sample(tokens, len(tokens))


def answer():
    # ok: python-insecure-randomness
    code = random.randrange(300, 308)
    return code
