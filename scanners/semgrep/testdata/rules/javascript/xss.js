const escapeHtml = require("escape-html");
const DOMPurify = require("dompurify");

app.get("/hello", (req, res) => {
  const name = req.query.name;
  // ruleid: javascript-xss-reflected
  res.send(`<h1>Hello ${name}</h1>`);
  // ruleid: javascript-xss-reflected
  res.status(404).send("<p>No page " + req.params.page + "</p>");
  // ruleid: javascript-xss-reflected
  res.send(req.query.q);
  // ruleid: javascript-xss-reflected
  res.write("<li>" + req.body.item + "</li>");
  // ok: javascript-xss-reflected
  res.send(`<h1>Hello ${escapeHtml(name)}</h1>`);
  // ok: javascript-xss-reflected
  res.send({ name });
  // ok: javascript-xss-reflected
  res.json(req.query);
  // ok: javascript-xss-reflected
  res.send(`<h1>Page ${Number(req.query.page)}</h1>`);
  // ok: javascript-xss-reflected
  res.render("hello", { name });
  // ok: javascript-xss-reflected
  socket.send(`<h1>Hello ${name}</h1>`);
});

app.get("/var", (req, res) => {
  const page = "<h1>" + req.query.title + "</h1>";
  // ruleid: javascript-xss-reflected
  res.send(page);
});

router.get("/koa", (ctx) => {
  // ruleid: javascript-xss-reflected
  ctx.body = `<p>${ctx.query.q}</p>`;
});

function page(element, html) {
  // ruleid: javascript-dom-xss
  element.innerHTML = location.hash.slice(1);
  const name = new URLSearchParams(window.location.search).get("name");
  // ruleid: javascript-dom-xss
  element.innerHTML = "<b>" + name + "</b>";
  // ruleid: javascript-dom-xss
  document.write(`<p>${document.referrer}</p>`);
  // ruleid: javascript-dom-xss
  $("#greeting").html(name);
  // ok: javascript-dom-xss
  element.textContent = name;
  // ok: javascript-dom-xss
  element.innerHTML = DOMPurify.sanitize(name);
  // ok: javascript-dom-xss
  element.innerHTML = "<b>static</b>";
}

window.addEventListener("message", (event) => {
  // ruleid: javascript-dom-xss
  document.body.innerHTML = event.data;
});

function view(html, sanitizer) {
  // ruleid: javascript-raw-html-binding
  const a = <div className="post" dangerouslySetInnerHTML={{ __html: html }} />;
  // ruleid: javascript-raw-html-binding
  sanitizer.bypassSecurityTrustHtml(html);
  // ok: javascript-raw-html-binding
  const b = <div dangerouslySetInnerHTML={{ __html: DOMPurify.sanitize(html) }} />;
  // ok: javascript-raw-html-binding
  const c = <div dangerouslySetInnerHTML={{ __html: "<b>static</b>" }} />;
  // ok: javascript-raw-html-binding
  return <div>{html}</div>;
}
