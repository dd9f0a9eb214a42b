// Shows, filters and searches the findings. Texts are foreign: they become text nodes and nothing else.
"use strict";
(() => {
  const STEP = 200; // findings shown at a time
  const PRINTED = 500; // findings printed, with all their details: some 200 pages
  const LISTS = ["severity", "state"];
  const CHOICES = ["service", "scanner", "kind"];
  const { findings, rules } = JSON.parse(document.getElementById("data").textContent);
  if (!findings.length) return;

  const byId = (id) => document.getElementById(id);
  const [form, list, status, none, more] = ["filters", "list", "status", "none", "more"].map(byId);
  const VALUES = {
    severity: (one) => [one.severity],
    state: (one) => [one.state],
    service: (one) => [one.service ?? ""],
    scanner: (one) => one.scanners,
    kind: (one) => one.kinds ?? [],
  };
  const NAMES = Object.keys(VALUES);
  const number = (count) => count.toLocaleString("en");
  const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

  let matching = findings;
  let shown = 0;

  // ---- elements

  function element(name, className, ...children) {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  function link(uri, text) {
    if (!/^https?:\/\//i.test(uri)) return text;
    const made = element("a", "", text);
    made.href = uri;
    made.target = "_blank";
    made.rel = "noopener noreferrer nofollow";
    return made;
  }

  const between = (items) => items.flatMap((item, at) => (at ? [", ", item] : [item]));
  const many = (items) => element("ul", "", ...items.map((item) => element("li", "", ...[item].flat())));

  function row(one) {
    const what = element("span", "what", element("b", "", one.title));
    if (one.state !== "new") what.append(element("span", "tag", one.state));
    what.append(element("span", "place", one.place));
    const summary = element(
      "summary",
      "",
      element("span", "badge", one.severity),
      what,
      element("span", "who", one.service ?? ""),
      element("span", "who", one.scanners.join(", ")),
    );
    const details = element("details", one.severity, summary);
    details.addEventListener("toggle", () => fill(details, one));
    return element("li", "", details);
  }

  function fill(details, one) {
    if (details.childElementCount > 1) return;
    const body = element("div", "body");
    if (one.message) body.append(element("p", "text", one.message));
    if (one.evidence) body.append(element("pre", "", element("code", "", one.evidence)));
    const facts = element("dl", "");
    for (const [name, ...value] of described(one)) facts.append(element("dt", "", name), element("dd", "", ...value));
    body.append(facts);
    details.append(body);
  }

  function* described(one) {
    const rule = rules[one.rule];
    if (one.reasons) yield ["Not counted", many(one.reasons)];
    if (one.fix) yield ["Fix", one.fix];
    if (rule.help) yield ["Help", element("div", "text", rule.help)];
    yield ["Rule", element("code", "", rule.id), ...(rule.uri ? [" – ", link(rule.uri, rule.uri)] : [])];
    const weaknesses = (one.cwe ?? []).map((id) =>
      link(`https://cwe.mitre.org/data/definitions/${Number(id)}.html`, `CWE-${Number(id)}`),
    );
    if (weaknesses.length) yield ["Weakness", ...between(weaknesses)];
    if (one.owasp) yield ["OWASP Top 10", one.owasp.join(", ")];
    if (one.score !== undefined) {
      yield ["Score", `CVSS ${one.score.toFixed(1)} `, element("code", "", one.vector ?? "")];
    }
    if (one.confidence) yield ["Confidence", one.confidence];
    if (one.package) yield ["Package", element("code", "", one.package)];
    if (one.aliases) yield ["Also known as", one.aliases.join(", ")];
    if (one.reports) yield ["Reported as", reports(one)];
    if (one.fingerprint) yield ["Fingerprint", element("code", "", one.fingerprint)];
  }

  function reports(one) {
    const items = one.reports.map(([scanner, id, place, state]) => [
      `${scanner} ${id} at `,
      element("code", "", place),
      state === "new" ? "" : ` (${state})`,
    ]);
    if (one.unlisted) items.push(`and ${number(one.unlisted)} more, which the SARIF report lists`);
    return many(items);
  }

  // ---- filters

  const texts = new Map();

  function text(one) {
    let known = texts.get(one);
    if (known === undefined) {
      const { rule, unlisted, cwe = [], ...rest } = one;
      const parts = [...Object.values(rest), ...Object.values(rules[rule]), cwe.map((id) => `CWE-${id}`)];
      known = parts.flat(2).join("\n").toLowerCase();
      texts.set(one, known);
    }
    return known;
  }

  function wanted() {
    const given = new FormData(form);
    const found = {};
    for (const name of LISTS) found[name] = new Set(given.getAll(name));
    for (const name of CHOICES) {
      const select = form.elements[name];
      found[name] = new Set(select && select.selectedIndex > 0 ? [select.value] : []);
    }
    return [found, given.get("text").toLowerCase().split(/\s+/).filter(Boolean)];
  }

  function apply() {
    const [filters, words] = wanted();
    const active = NAMES.filter((name) => filters[name].size);
    const counts = Object.fromEntries(NAMES.map((name) => [name, new Map()]));
    const count = (name, one) => {
      for (const value of VALUES[name](one)) counts[name].set(value, (counts[name].get(value) ?? 0) + 1);
    };
    matching = findings.filter((one) => {
      if (words.length && !words.every((word) => text(one).includes(word))) return false;
      const failing = active.filter((name) => !VALUES[name](one).some((value) => filters[name].has(value)));
      if (failing.length === 1) count(failing[0], one); // what there would be if another value were chosen
      if (failing.length) return false;
      for (const name of NAMES) count(name, one);
      return true;
    });
    number_facets(counts);
    list.replaceChildren();
    shown = 0;
    show(STEP);
  }

  function number_facets(counts) {
    for (const name of LISTS) {
      for (const input of form.querySelectorAll(`input[name=${name}]`)) {
        input.parentElement.querySelector("[data-count]").textContent = number(counts[name].get(input.value) ?? 0);
      }
    }
    for (const name of CHOICES) {
      for (const option of form.querySelectorAll(`select[name=${name}] option[data-label]`)) {
        option.textContent = `${option.dataset.label} (${number(counts[name].get(option.value) ?? 0)})`;
      }
    }
  }

  // ---- what is shown

  function show(step) {
    const part = document.createDocumentFragment();
    for (const one of matching.slice(shown, shown + step)) part.append(row(one));
    list.append(part);
    shown = Math.min(matching.length, shown + step);
    const left = matching.length - shown;
    const of = matching.length === findings.length ? "" : `, of ${number(findings.length)}`;
    status.textContent = `${plural(matching.length, "finding")}${of}${left ? `; the worst ${number(shown)} are shown` : ""}.`;
    none.hidden = matching.length > 0;
    list.hidden = matching.length === 0;
    more.hidden = left === 0;
    const [next, all] = more.querySelectorAll("button");
    next.textContent = `Show ${number(Math.min(STEP, left))} more`;
    all.textContent = `Show all ${number(matching.length)}`;
    all.hidden = left <= STEP;
  }

  function more_of_it(event) {
    const step = event.target.dataset.step;
    if (!step) return;
    const first = shown;
    show(step === "all" ? matching.length : Number(step));
    list.children[first]?.querySelector("summary").focus(); // the button may be gone
  }

  function choose(event) {
    const chosen = event.target.closest("a[data-severity]");
    if (!chosen) return;
    form.reset();
    for (const input of form.querySelectorAll("input[name=severity]")) {
      input.checked = input.value === chosen.dataset.severity;
    }
    for (const input of form.querySelectorAll("input[name=state]")) input.checked = input.value === "new";
    const options = [...form.elements.service.options];
    form.elements.service.selectedIndex = options.findIndex(
      (option) => option.dataset.label && option.value === chosen.dataset.service,
    );
    apply();
  }

  let opened = [];

  function open_all() {
    if (shown > PRINTED) list.replaceChildren();
    shown = list.childElementCount;
    show(Math.max(PRINTED - shown, 0));
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const details of opened) details.open = true;
    list.querySelectorAll("details").forEach((details, at) => fill(details, matching[at]));
  }

  function close_again() {
    for (const details of opened) details.open = false;
  }

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 60);
  });
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", more_of_it);
  byId("services").addEventListener("click", choose);
  window.addEventListener("beforeprint", open_all);
  window.addEventListener("afterprint", close_again);

  byId("worst").remove();
  form.hidden = false;
  apply();
})();
