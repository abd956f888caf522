"use strict";
(() => {
  const block = document.getElementById("lineage");
  const dialog = document.getElementById("origin");
  if (!block || !dialog) return;
  const { tables, figures, parts, sets, answer, run } = JSON.parse(block.textContent);
  const words = JSON.parse(document.getElementById("words").textContent);
  const title = document.getElementById("origin-title");
  const body = document.getElementById("origin-body");
  const places = new Map();

  function wrapped(cell, address) {
    const button = document.createElement("span");
    button.className = "origin";
    button.setAttribute("role", "button");
    button.setAttribute("aria-haspopup", "dialog");
    button.dataset.origin = address;
    button.tabIndex = -1;
    button.append(...cell.childNodes);
    cell.append(button);
    return button;
  }

  function address(name, r, c) {
    const { rows, columns } = tables[name];
    return name + "." + columns[c - 1][0] + "." + (rows[r][0] ?? "");
  }

  function prepare(name) {
    const region = document.getElementById(name);
    if (!region) return;
    const lines = region.querySelectorAll("tbody > tr");
    let first = null;
    for (const [r, cells] of Object.entries(tables[name].cells)) {
      for (const [c, own] of Object.entries(cells)) {
        const cell = lines[r]?.cells[c];
        if (!cell || !cell.textContent.trim()) continue;
        const key = address(name, r, c);
        if (cell.classList.contains("prose")) {
          places.set(key, { name, r, c, own }); // it has no button, but sentences quote its numbers
          continue;
        }
        places.set(key, { name, r, c, own, printed: cell.textContent });
        const made = wrapped(cell, key);
        first = first || made;
      }
    }
    if (first) first.tabIndex = 0;
  }

  function where(place) {
    if (place.where) return place.where;
    const table = tables[place.name];
    const [, label = "", above] = table.rows[place.r];
    const filled = { row: label, column: table.rows[place.r][Number(place.c) + 2] || table.columns[place.c - 1][1] };
    const lines = [table.caption, words.rowAndColumn.replace(/\{(row|column)\}/g, (_, name) => filled[name])];
    return above ? [...lines, words.under.replace("{block}", () => above)] : lines;
  }

  function sections(place) {
    const found = [[words.number, [...where(place)]]];
    for (const at of place.own.flatMap((one) => (one < 0 ? sets[-1 - one] : [one]))) {
      const [heading, lines] = parts[at];
      const last = found[found.length - 1];
      if (last[0] === heading) last[1].push(...lines);
      else found.push([heading, [...lines]]);
    }
    if (run) found.push(run);
    return found;
  }

  // The title has the number as its table prints it: the answer may add an interval or a count to it.
  function open(key, shown) {
    const place = places.get(key), printed = place.printed || shown;
    title.textContent = printed ? key + " = " + printed : key;
    body.replaceChildren(...sections(place).flatMap(([heading, lines]) => {
      const head = document.createElement("h3");
      head.textContent = heading;
      const text = document.createElement("pre");
      text.textContent = lines.join("\n");
      return [head, text];
    }));
    dialog.showModal();
    dialog.scrollTop = 0;
  }

  function asText() {
    const lines = [title.textContent];
    for (const part of body.children) {
      if (part.tagName === "H3") lines.push(part.textContent);
      else lines.push(...part.textContent.split("\n").map((line) => "  " + line));
    }
    return lines.join("\n");
  }

  function opened(target) {
    const button = target.closest?.("[data-origin]");
    if (!button) return false;
    open(button.dataset.origin, button.classList.contains("origin") ? button.textContent : "");
    return true;
  }

  function step(button, key) {
    const cell = button.closest("td");
    if (!cell) return null;
    const row = cell.parentElement, table = row.closest("table");
    const at = cell.cellIndex;
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const line = [...row.querySelectorAll(".origin")];
      return line[line.indexOf(button) + (key === "ArrowRight" ? 1 : -1)];
    }
    const lines = [...table.tBodies[0].rows];
    const way = key === "ArrowDown" ? 1 : -1;
    for (let r = lines.indexOf(row) + way; r >= 0 && r < lines.length; r += way) {
      const found = lines[r].cells[at]?.querySelector(".origin");
      if (found) return found;
    }
    return null;
  }

  document.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    if (event.target.id === "origin-close") dialog.close();
    if (event.target.id === "origin-copy") {
      const detail = { text: asText(), button: event.target };
      document.dispatchEvent(new CustomEvent("copy-text", { detail }));
    }
    if (window.getSelection().isCollapsed) opened(event.target);
  });

  document.addEventListener("keydown", (event) => {
    const button = event.target.closest?.(".origin");
    if (!button) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      opened(button);
    } else if (event.key.startsWith("Arrow")) {
      const next = step(button, event.key);
      event.preventDefault();
      if (!next) return;
      button.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
  });

  function button(key, into) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = dialog.dataset.ask;
    made.setAttribute("aria-haspopup", "dialog");
    made.setAttribute("aria-label", dialog.dataset.ask + ": " + key);
    made.dataset.origin = key;
    into.append(made);
  }

  const hint = document.createElement("p");
  hint.className = "hint";
  hint.textContent = dialog.dataset.hint;
  document.getElementById("answer")?.after(hint);
  for (const name of Object.keys(tables)) prepare(name);
  for (const [key, figure] of Object.entries(figures)) {
    places.set(key, { where: figure.where, own: figure.parts });
    const tools = document.querySelector("#figure-" + figure.id + " .tools");
    if (tools) button(key, tools);
  }
  document.querySelectorAll("#answer .numbers dd").forEach((value, i) => {
    if (places.has(answer[i])) wrapped(value, answer[i]).tabIndex = 0;
  });
  for (const value of document.querySelectorAll(".quoted[data-of]")) {
    if (places.has(value.dataset.of)) wrapped(value, value.dataset.of).tabIndex = 0;
  }
  // An address after the page's name, as in report.html#table4.2.market, opens the box of that number.
  function openNamed() {
    const key = decodeURIComponent(location.hash.slice(1));
    const place = places.get(key);
    if (!place) return;
    const button = document.querySelector('.scroll [data-origin="' + CSS.escape(key) + '"]');
    if (button) {
      for (let at = button.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
      button.scrollIntoView({ block: "center" });
    }
    open(key, button ? button.textContent : "");
  }
  window.addEventListener("hashchange", openNamed);
  openNamed();
  document.documentElement.dataset.lineage = "yes";
})();
