const { exec, execSync, spawn, execFile } = require("child_process");
const child_process = require("child_process");
const vm = require("vm");
const _ = require("lodash");
const ejs = require("ejs");
const Handlebars = require("handlebars");
const ldap = require("ldapjs");
const sql = require("sql-template-strings");
const COLUMNS = { name: "name", age: "age_years" };

// --- SQL

app.get("/users", async (req, res) => {
  const name = req.query.name;
  // ruleid: javascript-sql-injection
  await pool.query(`SELECT id FROM users WHERE name = '${name}'`);
  // ruleid: javascript-sql-injection
  await pool.query("SELECT id FROM users WHERE name = '" + req.body.name + "'");
  // ok: javascript-sql-injection
  await pool.query("SELECT id FROM users WHERE name = $1", [name]);
  // ok: javascript-sql-injection
  await pool.query({ text: "SELECT id FROM users WHERE name = $1", values: [name] });
  // ruleid: javascript-sql-injection
  await pool.query({ text: "SELECT id FROM users WHERE name = '" + name + "'" });
  // ok: javascript-sql-injection
  await pool.query(sql`SELECT id FROM users WHERE name = ${name}`);
  // ok: javascript-sql-injection
  await pool.query(`SELECT id FROM users LIMIT ${Number(req.query.limit)}`);
  // ok: javascript-sql-injection
  await pool.query(`SELECT id FROM users ORDER BY ${COLUMNS[req.query.sort]}`);
});

app.post("/orders", function (req, res) {
  const { id, sort } = req.params;
  const statement = "DELETE FROM orders WHERE id = " + id;
  // ruleid: javascript-sql-injection
  connection.query(statement, function (err) {
    res.end();
  });
  // ruleid: javascript-sql-injection
  sequelize.query(`SELECT * FROM orders ORDER BY ${sort}`, { raw: true });
  // ruleid: javascript-sql-injection
  db.all(`SELECT * FROM orders WHERE id = ${id}`, (err, rows) => res.json(rows));
  // ruleid: javascript-sql-injection
  prisma.$queryRawUnsafe("SELECT * FROM orders WHERE id = " + id);
  // ok: javascript-sql-injection
  prisma.$queryRaw`SELECT * FROM orders WHERE id = ${id}`;
  // ok: javascript-sql-injection
  db.all("SELECT * FROM orders WHERE id = ?", [id], (err, rows) => res.json(rows));
  if (!["name", "age"].includes(sort)) {
    return res.sendStatus(400);
  }
  // ok: javascript-sql-injection
  sequelize.query(`SELECT * FROM orders ORDER BY ${sort}`);
});

router.get("/koa", async (ctx) => {
  // ruleid: javascript-sql-injection
  ctx.body = await knex.raw("SELECT * FROM t WHERE a = '" + ctx.request.body.a + "'");
  // ruleid: javascript-sql-injection
  await knex("t").whereRaw(`a = '${ctx.query.a}'`);
  // ok: javascript-sql-injection
  await knex("t").where({ a: ctx.query.a });
});

export async function handler(event) {
  // ruleid: javascript-sql-injection
  return client.query("SELECT * FROM t WHERE id = " + event.pathParameters.id);
}

// --- commands and code

app.get("/ping", (req, res) => {
  const host = req.query.host;
  // ruleid: javascript-command-injection
  exec("ping -c 1 " + host, (err, out) => res.send(out));
  // ruleid: javascript-command-injection
  child_process.execSync(`ping -c 1 ${host}`);
  // ruleid: javascript-command-injection
  spawn("sh", ["-c", "ping " + host]);
  // ruleid: javascript-command-injection
  spawn(req.body.program, ["--version"]);
  // ok: javascript-command-injection
  execFile("ping", ["-c", "1", "--", host], () => {});
  // ok: javascript-command-injection
  /^\w+$/.exec(host);
  if (!/^[a-z0-9.-]+$/.test(host)) return res.sendStatus(400);
  // ok: javascript-command-injection
  exec("ping -c 1 " + host);
});

function archive(folder, options) {
  // ruleid: javascript-shell-command-dynamic
  execSync(`tar czf out.tgz ${folder}`);
  // ruleid: javascript-shell-command-dynamic
  child_process.exec("tar tf " + folder);
  // ok: javascript-shell-command-dynamic
  execFile("tar", ["czf", "out.tgz", folder]);
  // ok: javascript-shell-command-dynamic
  execSync(`tar czf out.tgz ${FOLDER}`);
}

app.post("/calc", (req, res) => {
  // ruleid: javascript-code-injection
  const result = eval(req.body.expression);
  // ruleid: javascript-code-injection
  new Function("a", req.body.code);
  const code = req.query.code;
  // ruleid: javascript-code-injection
  vm.runInNewContext(code, {});
  // ruleid: javascript-code-injection
  reviews.find({ $where: "this.product == " + req.params.id });
  // ok: javascript-code-injection
  reviews.find({ product: req.params.id });
  // ok: javascript-code-injection
  JSON.parse(req.body.expression);
  // ok: javascript-code-injection
  vm.runInNewContext("1 + 1", { code });
});

// --- templates, MongoDB, LDAP

app.get("/hello", (req, res) => {
  // ruleid: javascript-template-injection
  res.send(ejs.render("<p>Hello " + req.query.name));
  // ruleid: javascript-template-injection
  Handlebars.compile(req.body.template)({});
  // ok: javascript-template-injection
  res.send(ejs.render("<p>Hello <%= name %>", { name: req.query.name }));
  // ok: javascript-template-injection
  res.render("hello", { name: req.query.name });
});

app.post("/login", async (req, res) => {
  // ruleid: javascript-nosql-injection
  await User.findOne({ name: req.body.name, password: req.body.password });
  const { name } = req.body;
  // ruleid: javascript-nosql-injection
  await users.deleteMany({ name });
  // ruleid: javascript-nosql-injection
  await User.find(req.query);
  // ruleid: javascript-nosql-injection
  await db.reviews.update({ _id: req.body.id }, { $set: { message: "x" } });
  // ok: javascript-nosql-injection
  hash.update(req.body.name);
  // ruleid: javascript-nosql-injection
  await User.find({ name: req.query.name });
  // ok: javascript-nosql-injection
  await User.findOne({ name: String(req.body.name) });
  // ok: javascript-nosql-injection
  await User.findOne({ name: { $eq: req.body.name } });
  // ok: javascript-nosql-injection
  await User.findOne({ _id: req.params.id });
  // ok: javascript-nosql-injection
  await User.findOne({ where: { name: req.body.name } });
  // ok: javascript-nosql-injection
  rows.find((row) => row.name === req.body.name);
});

app.get("/people", (req, res) => {
  const uid = req.query.uid;
  // ruleid: javascript-ldap-injection
  client.search("dc=example", { filter: `(uid=${uid})`, scope: "sub" }, () => {});
  // ok: javascript-ldap-injection
  client.search("dc=example", { filter: new ldap.EqualityFilter({ attribute: "uid", value: uid }) }, () => {});
});

// --- regular expressions, logs, prototypes

app.get("/grep", (req, res) => {
  // ruleid: javascript-regex-injection
  const pattern = new RegExp(req.query.pattern, "i");
  // ruleid: javascript-regex-injection
  Post.find({ title: { $regex: req.query.title } });
  // ok: javascript-regex-injection
  new RegExp(_.escapeRegExp(req.query.term));
  // ok: javascript-regex-injection
  new RegExp("^a+$").test(req.query.term);
});

app.post("/audit", (req, res) => {
  // ruleid: javascript-log-injection
  logger.warn(`login failed for ${req.body.name}`);
  // ruleid: javascript-log-injection
  console.log("login failed for " + req.body.name);
  // ok: javascript-log-injection
  logger.warn({ name: req.body.name }, "login failed");
  // ok: javascript-log-injection
  logger.warn(`login failed for ${JSON.stringify(req.body.name)}`);
});

app.post("/settings", (req, res) => {
  // ruleid: javascript-prototype-pollution
  _.merge(settings, req.body);
  // ruleid: javascript-prototype-pollution
  _.set(settings, req.body.path, 1);
  // ruleid: javascript-prototype-pollution
  settings[req.query.section][req.query.key] = req.query.value;
  // ok: javascript-prototype-pollution
  settings.theme = req.body.theme;
  // ok: javascript-prototype-pollution
  _.merge({}, defaults);
  const section = req.query.section;
  if (!["a", "b"].includes(section)) return;
  // ok: javascript-prototype-pollution
  settings[section][0] = req.query.value;
});
