const fs = require("fs");
const path = require("path");
const unzipper = require("unzipper");
const BASE = "/srv/files";

app.get("/files/:name", (req, res) => {
  const name = req.params.name;
  // ruleid: javascript-path-traversal
  fs.readFile(path.join(BASE, name), (err, data) => res.send(data));
  // ruleid: javascript-path-traversal
  res.sendFile(BASE + "/" + req.query.name);
  // ruleid: javascript-path-traversal
  fs.createReadStream(`${BASE}/${name}`).pipe(res);
  // ruleid: javascript-path-traversal
  fs.promises.readFile(req.body.file);
  // ok: javascript-path-traversal
  res.sendFile(name, { root: BASE });
  // ok: javascript-path-traversal
  fs.readFileSync(path.join(BASE, path.basename(name)));
  // ok: javascript-path-traversal
  fs.readFileSync(`${BASE}/${parseInt(req.query.page, 10)}.txt`);
  const file = path.resolve(BASE, name);
  if (!file.startsWith(BASE + path.sep)) return res.sendStatus(404);
  // ok: javascript-path-traversal
  fs.readFileSync(file);
});

function unpack(archive, target) {
  archive.on("entry", (entry) => {
    // ruleid: javascript-zip-slip
    entry.pipe(fs.createWriteStream(path.join(target, entry.path)));
    // ok: javascript-zip-slip
    entry.pipe(fs.createWriteStream(path.join(target, path.basename(entry.path))));
    const file = path.resolve(target, entry.path);
    if (!file.startsWith(target + path.sep)) throw new Error("bad entry");
    // ok: javascript-zip-slip
    entry.pipe(fs.createWriteStream(file));
  });
}

function scratch(text, folder) {
  // ruleid: javascript-insecure-temp-file
  fs.writeFileSync("/tmp/report.txt", text);
  // ok: javascript-insecure-temp-file
  fs.writeFileSync(path.join(folder, "report.txt"), text);
  // ok: javascript-insecure-temp-file
  fs.readFileSync("/tmp/report.txt");
}
