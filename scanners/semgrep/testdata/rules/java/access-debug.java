package example;

import javax.servlet.http.HttpServletResponse;

// ruleid: java-spring-security-debug
@EnableWebSecurity(debug = true)
class Security {
    void rules(HttpSecurity http) throws Exception {
        // ruleid: java-admin-route-permit-all
        http.authorizeHttpRequests(auth -> auth.requestMatchers("/admin/**").permitAll());
        // ruleid: java-admin-route-permit-all
        http.authorizeRequests().antMatchers("/login", "/actuator/**").permitAll();
        // ok: java-admin-route-permit-all
        http.authorizeHttpRequests(auth -> auth.requestMatchers("/admin/**").hasRole("ADMIN"));
        // ok: java-admin-route-permit-all
        http.authorizeHttpRequests(auth -> auth.requestMatchers("/actuator/health", "/public/**").permitAll());
    }

    void failed(HttpServletResponse response, Exception e) throws Exception {
        // ruleid: java-stack-trace-exposed
        e.printStackTrace(response.getWriter());
        // ok: java-stack-trace-exposed
        e.printStackTrace();
        // ok: java-stack-trace-exposed
        response.sendError(500);
    }
}

// ok: java-spring-security-debug
@EnableWebSecurity
class OtherSecurity {}
