import hashlib


def store(password, user, data, passwords):
    # ruleid: python-weak-password-hash
    a = hashlib.sha256(password.encode()).hexdigest()
    # ruleid: python-weak-password-hash
    b = hashlib.md5((user.salt + user.password).encode())
    # ok: python-weak-password-hash
    c = passwords.hash(password)
    # ruleid: python-weak-password-hash
    hashlib.sha1(user.pin.encode())
    # ruleid: python-weak-password-hash
    hashlib.sha256(form["security_answer"].encode())
    # ok: python-weak-password-hash
    hashlib.sha256(pinned_version.encode())
    # ok: python-weak-password-hash
    d = hashlib.sha256(data).hexdigest()
    # ok: python-weak-password-hash
    e = hashlib.sha256(user.password_hash.encode())
    return a, b, c, d, e
