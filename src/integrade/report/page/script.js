"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const figures = read("figures"), look = read("look"), dark = read("dark"), words = read("words");
  const root = document.documentElement;
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  const views = new Map();
  const GLANCE = 170;

  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : media.matches);

  function coloured(spec) {
    let text = JSON.stringify(spec);
    if (isDark()) for (const [light, night] of Object.entries(dark)) text = text.replaceAll(light, night);
    return JSON.parse(text);
  }

  // The page has data by columns: [names, rows] for rows that follow each other and have the same columns.
  function withRows(spec) {
    const rows = (parts) => parts.flatMap(([names, lines]) =>
      lines.map((line) => Object.fromEntries(names.map((name, i) => [name, line[i]]))));
    const datasets = Object.entries(spec.datasets).map(([name, parts]) => [name, rows(parts)]);
    return { ...spec, datasets: Object.fromEntries(datasets) };
  }

  // What is folded has no width in some browsers: it is drawn as wide as its part, and again when it is opened.
  function room(place) {
    return place.clientWidth || place.closest(".part")?.clientWidth || root.clientWidth;
  }

  async function drawOne(name) {
    const place = document.getElementById("chart-" + name);
    views.get(name)?.finalize();
    const options = { ast: true, renderer: "svg", actions: false, tooltip: { theme: isDark() ? "dark" : "light" } };
    const binding = document.getElementById("binding-" + name);
    if (binding) {
      binding.replaceChildren();
      options.bind = binding;
    }
    const spec = coloured({ config: look, ...withRows(figures[name]) });
    if (!place.clientWidth && spec.width === "container") spec.width = Math.min(room(place), 960) - 80;
    if (place.closest(".glance") && spec.height > GLANCE) spec.height = GLANCE; // the brief fits on one screen
    place.dataset.width = place.clientWidth;
    try {
      views.set(name, await vegaEmbed(place, spec, options));
      place.querySelector("svg").setAttribute("aria-hidden", "true");
      place.dataset.drawn = "yes";
    } catch (problem) {
      place.textContent = words.notDrawn.replace("{problem}", () => problem.message);
    }
  }

  // Vega measures texts as it draws: in another font they would be cut or lie on each other.
  const letters = Promise.allSettled([400, 700].map((weight) => document.fonts.load(weight + " 12px " + look.font)));

  // A file has the glyphs of the page, for it is opened elsewhere.
  function withLetters(svg) {
    const start = svg.indexOf(">") + 1;
    return svg.slice(0, start) + "<style>" + document.getElementById("faces").textContent + "</style>" + svg.slice(start);
  }

  async function draw() {
    await letters;
    for (const name of Object.keys(figures)) await drawOne(name);
    root.dataset.ready = "yes";
  }

  function drawOpened(fold) {
    for (const place of fold.querySelectorAll(".chart")) {
      if (fold.open && place.dataset.drawn && Number(place.dataset.width) !== place.clientWidth) drawOne(place.id.replace("chart-", ""));
    }
  }

  function remember(theme) {
    try { localStorage.setItem("integrade-theme", theme); } catch { /* a page opened from a file may have no storage */ }
  }

  function showTheme(button) {
    button.textContent = isDark() ? words.light : words.dark;
    button.setAttribute("aria-label", isDark() ? words.lightPage : words.darkPage);
  }

  async function copy(text, button) {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      button.parentElement.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
    }
    tell(done, button);
  }

  let tables = null;

  // LaTeX and CSV of the tables are packed in the page, and unpacked when one is copied.
  async function copies() {
    if (tables) return tables;
    const bytes = Uint8Array.from(atob(read("tables")), (letter) => letter.charCodeAt(0));
    const text = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    tables = JSON.parse(await new Response(text).text());
    return tables;
  }

  async function copyText(number, kind, button) {
    try {
      await copy((await copies())[number][kind], button);
    } catch {
      tell(false, button);
    }
  }

  function tell(done, button) {
    const label = button.textContent;
    document.getElementById("said").textContent = done ? words.copied : words.copyingRefused;
    button.textContent = done ? words.copied : words.refused;
    setTimeout(() => { button.textContent = label; }, 1500);
  }

  /** The table as a journal prints it and the one of the appendix, each with its rows, caption and notes. */
  async function partsOf(number) {
    const whole = document.getElementById("table" + number).querySelector("table");
    let parts = null;
    try { parts = (await copies())[number].parts; } catch { /* a browser that cannot unpack copies the whole table */ }
    return parts ? parts.map((part) => forWord(cut(whole.cloneNode(true), part))) : [forWord(whole.cloneNode(true))];
  }

  function cut(table, part) {
    const kept = new Set(part.rows);
    [...table.tBodies[0].rows].forEach((row, at) => { if (!kept.has(at)) row.remove(); });
    table.caption.textContent = part.caption;
    const foot = table.tFoot || table.createTFoot();
    const cell = foot.rows.length ? foot.rows[0].cells[0] : foot.insertRow().insertCell();
    cell.colSpan = table.tHead.rows[0].cells.length;
    cell.replaceChildren(...part.notes.flatMap((note, i) => (i ? [document.createElement("br"), note] : [note])));
    return table;
  }

  /** A table as text: caption, cells between tabs, notes. */
  function asText(table) {
    const rows = [...table.tHead.rows, ...table.tBodies[0].rows];
    const lines = rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()).join("\t"));
    const foot = table.tFoot ? [...table.tFoot.rows[0].cells[0].childNodes] : [];
    const notes = foot.filter((node) => node.nodeName !== "BR").map((node) => node.textContent);
    return [table.caption.textContent, ...lines, ...notes, ""].join("\n");
  }

  function forWord(table) {
    const line = (cells, side, points) => {
      for (const cell of cells) cell.style["border" + side] = points + "pt solid black";
    };
    for (const inner of table.querySelectorAll("span, div, button, wbr")) inner.replaceWith(...inner.childNodes);
    table.style.cssText = "border-collapse: collapse; font: 9pt 'Times New Roman', SimSun, serif";
    for (const cell of table.querySelectorAll("th, td")) {
      const left = cell.cellIndex === 0 || cell.classList.contains("prose");
      cell.style.cssText = "padding: 0 4pt; font-weight: normal; text-align: " + (left ? "left" : "center");
    }
    const rows = table.tBodies[0].rows;
    line(table.tHead.rows[0].cells, "Top", 1.5);
    line(table.tHead.rows[0].cells, "Bottom", 0.75);
    for (const row of table.querySelectorAll("tr.rule")) line(row.cells, "Top", 0.75);
    line(rows[rows.length - 1].cells, "Bottom", 1.5);
    return table;
  }

  async function copyTable(number, button) {
    const cuts = await partsOf(number);
    const kinds = {
      "text/html": cuts.map((table) => table.outerHTML).join("<p></p>"),
      "text/plain": cuts.map(asText).join("\n"),
    };
    let done = true;
    try {
      const parts = Object.entries(kinds).map(([kind, text]) => [kind, new Blob([text], { type: kind })]);
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(parts))]);
    } catch {
      const place = document.createElement("div");
      place.innerHTML = kinds["text/html"];
      document.body.append(place);
      window.getSelection().selectAllChildren(place);
      done = document.execCommand("copy");
      window.getSelection().removeAllRanges();
      place.remove();
    }
    tell(done, button);
  }

  function numberIn(text) {
    const found = text.replaceAll(",", "").match(/[-\u2212]?\d+(\.\d+)?(e[-+]?\d+)?/i);
    return found ? Number(found[0].replace("\u2212", "-")) : NaN;
  }

  function sortBy(head, table) {
    const column = head.cellIndex, rows = [...table.tBodies[0].rows];
    const rising = head.getAttribute("aria-sort") !== "ascending";
    const texts = new Map(rows.map((row) => [row, row.cells[column].textContent.trim()]));
    const numeric = [...texts.values()].every((text) => !text || /^[^A-Za-z\u4e00-\u9fff]*\d/.test(text));
    const order = (a, b) => (numeric ? numberIn(a) - numberIn(b) : a.localeCompare(b, root.lang));
    rows.sort((a, b) => {
      const [x, y] = [texts.get(a), texts.get(b)];
      return !x || !y ? Number(!x) - Number(!y) : (rising ? 1 : -1) * order(x, y);
    });
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    table.tBodies[0].append(...rows);
  }

  function makeSortable(table) {
    const rows = [...table.tBodies[0].rows];
    if (rows.length < 4 || rows.some((row) => !row.classList.contains("text"))) return;
    for (const head of table.tHead.rows[0].cells) {
      if (head.tagName !== "TH") continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
    }
  }

  async function download(name, kind) {
    const view = views.get(name).view;
    const link = document.createElement("a");
    link.download = name + "." + kind;
    link.href = kind === "png" ? await view.toImageURL("png", 2)
      : URL.createObjectURL(new Blob([withLetters(await view.toSVG())], { type: "image/svg+xml" }));
    link.click();
  }

  document.addEventListener("copy-text", (event) => { copy(event.detail.text, event.detail.button); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.className === "sort") sortBy(button.closest("th"), button.closest("table"));
    if (button.dataset.copy === "word") copyTable(button.dataset.table, button);
    else if (button.dataset.copy) copyText(button.dataset.table, button.dataset.copy, button);
    if (button.dataset.save) download(button.dataset.figure, button.dataset.save);
    if (button.id === "theme") {
      root.dataset.theme = isDark() ? "light" : "dark";
      remember(root.dataset.theme);
      showTheme(button);
      draw();
    }
  });

  try {
    const kept = localStorage.getItem("integrade-theme");
    if (kept === "light" || kept === "dark") root.dataset.theme = kept;
  } catch { /* no storage: the system's preference holds */ }
  media.addEventListener("change", () => { if (!root.dataset.theme) { showTheme(document.getElementById("theme")); draw(); } });
  // Paper does not scroll: a table that is wider than it is made smaller, a much wider one turns its page as well.
  const UPRIGHT = 690, SIDEWAYS = 1010; // pixels of A4 and of letter paper within usual margins
  function fitPaper(table) {
    table.style.width = "min-content";
    const wide = table.offsetWidth;
    table.style.width = "";
    if (wide <= UPRIGHT) return;
    const turned = wide > 1.6 * UPRIGHT;
    table.style.zoom = Math.min(1, (turned ? SIDEWAYS : UPRIGHT) / wide);
    table.closest(".scroll").classList.toggle("sideways", turned);
  }

  window.addEventListener("beforeprint", () => {
    for (const table of document.querySelectorAll(".scroll > table.printed")) fitPaper(table);
    if (!isDark()) return;
    for (const svg of document.querySelectorAll(".chart svg")) {
      for (const [light, night] of Object.entries(dark)) svg.innerHTML = svg.innerHTML.replaceAll(night, light);
    }
  });
  window.addEventListener("afterprint", () => {
    for (const table of document.querySelectorAll(".scroll > table.printed")) {
      table.style.zoom = "";
      table.closest(".scroll").classList.remove("sideways");
    }
    if (isDark()) draw();
  });
  for (const fold of document.querySelectorAll("details")) fold.addEventListener("toggle", () => drawOpened(fold));
  document.querySelectorAll("table.printed").forEach(makeSortable);
  showTheme(document.getElementById("theme"));
  document.addEventListener("DOMContentLoaded", draw);
})();
