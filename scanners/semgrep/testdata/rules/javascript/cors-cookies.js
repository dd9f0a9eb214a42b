const cors = require("cors");
const session = require("express-session");
const ALLOWED = new Set(["https://shop.example.com"]);

// ruleid: javascript-cors-wildcard-credentials
app.use(cors({ origin: true, credentials: true }));
// ruleid: javascript-cors-wildcard-credentials
app.use(cors({ credentials: true, methods: ["GET"], origin: "*" }));
// ruleid: javascript-cors-wildcard-credentials
app.use(cors({ origin: (origin, done) => done(null, true), credentials: true }));
// ok: javascript-cors-wildcard-credentials
app.use(cors({ origin: ["https://shop.example.com"], credentials: true }));
// ok: javascript-cors-wildcard-credentials
app.use(cors({ origin: "*" }));

app.use((req, res, next) => {
  // ruleid: javascript-cors-reflected-origin
  res.setHeader("Access-Control-Allow-Origin", req.headers.origin);
  // ruleid: javascript-cors-reflected-origin
  res.header("Access-Control-Allow-Origin", req.get("Origin") || "*");
  if (ALLOWED.has(req.headers.origin)) {
    // ok: javascript-cors-reflected-origin
    res.setHeader("Access-Control-Allow-Origin", req.headers.origin);
  }
  const origin = req.headers.origin;
  if (ALLOWED.has(origin)) {
    // ok: javascript-cors-reflected-origin
    res.setHeader("Access-Control-Allow-Origin", origin);
  }
  // ok: javascript-cors-reflected-origin
  res.setHeader("Access-Control-Allow-Origin", "https://shop.example.com");
  next();
});

app.post("/login", (req, res) => {
  // ruleid: javascript-cookie-missing-flags
  res.cookie("session", value);
  // ruleid: javascript-cookie-missing-flags
  res.cookie("access_token", value, { httpOnly: true });
  // ruleid: javascript-cookie-missing-flags
  res.cookie("sid", value, { httpOnly: true, secure: false });
  // ok: javascript-cookie-missing-flags
  res.cookie("session", value, { httpOnly: true, secure: true, sameSite: "lax" });
  // ok: javascript-cookie-missing-flags
  res.cookie("session", value, { ...COOKIE_OPTIONS, maxAge: 1000 });
  // ok: javascript-cookie-missing-flags
  res.cookie("session", value, COOKIE_OPTIONS);
  // ok: javascript-cookie-missing-flags
  res.cookie("language", "en");
});

// ruleid: javascript-cookie-missing-flags
app.use(session({ name: "s", cookie: { maxAge: 1000, secure: false } }));
// ok: javascript-cookie-missing-flags
app.use(session({ name: "s", cookie: { secure: true } }));
