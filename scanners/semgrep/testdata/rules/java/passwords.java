package example;

import java.security.MessageDigest;

class Passwords {
    void store(User user, String password, byte[] data, MessageDigest digest) {
        // ruleid: java-weak-password-hash
        digest.digest(password.getBytes());
        // ruleid: java-weak-password-hash
        user.stored = DigestUtils.sha256Hex(user.salt + user.getPassword() + password);
        // ruleid: java-weak-password-hash
        digest.digest(pin.getBytes(StandardCharsets.UTF_8));
        // ruleid: java-weak-password-hash
        MessageDigest.getInstance("SHA-256").digest(user.getLoginPin().getBytes());
        // ruleid: java-weak-password-hash
        DigestUtils.md5Hex(user.securityAnswer);
        // ok: java-weak-password-hash
        digest.digest(spin.getBytes());
        // ok: java-weak-password-hash
        digest.digest(pinnedMessage.getBytes());
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
