package example;

import java.security.Principal;

@RestController
class ShopController {
    // ruleid: java-admin-route-without-auth
    @DeleteMapping("/admin/orders")
    public Map<String, Integer> clear() throws Exception {
        return Map.of("removed", orders.clear());
    }

    @ResponseBody
    // ruleid: java-admin-route-without-auth
    @PostMapping(path = "/api/v1/admin/prices", consumes = "application/json")
    void raise(@RequestBody Prices prices) {
        shop.raise(prices);
    }

    // ruleid: java-admin-route-without-auth
    @RequestMapping(value = {"/admin", "/admin/home"}, method = RequestMethod.GET)
    String home(Model model) {
        return "home";
    }

    // ok: java-admin-route-without-auth
    @PreAuthorize("hasRole('ADMIN')")
    @DeleteMapping("/admin/users/{id}")
    void remove(@PathVariable long id) {
        users.remove(id);
    }

    // ok: java-admin-route-without-auth
    @DeleteMapping("/admin/carts")
    @RolesAllowed("ADMIN")
    void carts() {
        carts.clear();
    }

    // ok: java-admin-route-without-auth
    @GetMapping("/admin/me")
    String me(Principal principal) {
        return principal.getName();
    }

    // ok: java-admin-route-without-auth
    @PostMapping("/admin/close")
    void close(HttpServletRequest request) {
        if (!request.isUserInRole("ADMIN")) {
            return;
        }
        shop.close();
    }

    // ok: java-admin-route-without-auth
    @GetMapping("/admin/login")
    String login() {
        return "login";
    }

    // ok: java-admin-route-without-auth
    @GetMapping("/administration")
    String guide() {
        return "guide";
    }
}

@RestController
// ruleid: java-admin-route-without-auth
@RequestMapping("/admin/stock")
class StockController {
    @GetMapping("/all")
    List<Item> all() {
        return stock.all();
    }
}

@RestController
// ok: java-admin-route-without-auth
@RequestMapping("/admin/staff")
class StaffController {
    @GetMapping("/all")
    @Secured("ROLE_ADMIN")
    List<Person> all() {
        return staff.all();
    }
}
