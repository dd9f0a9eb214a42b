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

    private static final Random RANDOM = new Random();

    static String paymentToken() {
        // ruleid: java-insecure-randomness
        return Long.toHexString(RANDOM.nextLong());
    }

    void signIn(User user, List<Session> sessions, Random random) {
        // ruleid: java-insecure-randomness
        String session = user.id + "-" + Math.abs(RANDOM.nextLong());
        // ruleid: java-insecure-randomness
        user.setResetCode(String.format("%06d", random.nextInt(1000000)));
        // ruleid: java-insecure-randomness
        int pin = (int) (Math.random() * 9000) + 1000;
        // ruleid: java-insecure-randomness
        String CSRFToken = RandomStringUtils.randomAlphanumeric(20);
        byte[] salt = new byte[16];
        // ruleid: java-insecure-randomness
        random.nextBytes(salt);
        // ok: java-insecure-randomness
        Session pickedSession = sessions.get(random.nextInt(sessions.size()));
        // ok: java-insecure-randomness
        Session otherSession = openSession(user, random.nextInt());
        // ok: java-insecure-randomness
        int maxToken = random.nextInt(5);
        // ok: java-insecure-randomness
        int statusCode = 300 + random.nextInt(8);
        // ok: java-insecure-randomness
        user.setAge(random.nextInt(80));
    }

    private String temporaryPasswordFor(User user) throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            // ruleid: java-insecure-randomness
            text.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
        }
        // ok: java-insecure-randomness
        Thread.sleep(RANDOM.nextInt(100));
        return text.toString();
    }
}

class Vouchers {
    private final Random random = new Random();

    Voucher issue() {
        // ruleid: java-insecure-randomness
        String code = Integer.toString(random.nextInt(), 36);
        return new Voucher(code);
    }
}
