// Front end of the demo shop: pages, sessions and a thin layer over the other services.
// Deliberately vulnerable: see weaknesses.toml.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const https = require("node:https");
const path = require("node:path");

const express = require("express");
const jwt = require("jsonwebtoken");

const CATALOG = process.env.CATALOG_URL || "http://localhost:8001";
const PAYMENTS = process.env.PAYMENTS_URL || "https://localhost:8443";
const RECEIPTS = process.env.WEB_RECEIPTS || path.join(__dirname, "receipts");
const PARTNER_KEY = process.env.WEB_PARTNER_KEY || crypto.randomBytes(32).toString("hex");
const PARTNER_HOSTS = new Set(["tea.example", "cups.example"]);
const PAGES = { account: "/account", cart: "/cart", home: "/" };
const WEEK = 7 * 24 * 60 * 60 * 1000;

const app = express();
app.disable("x-powered-by");
app.use(express.json());
app.use(express.urlencoded({ extended: false }));
app.use(express.static(path.join(__dirname, "public")));

app.use((req, res, next) => {
  res.setHeader("Access-Control-Allow-Origin", req.headers.origin || "*");
  res.setHeader("Access-Control-Allow-Credentials", "true");
  next();
});

const escapeHtml = (text) =>
  String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const bearer = (req) => (req.headers.authorization || "").replace(/^Bearer /, "");

app.get("/health", (req, res) => res.json({ status: "ok" }));

app.get("/search", (req, res) => {
  const term = req.query.q || "";
  res.send(`<h1>Results for ${term}</h1><div id="products" data-catalog="${CATALOG}"></div><script src="/app.js"></script>`);
});

app.get("/hello", (req, res) => {
  res.send(`<h1>Hello ${escapeHtml(req.query.name || "you")}</h1>`);
});

app.post("/login", (req, res) => {
  const session = Math.random().toString(36).slice(2);
  res.cookie("session", session, { maxAge: WEEK });
  res.redirect(req.query.next || "/");
});

app.post("/logout", (req, res) => {
  res.cookie("session", "", { maxAge: 0 }); // nosemgrep: javascript-cookie-missing-flags
  res.redirect(PAGES[req.query.page] || PAGES.home);
});

app.get("/form-token", (req, res) => {
  const token = crypto.randomBytes(24).toString("base64url");
  res.cookie("form", token, { httpOnly: true, secure: true, sameSite: "strict" });
  res.json({ token });
});

app.get("/account", (req, res) => {
  const customer = jwt.decode(bearer(req));
  if (!customer) return res.status(401).json({ error: "not signed in" });
  res.json({ customer: customer.sub, role: customer.role });
});

app.get("/partner/orders", (req, res) => {
  try {
    const partner = jwt.verify(bearer(req), PARTNER_KEY, { algorithms: ["HS256"] });
    res.json({ partner: partner.sub, orders: [] });
  } catch (problem) {
    res.status(401).json({ error: "not a partner" });
  }
});

app.get("/receipts", (req, res) => {
  fs.readFile(path.join(RECEIPTS, req.query.file || "latest.txt"), "utf8", (problem, text) => {
    if (problem) return res.status(404).json({ error: "no such receipt" });
    res.type("text/plain").send(text);
  });
});

app.post("/cart/total", (req, res) => {
  const { items, discount } = req.body;
  const total = items.reduce((sum, item) => sum + item.price * item.count, 0);
  res.json({ total: discount ? eval(discount.replace("total", total)) : total });
});

app.get("/partner/feed", async (req, res) => {
  const feed = new URL(req.query.url);
  if (!PARTNER_HOSTS.has(feed.hostname)) return res.status(400).json({ error: "unknown partner" });
  const answer = await fetch(feed);
  res.type("application/xml").send(await answer.text());
});

app.get("/payments/health", (req, res) => {
  const agent = new https.Agent({ rejectUnauthorized: false });
  https
    .get(`${PAYMENTS}/health`, { agent }, (answer) => answer.pipe(res))
    .on("error", () => res.status(502).json({ error: "payments is down" }));
});

app.use((problem, req, res, next) => {
  const incident = Math.random().toString(16).slice(2, 10);
  console.error(incident, problem);
  res.status(500).json({ incident });
});

const port = Number(process.env.PORT || 8080);
app.listen(port, () => console.log(`web listens on ${port}`));
