const crypto = require("crypto");
const md5 = require("md5");

function store(user, password, data) {
  // ruleid: javascript-weak-password-hash
  crypto.createHash("sha256").update(password).digest("hex");
  // ruleid: javascript-weak-password-hash
  user.stored = md5(user.salt + user.password);
  // ok: javascript-weak-password-hash
  user.stored = passwords.hash(password);
  // ruleid: javascript-weak-password-hash
  crypto.createHash("sha256").update(user.pinCode).digest("hex");
  // ok: javascript-weak-password-hash
  crypto.createHash("sha256").update(user.mapping).digest("hex");
  // ok: javascript-weak-password-hash
  crypto.createHash("sha256").update(data).digest("hex");
  // ok: javascript-weak-password-hash
  crypto.createHash("sha256").update(user.passwordResetToken).digest("hex");
}
