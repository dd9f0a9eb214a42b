package example;

import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import javax.naming.InitialContext;
import javax.naming.directory.DirContext;
import javax.script.ScriptEngine;
import javax.servlet.http.HttpServletRequest;
import javax.xml.xpath.XPath;
import org.apache.velocity.app.Velocity;
import org.springframework.expression.ExpressionParser;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.*;

class Injection {
    private static final Map<String, String> COLUMNS = Map.of("name", "name");

    void users(HttpServletRequest request, Connection connection, Statement statement) throws Exception {
        String name = request.getParameter("name");
        // ruleid: java-sql-injection
        statement.executeQuery("SELECT id FROM users WHERE name = '" + name + "'");
        String sql = String.format("DELETE FROM users WHERE name = '%s'", name);
        // ruleid: java-sql-injection
        statement.execute(sql);
        // ruleid: java-sql-injection
        connection.prepareStatement("SELECT id FROM users WHERE name = '" + request.getHeader("X-Name") + "'");
        // ok: java-sql-injection
        var prepared = connection.prepareStatement("SELECT id FROM users WHERE name = ?");
        // ok: java-sql-injection
        prepared.setString(1, name);
        // ok: java-sql-injection
        statement.executeQuery("SELECT id FROM users WHERE id = " + Integer.parseInt(request.getParameter("id")));
        // ok: java-sql-injection
        statement.executeQuery("SELECT id FROM users ORDER BY " + COLUMNS.get(request.getParameter("sort")));
        String sort = request.getParameter("sort");
        if (!List.of("name", "age").contains(sort)) {
            return;
        }
        // ok: java-sql-injection
        statement.executeQuery("SELECT id FROM users ORDER BY " + sort);
    }

    @GetMapping("/users")
    List<String> springUsers(@RequestParam("name") String name, @RequestParam int page, JdbcTemplate jdbcTemplate) {
        // ok: java-sql-injection
        jdbcTemplate.queryForList("SELECT name FROM users WHERE name = ?", String.class, name);
        // ok: java-sql-injection
        jdbcTemplate.queryForList("SELECT name FROM users LIMIT " + page, String.class);
        // ruleid: java-sql-injection
        return jdbcTemplate.queryForList("SELECT name FROM users WHERE name = '" + name + "'", String.class);
    }

    @PostMapping("/search")
    Object search(@Valid @RequestBody Search search) {
        // ruleid: java-sql-injection
        return entityManager.createNativeQuery("SELECT * FROM t WHERE a = '" + search.getName() + "'").getResultList();
    }

    @GET
    @Path("/{id}")
    Object jaxrs(@PathParam("id") String id, @QueryParam("sort") final String sort) throws Exception {
        // ruleid: java-sql-injection
        return entityManager.createQuery("FROM Item i WHERE i.id = " + id + " ORDER BY " + sort).getResultList();
    }

    void jobs(Statement statement, String owner, String table) throws Exception {
        // ruleid: java-sql-string-building
        statement.executeQuery("SELECT * FROM jobs WHERE owner = '" + owner + "'");
        // ok: java-sql-string-building
        statement.executeQuery("SELECT count(*) FROM " + table);
        // ok: java-sql-string-building
        connection.prepareStatement("SELECT * FROM jobs WHERE owner = ?");
    }

    @GetMapping("/ping")
    void ping(@RequestParam String host, HttpServletRequest req) throws Exception {
        // ruleid: java-command-injection
        Runtime.getRuntime().exec("ping -c 1 " + host);
        // ruleid: java-command-injection
        new ProcessBuilder("sh", "-c", "ping " + host).start();
        // ruleid: java-command-injection
        new ProcessBuilder(req.getParameter("program")).start();
        // ruleid: java-command-injection
        Runtime.getRuntime().exec(new String[] {"bash", "-c", "ping " + host});
        // ok: java-command-injection
        new ProcessBuilder("ping", "-c", "1", "--", host).start();
        if (!host.matches("[a-z0-9.-]+")) {
            return;
        }
        // ok: java-command-injection
        Runtime.getRuntime().exec("ping -c 1 " + host);
    }

    void archive(String folder) throws Exception {
        // ruleid: java-shell-command-dynamic
        new ProcessBuilder("sh", "-c", "tar czf out.tgz " + folder).start();
        ProcessBuilder builder = new ProcessBuilder();
        // ruleid: java-shell-command-dynamic
        builder.command("bash", "-c", folder);
        // ok: java-shell-command-dynamic
        new ProcessBuilder("sh", "-c", "tar czf out.tgz /srv").start();
        // ok: java-shell-command-dynamic
        new ProcessBuilder("tar", "czf", "out.tgz", folder).start();
    }

    @PostMapping("/calc")
    Object calc(@RequestBody String expression, ExpressionParser parser, ScriptEngine engine) throws Exception {
        // ruleid: java-code-injection
        engine.eval(expression);
        // ruleid: java-code-injection
        Class.forName(expression);
        // ok: java-code-injection
        parser.parseExpression("name.length()");
        // ruleid: java-code-injection
        return parser.parseExpression(expression).getValue();
    }

    @GetMapping("/hello")
    void hello(@RequestParam String name, java.io.Writer out) throws Exception {
        // ruleid: java-template-injection
        Velocity.evaluate(context, out, "hello", "Hello " + name);
        context.put("name", name);
        // ok: java-template-injection
        Velocity.evaluate(context, out, "hello", "Hello $name");
    }

    @GetMapping("/lookup")
    Object lookup(@RequestParam String name, InitialContext context) throws Exception {
        // ok: java-jndi-injection
        context.lookup("java:comp/env/jdbc/shop");
        // ruleid: java-jndi-injection
        return context.lookup(name);
    }

    void people(HttpServletRequest request, DirContext directory) throws Exception {
        String uid = request.getParameter("uid");
        // ruleid: java-ldap-injection
        directory.search("dc=example", "(uid=" + uid + ")", controls);
        // ok: java-ldap-injection
        directory.search("dc=example", "(uid={0})", new Object[] {uid}, controls);
    }

    void nodes(HttpServletRequest request, XPath xpath, Object document) throws Exception {
        String name = request.getParameter("name");
        // ruleid: java-xpath-injection
        xpath.evaluate("//user[@name='" + name + "']", document);
        // ok: java-xpath-injection
        xpath.evaluate("//user[@name = $name]", document);
    }

    void grep(HttpServletRequest request) {
        // ruleid: java-regex-injection
        Pattern.compile(request.getParameter("pattern"));
        // ok: java-regex-injection
        Pattern.compile(Pattern.quote(request.getParameter("term")));
        // ok: java-regex-injection
        Pattern.compile("a+b").matcher(request.getParameter("term"));
    }

    void audit(HttpServletRequest request) {
        String name = request.getParameter("name");
        // ruleid: java-log-injection
        log.warn("login failed for " + name);
        // ruleid: java-log-injection
        log.warn("login failed for {}", name);
        // ok: java-log-injection
        log.warn("login failed for {}", name.replaceAll("[\r\n]", "_"));
        // ok: java-log-injection
        log.warn("{} characters", name.length());
    }
}
