const crypto = require("crypto");
const CryptoJS = require("crypto-js");

function checksum(data, key) {
  // ruleid: javascript-weak-hash
  crypto.createHash("md5").update(data).digest("hex");
  // ruleid: javascript-weak-hash
  crypto.createHmac("sha1", key);
  // ok: javascript-weak-hash
  crypto.createHash("sha256").update(data);
  // ok: javascript-weak-hash
  crypto.createHmac("sha512", key);
}

function encrypt(key, iv, data) {
  // ruleid: javascript-weak-cipher
  crypto.createCipheriv("des-ede3-cbc", key, iv);
  // ruleid: javascript-weak-cipher
  crypto.createCipher("aes-256-cbc", key);
  // ruleid: javascript-weak-cipher
  CryptoJS.TripleDES.encrypt(data, key);
  // ok: javascript-weak-cipher
  crypto.createCipheriv("aes-256-gcm", key, iv);

  // ruleid: javascript-cipher-ecb
  crypto.createCipheriv("aes-256-ecb", key, null);
  // ruleid: javascript-cipher-ecb
  CryptoJS.AES.encrypt(data, key, { mode: CryptoJS.mode.ECB });
  // ok: javascript-cipher-ecb
  crypto.createCipheriv("aes-256-cbc", key, iv);

  // ruleid: javascript-static-iv
  crypto.createCipheriv("aes-256-cbc", key, "0123456789abcdef");
  // ruleid: javascript-static-iv
  crypto.createCipheriv("aes-256-gcm", key, Buffer.alloc(12));
  const fixed = Buffer.alloc(16, 0);
  // ruleid: javascript-static-iv
  crypto.createCipheriv("aes-256-cbc", key, fixed);
  // ok: javascript-static-iv
  crypto.createCipheriv("aes-256-cbc", key, crypto.randomBytes(16));
  // ok: javascript-static-iv
  crypto.createCipheriv("aes-256-cbc", key, iv);
}

function keys() {
  // ruleid: javascript-weak-key-size
  crypto.generateKeyPairSync("rsa", { modulusLength: 1024 });
  // ok: javascript-weak-key-size
  crypto.generateKeyPairSync("rsa", { modulusLength: 3072 });
}

function issue(user) {
  // ruleid: javascript-insecure-randomness
  const token = Math.random().toString(36).slice(2);
  // ruleid: javascript-insecure-randomness
  user.resetToken = "r" + Math.random();
  // ruleid: javascript-insecure-randomness
  save({ name: "a", apiKey: Math.random().toString(16) });
  // ok: javascript-insecure-randomness
  const delay = Math.random() * 1000;
  // ok: javascript-insecure-randomness
  const secret = crypto.randomBytes(32).toString("hex");
  // ok: javascript-insecure-randomness
  const tokenCount = Math.floor(Math.random() * 5);
}

function generatePassword() {
  // ruleid: javascript-insecure-randomness
  return Math.random().toString(36);
}
