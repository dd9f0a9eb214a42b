package shop.payments;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;

/** The table of payments. */
@Component
public class Ledger {

    private static final String URL =
            System.getenv().getOrDefault("PAYMENTS_DATABASE", "jdbc:h2:mem:payments;DB_CLOSE_DELAY=-1");

    public Ledger() throws SQLException {
        try (Connection connection = open(); Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS payment "
                    + "(token VARCHAR(40), customer VARCHAR(80), amount DECIMAL(10, 2), card VARCHAR(200))");
        }
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection(URL, "payments", "Kettle-and-3-cups");
    }

    public void add(String token, String customer, BigDecimal amount, String card) throws SQLException {
        try (Connection connection = open();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO payment VALUES (?, ?, ?, ?)")) {
            insert.setString(1, token);
            insert.setString(2, customer);
            insert.setBigDecimal(3, amount);
            insert.setString(4, card);
            insert.executeUpdate();
        }
    }

    public List<Map<String, Object>> of(String customer) throws SQLException {
        try (Connection connection = open(); Statement statement = connection.createStatement()) {
            return rows(statement.executeQuery("SELECT token, amount FROM payment WHERE customer = '" + customer + "'"));
        }
    }

    public List<Map<String, Object>> byToken(String token) throws SQLException {
        try (Connection connection = open();
                PreparedStatement select =
                        connection.prepareStatement("SELECT token, amount FROM payment WHERE token = ?")) {
            select.setString(1, token);
            return rows(select.executeQuery());
        }
    }

    public int clear() throws SQLException {
        try (Connection connection = open(); Statement statement = connection.createStatement()) {
            return statement.executeUpdate("DELETE FROM payment");
        }
    }

    private static List<Map<String, Object>> rows(ResultSet result) throws SQLException {
        List<Map<String, Object>> rows = new ArrayList<>();
        while (result.next()) {
            rows.add(Map.of("token", result.getString(1), "amount", result.getBigDecimal(2)));
        }
        return rows;
    }
}
