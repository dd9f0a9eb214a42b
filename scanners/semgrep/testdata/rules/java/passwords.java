package example;

import java.security.MessageDigest;

class Passwords {
    void store(User user, String password, byte[] data, MessageDigest digest) {
        // ruleid: java-weak-password-hash
        digest.digest(password.getBytes());
        // ruleid: java-weak-password-hash
        user.stored = DigestUtils.sha256Hex(user.salt + user.getPassword() + password);
        // ok: java-weak-password-hash
        digest.digest(data);
        // ok: java-weak-password-hash
        encoder.encode(password);
    }

    PasswordEncoder encoder() {
        // ruleid: java-plaintext-password-encoder
        return NoOpPasswordEncoder.getInstance();
    }

    PasswordEncoder other() {
        // ok: java-plaintext-password-encoder
        return PasswordEncoderFactories.createDelegatingPasswordEncoder();
    }
}
