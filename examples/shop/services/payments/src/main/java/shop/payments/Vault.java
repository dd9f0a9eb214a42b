package shop.payments;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Tokens, digests and ciphers. */
final class Vault {

    private static final Random RANDOM = new Random();
    private static final SecureRandom STRONG = new SecureRandom();
    private static final SecretKey KEY = new SecretKeySpec(strong(32), "AES");

    private Vault() {}

    static String paymentToken() {
        return Long.toHexString(RANDOM.nextLong());
    }

    static String receiptToken() {
        return HexFormat.of().formatHex(strong(16));
    }

    static String pinDigest(String pin) throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("MD5");
        return HexFormat.of().formatHex(digest.digest(pin.getBytes(StandardCharsets.UTF_8)));
    }

    static String tag(String text) throws GeneralSecurityException {
        MessageDigest digest = MessageDigest.getInstance("SHA-1"); // devsecops: ignore[java-weak-hash] an ETag, no secret
        return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    static String encrypt(String text) throws GeneralSecurityException {
        byte[] start = strong(12);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, KEY, new GCMParameterSpec(128, start));
        byte[] sealed = cipher.doFinal(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(start) + Base64.getEncoder().encodeToString(sealed);
    }

    private static byte[] strong(int length) {
        byte[] bytes = new byte[length];
        STRONG.nextBytes(bytes);
        return bytes;
    }
}
