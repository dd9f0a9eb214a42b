package example;

import java.io.PrintWriter;
import java.net.URI;
import java.net.URL;
import java.util.*;
import javax.servlet.http.*;
import org.springframework.web.bind.annotation.*;

@RestController
class Web {
    private static final Set<String> ALLOWED = Set.of("https://shop.example.com");
    private static final Map<String, String> HOSTS = Map.of("eu", "eu.example.com");
    private static final String API_URL = "https://api.example.com";

    // ruleid: java-cors-wildcard-credentials
    @CrossOrigin(origins = "*", allowCredentials = "true")
    void open() {}

    // ok: java-cors-wildcard-credentials
    @CrossOrigin(origins = "*")
    void publicData() {}

    void cors(CorsRegistry registry, CorsConfiguration config) {
        // ruleid: java-cors-wildcard-credentials
        registry.addMapping("/api/**").allowedOriginPatterns("*").allowedMethods("*").allowCredentials(true);
        // ok: java-cors-wildcard-credentials
        registry.addMapping("/api/**").allowedOrigins("https://shop.example.com").allowCredentials(true);
        // ruleid: java-cors-wildcard-credentials
        config.addAllowedOriginPattern("*");
        config.setAllowCredentials(true);
    }

    void origin(HttpServletRequest request, HttpServletResponse response) {
        // ruleid: java-cors-reflected-origin
        response.setHeader("Access-Control-Allow-Origin", request.getHeader("Origin"));
        String origin = request.getHeader("Origin");
        if (ALLOWED.contains(origin)) {
            // ok: java-cors-reflected-origin
            response.setHeader("Access-Control-Allow-Origin", origin);
        }
        // ok: java-cors-reflected-origin
        response.setHeader("Access-Control-Allow-Origin", "https://shop.example.com");
    }

    void login(HttpServletResponse response, String value) {
        // ruleid: java-cookie-missing-flags
        Cookie cookie = new Cookie("session", value);
        cookie.setHttpOnly(true);
        response.addCookie(cookie);
    }

    void safeLogin(HttpServletResponse response, String value) {
        // ok: java-cookie-missing-flags
        Cookie cookie = new Cookie("session", value);
        cookie.setSecure(true);
        cookie.setHttpOnly(true);
        response.addCookie(cookie);
        // ok: java-cookie-missing-flags
        Cookie language = new Cookie("language", value);
        response.addCookie(language);
    }

    void offLogin(HttpServletResponse response, String value) {
        Cookie cookie = new Cookie("access_token", value);
        // ruleid: java-cookie-missing-flags
        cookie.setSecure(false);
        cookie.setHttpOnly(true);
        response.addCookie(cookie);
    }

    void go(HttpServletRequest request, HttpServletResponse response) throws Exception {
        // ruleid: java-open-redirect
        response.sendRedirect(request.getParameter("next"));
        // ok: java-open-redirect
        response.sendRedirect("/search?q=" + request.getParameter("q"));
        // ok: java-open-redirect
        response.sendRedirect("/home");
        String next = request.getParameter("next");
        if (!ALLOWED.contains(next)) {
            return;
        }
        // ok: java-open-redirect
        response.sendRedirect(next);
    }

    @GetMapping("/leave")
    String leave(@RequestParam String to) {
        // ruleid: java-open-redirect
        return "redirect:" + to;
    }

    @PostMapping("/preview")
    Object preview(@RequestParam("url") String url, @PathVariable String item, @RequestBody Hook hook) throws Exception {
        // ruleid: java-ssrf
        new URL(url).openStream();
        // ruleid: java-ssrf
        HttpRequest.newBuilder(URI.create(hook.getAddress()));
        // ok: java-ssrf
        new URL("https://api.example.com/items/" + item).openStream();
        // ok: java-ssrf
        restTemplate.getForObject(API_URL + "/items/" + item, String.class);
        // ok: java-ssrf
        new URL("https://" + HOSTS.get(url) + "/status").openStream();
        // ruleid: java-ssrf
        return restTemplate.getForObject(url, String.class);
    }

    void hello(HttpServletRequest request, HttpServletResponse response) throws Exception {
        String name = request.getParameter("name");
        // ruleid: java-xss-reflected
        response.getWriter().println("<h1>Hello " + name + "</h1>");
        PrintWriter out = response.getWriter();
        // ruleid: java-xss-reflected
        out.write(name);
        // ok: java-xss-reflected
        out.write(Encode.forHtml(name));
        // ok: java-xss-reflected
        out.write("<h1>Hello</h1>");
    }

    void plain(HttpServletRequest request, HttpServletResponse response) throws Exception {
        response.setContentType("text/plain");
        // ok: java-xss-reflected
        response.getWriter().println(request.getParameter("name"));
    }

    @GetMapping("/hi")
    String hi(@RequestParam String name) {
        // ruleid: java-xss-reflected
        return "<h1>Hi " + name + "</h1>";
    }
}
