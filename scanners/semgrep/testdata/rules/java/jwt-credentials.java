package example;

import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import java.sql.DriverManager;
import javax.crypto.spec.SecretKeySpec;
import javax.servlet.http.HttpServletRequest;

class JwtCredentials {
    private static final String SIGNING_KEY = "not-a-real-key";

    void read(HttpServletRequest request, String token, Key key, JWTVerifier verifier) {
        // ruleid: java-jwt-none-algorithm
        JWT.create().sign(Algorithm.none());
        // ruleid: java-jwt-none-algorithm
        Jwts.parser().setSigningKey(key).parse(token);
        // ok: java-jwt-none-algorithm
        Jwts.parser().verifyWith(key).build().parseSignedClaims(token);

        // ruleid: java-jwt-unverified-decode
        JWT.decode(request.getHeader("Authorization"));
        String cookie = request.getHeader("X-Token");
        verifier.verify(cookie);
        // ok: java-jwt-unverified-decode
        JWT.decode(cookie);
        // ok: java-jwt-unverified-decode
        JWT.decode(ownToken());

        // ruleid: java-jwt-hardcoded-secret
        Algorithm.HMAC256("not-a-real-key");
        // ruleid: java-jwt-hardcoded-secret
        Jwts.builder().signWith(SignatureAlgorithm.HS256, SIGNING_KEY);
        // ok: java-jwt-hardcoded-secret
        Algorithm.HMAC256(System.getenv("JWT_KEY"));
    }

    void connect(HikariConfig config, User user, String password) throws Exception {
        // ruleid: java-hardcoded-credentials
        DriverManager.getConnection("jdbc:postgresql://db/shop", "shop", "not-a-real-password");
        // ruleid: java-hardcoded-credentials
        config.setPassword("not-a-real-password");
        // ruleid: java-hardcoded-credentials
        DriverManager.getConnection("jdbc:mysql://db/shop?user=shop&password=not-a-real-password");
        // ok: java-hardcoded-credentials
        DriverManager.getConnection("jdbc:postgresql://db/shop", "shop", System.getenv("DB_PASSWORD"));
        // ok: java-hardcoded-credentials
        config.setPassword(password);
        // ok: java-hardcoded-credentials
        user.setPassword("********");
    }

    void boxes(byte[] key) {
        // ruleid: java-hardcoded-crypto-key
        new SecretKeySpec("not-a-real-key..".getBytes(), "AES");
        byte[] fixed = "not-a-real-key..".getBytes();
        // ruleid: java-hardcoded-crypto-key
        new SecretKeySpec(fixed, "AES");
        // ok: java-hardcoded-crypto-key
        new SecretKeySpec(key, "AES");
    }
}
