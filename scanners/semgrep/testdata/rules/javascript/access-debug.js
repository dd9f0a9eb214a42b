const express = require("express");
const inspector = require("inspector");

// ruleid: javascript-admin-route-without-auth
app.get("/admin/users", (req, res) => res.json(users));
// ruleid: javascript-admin-route-without-auth
router.post("/api/v1/admin/orders", removeOrders);
// ok: javascript-admin-route-without-auth
app.get("/admin/orders", onlyStaff, (req, res) => res.json(orders));
// ok: javascript-admin-route-without-auth
app.get("/administration-guide", showGuide);

app.use((err, req, res, next) => {
  // ruleid: javascript-stack-trace-exposed
  res.status(500).send(err.stack);
  // ruleid: javascript-stack-trace-exposed
  res.json({ message: "failed", stack: err.stack });
  // ok: javascript-stack-trace-exposed
  res.status(500).send("internal error");
  // ok: javascript-stack-trace-exposed
  logger.error(err.stack);
  if (process.env.NODE_ENV === "development") {
    // ok: javascript-stack-trace-exposed
    res.send(err.stack);
  }
});

// ruleid: javascript-debugger-bound-to-all
inspector.open(9229, "0.0.0.0");
// ok: javascript-debugger-bound-to-all
inspector.open(9229, "127.0.0.1");
