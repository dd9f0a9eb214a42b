package example;

import java.security.*;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.*;

class Crypto {
    void checksum(byte[] data) throws Exception {
        // ruleid: java-weak-hash
        MessageDigest.getInstance("MD5").digest(data);
        // ruleid: java-weak-hash
        Signature.getInstance("SHA1withRSA");
        // ruleid: java-weak-hash
        DigestUtils.sha1Hex(data);
        // ok: java-weak-hash
        MessageDigest.getInstance("SHA-256").digest(data);
    }

    void ciphers(byte[] iv) throws Exception {
        // ruleid: java-weak-cipher
        Cipher.getInstance("DES/CBC/PKCS5Padding");
        // ruleid: java-weak-cipher
        Cipher.getInstance("RC4");
        // ok: java-weak-cipher
        Cipher.getInstance("AES/GCM/NoPadding");

        // ruleid: java-cipher-ecb
        Cipher.getInstance("AES");
        // ruleid: java-cipher-ecb
        Cipher.getInstance("AES/ECB/PKCS5Padding");
        // ok: java-cipher-ecb
        Cipher.getInstance("AES/CBC/PKCS5Padding");

        // ruleid: java-rsa-without-oaep
        Cipher.getInstance("RSA/ECB/NoPadding");
        // ok: java-rsa-without-oaep
        Cipher.getInstance("RSA/ECB/OAEPWithSHA-256AndMGF1Padding");

        // ruleid: java-static-iv
        new IvParameterSpec("0123456789abcdef".getBytes());
        // ruleid: java-static-iv
        new GCMParameterSpec(128, new byte[12]);
        // ok: java-static-iv
        new IvParameterSpec(iv);
    }

    void keys() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        // ruleid: java-weak-key-size
        generator.initialize(1024);
        // ok: java-weak-key-size
        generator.initialize(3072);
    }

    String generateToken(Random random, SecureRandom secure, User user) {
        // ruleid: java-insecure-randomness
        String otp = String.valueOf(new Random().nextInt(999999));
        // ruleid: java-insecure-randomness
        user.resetToken = Long.toHexString(random.nextLong());
        // ok: java-insecure-randomness
        int delay = random.nextInt(1000);
        // ok: java-insecure-randomness
        String nonce = Long.toHexString(secure.nextLong());
        // ruleid: java-insecure-randomness
        return "t" + Math.random();
    }
}
