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
