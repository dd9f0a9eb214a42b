const jwt = require("jsonwebtoken");
const SIGNING_KEY = "not-a-real-key";

function read(token, key) {
  // ruleid: javascript-jwt-none-algorithm
  jwt.verify(token, key, { algorithms: ["HS256", "none"] });
  // ruleid: javascript-jwt-none-algorithm
  jwt.verify(token, null);
  // ruleid: javascript-jwt-none-algorithm
  jwt.sign({ id: 1 }, key, { algorithm: "none" });
  // ok: javascript-jwt-none-algorithm
  jwt.verify(token, key, { algorithms: ["RS256"] });
  // ok: javascript-jwt-none-algorithm
  jwt.sign({ id: 1 }, key, { algorithm: "RS256" });

  // ruleid: javascript-jwt-hardcoded-secret
  jwt.sign({ id: 1 }, "not-a-real-key", { expiresIn: "1h" });
  // ruleid: javascript-jwt-hardcoded-secret
  jwt.verify(token, SIGNING_KEY);
  // ok: javascript-jwt-hardcoded-secret
  jwt.sign({ id: 1 }, process.env.JWT_KEY);
  // ok: javascript-jwt-hardcoded-secret
  jwt.verify(token, key);
}

app.get("/me", (req, res) => {
  const token = req.headers.authorization.split(" ")[1];
  // ruleid: javascript-jwt-unverified-decode
  const claims = jwt.decode(token);
  res.json(claims);
});

app.get("/you", (req, res) => {
  const token = req.cookies.token;
  jwt.verify(token, process.env.JWT_KEY);
  // ok: javascript-jwt-unverified-decode
  res.json(jwt.decode(token));
});

// ok: javascript-jwt-unverified-decode
jwt.decode(localStorage.getItem("token"));

const bearer = (req) => (req.headers.authorization || "").replace(/^Bearer /, "");

function readFrom(incoming) {
  const parts = incoming.headers.authorization.split(" ");
  if (parts.length < 2) return undefined;
  return incoming.cookies.token || incoming.headers["x-token"];
}

const ours = (name) => localStorage.getItem(name);

app.get("/account", (req, res) => {
  // ruleid: javascript-jwt-unverified-decode
  const customer = jwt.decode(bearer(req));
  // ruleid: javascript-jwt-unverified-decode
  const other = jwt.decode(readFrom(req), { complete: true });
  const token = extractToken(req, { cookies: true });
  // ruleid: javascript-jwt-unverified-decode
  const third = jwtDecode(token);
  // ok: javascript-jwt-unverified-decode
  const local = jwtDecode(ours("token"));
  // ok: javascript-jwt-unverified-decode
  const checked = jwt.decode(verifiedToken(req));
  res.json({ customer, other, third, local, checked });
});
