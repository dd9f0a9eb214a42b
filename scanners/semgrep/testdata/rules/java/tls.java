package example;

import java.security.cert.X509Certificate;
import javax.net.ssl.*;

class Tls {
    void clients(HttpsURLConnection connection, HostnameVerifier own) throws Exception {
        TrustManager trust = new X509TrustManager() {
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            // ruleid: java-tls-verification-off
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        // ruleid: java-tls-verification-off
        connection.setHostnameVerifier((host, session) -> true);
        // ruleid: java-tls-verification-off
        client.setSSLHostnameVerifier(NoopHostnameVerifier.INSTANCE);
        // ok: java-tls-verification-off
        connection.setHostnameVerifier(own);

        // ruleid: java-tls-old-version
        SSLContext.getInstance("TLSv1");
        // ruleid: java-tls-old-version
        socket.setEnabledProtocols(new String[] {"TLSv1.1", "TLSv1.2"});
        // ok: java-tls-old-version
        SSLContext.getInstance("TLSv1.3");
        // ok: java-tls-old-version
        SSLContext.getInstance("TLS");
    }
}

class Checking implements X509TrustManager {
    // ok: java-tls-verification-off
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        delegate.checkServerTrusted(chain, type);
    }
}

class Careless implements X509TrustManager {
    // ruleid: java-tls-verification-off
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {}
}
