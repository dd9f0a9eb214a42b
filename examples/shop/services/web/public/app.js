// The part of the front end that runs in the browser.
"use strict";

const list = document.getElementById("products");
const query = new URLSearchParams(window.location.search);
const greeting = document.getElementById("greeting");

if (greeting && window.location.hash) {
  greeting.innerHTML = `Welcome, ${decodeURIComponent(window.location.hash.slice(1))}`;
}

async function showProducts() {
  const answer = await fetch(`${list.dataset.catalog}/products?q=${encodeURIComponent(query.get("q") || "")}`);
  for (const product of await answer.json()) {
    const row = document.createElement("li");
    row.textContent = `${product.name}: ${product.price}`;
    list.append(row);
  }
}

showProducts().catch(() => list.append("The catalogue is closed."));
