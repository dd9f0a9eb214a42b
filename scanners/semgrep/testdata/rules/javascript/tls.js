const https = require("https");
const tls = require("tls");

// ruleid: javascript-tls-verification-off
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
// ok: javascript-tls-verification-off
process.env.NODE_TLS_REJECT_UNAUTHORIZED = "1";

function agent(ca, key, cert) {
  // ruleid: javascript-tls-verification-off
  new https.Agent({ keepAlive: true, rejectUnauthorized: false });
  const options = { host: "db" };
  // ruleid: javascript-tls-verification-off
  options.rejectUnauthorized = false;
  // ok: javascript-tls-verification-off
  new https.Agent({ ca, rejectUnauthorized: true });
  // ok: javascript-tls-verification-off
  new https.Agent({ ca });

  // ruleid: javascript-tls-old-version
  https.createServer({ key, cert, minVersion: "TLSv1" });
  // ruleid: javascript-tls-old-version
  tls.connect({ secureProtocol: "TLSv1_1_method" });
  // ok: javascript-tls-old-version
  https.createServer({ key, cert, minVersion: "TLSv1.2" });
}
