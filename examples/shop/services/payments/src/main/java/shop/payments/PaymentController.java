package shop.payments;

import com.auth0.jwt.JWT;
import com.auth0.jwt.interfaces.DecodedJWT;
import java.io.ByteArrayInputStream;
import java.io.ObjectInputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.net.URL;
import java.util.List;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** The HTTP interface of the payments service. */
@RestController
public class PaymentController {

    private static final String BANK = System.getenv().getOrDefault("BANK_URL", "https://bank.example/status");

    private final Ledger ledger;

    public PaymentController(Ledger ledger) {
        this.ledger = ledger;
    }

    @GetMapping("/health")
    public Map<String, String> health() {
        return Map.of("status", "ok");
    }

    @PostMapping("/payments")
    @ResponseStatus(HttpStatus.CREATED)
    public Map<String, String> pay(@RequestBody Map<String, String> order) throws Exception {
        String token = Vault.paymentToken();
        String card = Vault.encrypt(order.get("card")) + ":" + Vault.pinDigest(order.get("pin"));
        ledger.add(token, order.get("customer"), new BigDecimal(order.get("amount")), card);
        return Map.of("token", token, "receipt", Vault.receiptToken());
    }

    @GetMapping("/payments")
    public List<Map<String, Object>> list(@RequestParam String customer) throws Exception {
        return ledger.of(customer);
    }

    @GetMapping("/payments/{token}")
    public List<Map<String, Object>> show(@PathVariable String token) throws Exception {
        return ledger.byToken(token);
    }

    @GetMapping("/me")
    public Map<String, String> me(@RequestHeader("Authorization") String authorization) {
        DecodedJWT customer = JWT.decode(authorization.replaceFirst("^Bearer ", ""));
        return Map.of("customer", customer.getSubject());
    }

    @PostMapping(path = "/statements", consumes = "application/xml")
    public Map<String, String> bankStatement(@RequestBody String statement) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        Document document = factory.newDocumentBuilder().parse(new InputSource(new StringReader(statement)));
        return Map.of("account", document.getDocumentElement().getTextContent());
    }

    @PostMapping(path = "/invoices", consumes = "application/xml")
    public Map<String, String> invoice(@RequestBody String invoice) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        Document document = factory.newDocumentBuilder().parse(new InputSource(new StringReader(invoice)));
        return Map.of("number", document.getDocumentElement().getAttribute("number"), "tag", Vault.tag(invoice));
    }

    @PostMapping(path = "/batches", consumes = "application/octet-stream")
    public Map<String, Object> batch(@RequestBody byte[] body) throws Exception {
        Object batch = new ObjectInputStream(new ByteArrayInputStream(body)).readObject();
        return Map.of("batch", String.valueOf(batch));
    }

    @GetMapping("/fees")
    public Map<String, Object> fee(@RequestParam String formula) {
        Object fee = new SpelExpressionParser().parseExpression(formula).getValue();
        return Map.of("fee", String.valueOf(fee));
    }

    @GetMapping("/bank")
    public Map<String, Object> bank() throws Exception {
        HttpsURLConnection connection = (HttpsURLConnection) new URL(BANK).openConnection();
        connection.setHostnameVerifier((host, session) -> true);
        connection.setConnectTimeout(5000);
        return Map.of("status", connection.getResponseCode());
    }

    @DeleteMapping("/admin/payments")
    public Map<String, Integer> clear() throws Exception {
        return Map.of("removed", ledger.clear());
    }
}
