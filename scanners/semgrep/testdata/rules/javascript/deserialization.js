const serialize = require("node-serialize");
const libxmljs = require("libxmljs2");
const yaml = require("js-yaml");

app.post("/restore", (req, res) => {
  // ruleid: javascript-unsafe-deserialization
  serialize.unserialize(req.cookies.profile);
  const text = Buffer.from(req.body.state, "base64").toString();
  // ruleid: javascript-unsafe-deserialization
  serialize.unserialize(text);
  // ruleid: javascript-unsafe-deserialization
  yaml.load(req.body.config, { schema: yaml.DEFAULT_FULL_SCHEMA });
  // ok: javascript-unsafe-deserialization
  JSON.parse(req.body.state);
  // ok: javascript-unsafe-deserialization
  yaml.load(req.body.config);

  // ruleid: javascript-xxe
  libxmljs.parseXml(req.body, { noblanks: true, noent: true });
  // ok: javascript-xxe
  libxmljs.parseXml(req.body, { noent: false });
  // ok: javascript-xxe
  libxmljs.parseXml(req.body);
});
