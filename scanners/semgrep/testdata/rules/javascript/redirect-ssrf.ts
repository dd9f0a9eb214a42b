import axios from "axios";
import * as https from "https";

const API_URL = "https://api.example.com";
const HOSTS: Record<string, string> = { eu: "eu.example.com" };
const ALLOWED = new Set(["/home", "/cart"]);

app.get("/go", (req: Request, res: Response) => {
  // ruleid: javascript-open-redirect
  res.redirect(req.query.next as string);
  const target = req.query.next || "/";
  // ruleid: javascript-open-redirect
  res.redirect(302, target);
  // ok: javascript-open-redirect
  res.redirect(`/items/${req.params.item}`);
  // ok: javascript-open-redirect
  res.redirect("/search?q=" + req.query.q);
  // ok: javascript-open-redirect
  res.redirect(`https://shop.example.com/items/${req.params.item}`);
  if (!ALLOWED.has(target)) {
    return res.redirect("/");
  }
  // ok: javascript-open-redirect
  res.redirect(target);
});

function after() {
  const next = new URLSearchParams(location.search).get("next");
  // ruleid: javascript-dom-open-redirect
  window.location.href = next;
  // ruleid: javascript-dom-open-redirect
  location.assign(location.hash.slice(1));
  // ok: javascript-dom-open-redirect
  location.href = "/login?from=" + encodeURIComponent(next);
  // ok: javascript-dom-open-redirect
  location.href = location.pathname + location.search;
  // ok: javascript-dom-open-redirect
  location.replace("/home");
}

app.post("/preview", async (req: Request, res: Response) => {
  const { url } = req.body;
  // ruleid: javascript-ssrf
  await axios.get(url);
  // ruleid: javascript-ssrf
  await fetch(`https://${req.query.host}/hook`, { method: "POST" });
  // ruleid: javascript-ssrf
  https.get(req.query.url, () => {});
  // ruleid: javascript-ssrf
  await axios({ method: "get", url: req.body.url });
  // ok: javascript-ssrf
  await axios.get("https://api.example.com/search", { params: { q: url } });
  // ok: javascript-ssrf
  await fetch(`https://api.example.com/items/${req.params.item}`);
  // ok: javascript-ssrf
  await axios.get(`${API_URL}/items/${req.params.item}`);
  // ok: javascript-ssrf
  await axios.get(API_URL + "/items/" + req.params.item);
  // ok: javascript-ssrf
  await fetch(`https://${HOSTS[req.query.region]}/status`);
});

@Controller("fetch")
export class FetchController {
  @Get()
  // the parameter is request data
  load(@Query("url") url: string, @Query("page") page: number) {
    // ok: javascript-ssrf
    axios.get(`https://api.example.com/${page}`);
    // ruleid: javascript-ssrf
    return axios.get(url);
  }
}
