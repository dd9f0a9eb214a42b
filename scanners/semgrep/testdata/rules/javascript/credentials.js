const crypto = require("crypto");
const mysql = require("mysql2");
const mongoose = require("mongoose");
const session = require("express-session");
const cookieSession = require("cookie-session");
const { Pool } = require("pg");

// ruleid: javascript-hardcoded-credentials
mysql.createConnection({ host: "db", user: "shop", password: "not-a-real-password" });
// ruleid: javascript-hardcoded-credentials
new Pool({ host: "db", user: "shop", password: "not-a-real-password" });
// ruleid: javascript-hardcoded-credentials
mongoose.connect("mongodb://shop:not-a-real-password@db/shop");
// ruleid: javascript-hardcoded-credentials
nodemailer.createTransport({ host: "mail", auth: { user: "shop", pass: "not-a-real-password" } });
// ok: javascript-hardcoded-credentials
mysql.createConnection({ host: "db", user: "shop", password: process.env.DB_PASSWORD });
// ok: javascript-hardcoded-credentials
mongoose.connect("mongodb://db/shop");
// ok: javascript-hardcoded-credentials
new Pool({ connectionString: "postgres://postgres:postgres@localhost/shop" });
// ok: javascript-hardcoded-credentials
new Pool({ host: "db", password: "" });

// ruleid: javascript-hardcoded-session-secret
app.use(session({ secret: "not-a-real-key", resave: false }));
// ruleid: javascript-hardcoded-session-secret
app.use(cookieSession({ name: "s", keys: ["not-a-real-key"] }));
// ok: javascript-hardcoded-session-secret
app.use(session({ secret: process.env.SESSION_KEY, resave: false }));

function box(data, key, iv) {
  // ruleid: javascript-hardcoded-crypto-key
  crypto.createCipheriv("aes-128-cbc", "not-a-real-key..", iv);
  // ruleid: javascript-hardcoded-crypto-key
  crypto.createHmac("sha256", "not-a-real-key").update(data);
  // ok: javascript-hardcoded-crypto-key
  crypto.createCipheriv("aes-128-cbc", key, iv);
  // ok: javascript-hardcoded-crypto-key
  crypto.createHmac("sha256", process.env.KEY).update(data);
}
