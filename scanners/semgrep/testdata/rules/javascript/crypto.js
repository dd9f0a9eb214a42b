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

function signIn(user, letters, sessions) {
  // ruleid: javascript-insecure-randomness
  const session = Math.random().toString(36).slice(2);
  // ruleid: javascript-insecure-randomness
  user.sessionId = user.id + "-" + String(Math.floor(Math.random() * 1e9));
  // ruleid: javascript-insecure-randomness
  const paymentToken = `pay_${Math.random().toString(36)}`;
  // ruleid: javascript-insecure-randomness
  const accessCode = Array.from({ length: 8 }, () => letters[Math.floor(Math.random() * letters.length)]).join("");
  // ruleid: javascript-insecure-randomness
  const verification_code = Math.floor(100000 + Math.random() * 900000);
  // ruleid: javascript-insecure-randomness
  cookies["csrf_token"] = crypto.createHash("sha256").update(String(Math.random())).digest("hex");
  // ok: javascript-insecure-randomness
  const picked_session = sessions[Math.floor(Math.random() * sessions.length)];
  // ok: javascript-insecure-randomness
  const secretSession = openSession(user, Math.random());
  // ok: javascript-insecure-randomness
  const row = { token: user.token, id: Math.random() };
  // ok: javascript-insecure-randomness
  const statusCode = Math.random() * 100;
  // ok: javascript-insecure-randomness
  const isToken = Math.random() > 0.5;
}

const createSessionToken = (length) => {
  let result = "";
  for (let i = 0; i < length; i++) {
    // ruleid: javascript-insecure-randomness
    result += LETTERS.charAt(Math.floor(Math.random() * LETTERS.length));
  }
  // ok: javascript-insecure-randomness
  const pause = Math.random() * 100;
  wait(pause);
  return result;
};

// ruleid: javascript-insecure-randomness
const otp = () => Math.floor(Math.random() * 900000) + 100000;

class Vouchers {
  issueVoucher(customer) {
    // ruleid: javascript-insecure-randomness
    const code = Math.random().toString(36).slice(2, 12);
    return { customer, code };
  }

  async nextNonce() {
    // ok: javascript-insecure-randomness
    await sleep(Math.random() * 50);
    // ok: javascript-insecure-randomness
    const code = Math.random();
    return this.counter++;
  }
}
