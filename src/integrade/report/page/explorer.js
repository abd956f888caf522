"use strict";
(() => {
  const section = document.getElementById("explorer");
  const block = section && document.querySelector("script#explorer-data");
  if (!block) return;
  const { own, names, versions, regions, goods, words } = JSON.parse(block.textContent);
  const at = (id) => document.getElementById("explorer-" + id);
  const [drawing, series, said, reset] = ["curve", "series", "said", "reset"].map(at);
  const [dots, map, slider, sliderLabel] = ["dots", "map", "goods", "goods-label"].map(at);
  const [versionList, quantityList] = ["version", "quantity"].map(at);
  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  section.hidden = false;

  // ---- what is shown: a version, a region, a number of goods, or the study itself
  let current = null;

  function show(item) {
    current = item;
    section.querySelector(".explored").hidden = !item && !own;
    said.replaceChildren(...(item ?? own ?? { said: [] }).said.map((text, i) => {
      const made = document.createElement("p");
      if (!i) made.className = "which";
      made.textContent = text;
      return made;
    }));
    reset.disabled = !item;
    if (versionList) versionList.value = String(versions.list.indexOf(item));
    for (const tile of map?.children ?? []) tile.setAttribute("aria-pressed", String(regions.list[tile.dataset.at] === item));
    if (slider && !goods.includes(item)) placeSlider(goods.findIndex((one) => one.own));
    if (own) drawCurve();
    drawSeries();
    if (dots) drawDots();
  }

  // ---- drawing
  function element(name, attributes = {}, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function ticks(from, to, wanted) {
    const rough = (to - from) / wanted || 1, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
    const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const all = [];
    for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step * 1e-9; k += 1) all.push(k * step);
    return all.map((value) => [value, (Math.abs(value) < step / 2 ? 0 : value).toFixed(places).replace("-", "\u2212")]);
  }

  // A frame with scales x and y and the grid of y.
  function framed(place, { x0, x1, y0, y1, height, left = 52, bottom = 20, lines = 5, width = 0 }) {
    width = width || Math.max(place.clientWidth, 260);
    const right = width - 8, top = 8, low = height - bottom;
    const x = (v) => left + (right - left) * (v - x0) / (x1 - x0 || 1);
    const y = (v) => low - (low - top) * (v - y0) / (y1 - y0 || 1);
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
    for (const [value, text] of ticks(y0, y1, lines)) {
      svg.append(element("line", { class: "grid", x1: left, x2: right, y1: y(value), y2: y(value) }));
      svg.append(element("text", { class: "tick", x: left - 6, y: y(value) + 4, "text-anchor": "end" }, text));
    }
    place.replaceChildren(svg);
    return { svg, x, y, left, right, top, low, width };
  }

  const path = (list, x, y) => list.map(([a, b], i) => (i ? "L" : "M") + x(a).toFixed(1) + " " + y(b).toFixed(1)).join("");

  function points({ curve }) {
    const [low, high, centre, b1, b2, w11, w12, w22] = curve;
    return Array.from({ length: 81 }, (_, i) => {
      const x = low + (high - low) * i / 80;
      const g1 = x - centre, g2 = x * x - centre * centre;
      const y = b1 * g1 + b2 * g2;
      const half = Math.sqrt(Math.max(w11 * g1 * g1 + 2 * w12 * g1 * g2 + w22 * g2 * g2, 0));
      return { x, y, low: y - half, high: y + half };
    });
  }

  function drawCurve() {
    const item = current?.curve ? current : own;
    const line = points(item), before = item === own || item.alone ? [] : points(own);
    const every = [...line, ...before], ys = [...line.flatMap((p) => [p.low, p.high]), ...before.map((p) => p.y)];
    const [x0, x1] = [Math.min(...every.map((p) => p.x)), Math.max(...every.map((p) => p.x))];
    const [y0, y1] = [Math.min(...ys), Math.max(...ys)], room = (y1 - y0) * 0.06 || 1;
    const f = framed(drawing, { x0, x1, y0: y0 - room, y1: y1 + room, height: 225, left: 66, bottom: 40 });
    const cut = (v) => Math.min(Math.max(v, x0), x1);
    for (const [a, b] of item.pieces) {
      const [from, to] = [a === null ? x0 : cut(a), b === null ? x1 : cut(b)];
      if (to > from) f.svg.append(element("rect", { class: "span", x: f.x(from), width: f.x(to) - f.x(from), y: f.top, height: f.low - f.top }));
    }
    const edge = [...line.map((p) => [p.x, p.high]), ...line.map((p) => [p.x, p.low]).reverse()];
    if (item.curve[5]) f.svg.append(element("path", { class: "band", d: path(edge, f.x, f.y) + "Z" }));
    if (before.length) f.svg.append(element("path", { class: "before", d: path(before.map((p) => [p.x, p.y]), f.x, f.y) }));
    f.svg.append(element("path", { class: "line", d: path(line.map((p) => [p.x, p.y]), f.x, f.y) }));
    if (item.point > x0 && item.point < x1) f.svg.append(element("line", { class: "turn", x1: f.x(item.point), x2: f.x(item.point), y1: f.top, y2: f.low }));
    f.svg.append(element("line", { class: "axis", x1: f.left, x2: f.right, y1: f.low, y2: f.low }));
    for (const [value, text] of ticks(x0, x1, 6)) f.svg.append(element("text", { class: "tick", x: f.x(value), y: f.low + 15, "text-anchor": "middle" }, text));
    f.svg.append(element("text", { class: "name", x: (f.left + f.right) / 2, y: 221, "text-anchor": "middle" }, names.axes[0]));
    const name = element("text", { class: "name", x: 11, y: f.low / 2, "text-anchor": "middle", transform: `rotate(-90 11 ${f.low / 2})` }, names.axes[1]);
    f.svg.append(name);
    const long = name.getComputedTextLength() / 210;
    if (long > 1) name.style.fontSize = 11 / long + "px";
    drawing.setAttribute("aria-label", filled(names.described, { name: item.said[0] }));
  }

  function drawSeries() {
    const item = current?.series ? current : null;
    series.hidden = !item;
    if (!item) return;
    const all = regions.list.flatMap((one) => one.series), values = all.map(([, v]) => v);
    const years = [...new Set(all.map(([year]) => year))].sort((a, b) => a - b);
    const mean = years.map((year) => {
      const these = all.filter(([y]) => y === year).map(([, v]) => v);
      return [year, these.reduce((a, b) => a + b, 0) / these.length];
    });
    const f = framed(series, { x0: years[0], x1: years.at(-1), y0: Math.min(...values), y1: Math.max(...values), height: 84, left: 44, lines: 2 });
    f.svg.append(element("path", { class: "before", d: path(mean, f.x, f.y) }));
    f.svg.append(element("path", { class: "line", d: path(item.series, f.x, f.y) }));
    for (const [year, side] of [[years[0], "start"], [years.at(-1), "end"]]) f.svg.append(element("text", { class: "tick", x: f.x(year), y: f.low + 14, "text-anchor": side }, String(year)));
    series.setAttribute("aria-label", filled(names.seriesDescribed, { region: item.said[0] }));
  }

  // The specification curve: versions in order of their estimate, and below each the choice that it changes.
  function drawDots() {
    const quantity = quantityList.value, study = own.quantities[quantity];
    const shown = versions.list.filter((v) => v.quantities[quantity]).sort((a, b) => a.quantities[quantity][0] - b.quantities[quantity][0]);
    const choices = [...new Set(versions.list.filter((v) => shown.includes(v)).map((v) => v.choice))];
    const estimates = [study, ...shown.map((v) => v.quantities[quantity])].map((q) => q[0]);
    let [y0, y1] = [Math.min(...estimates), Math.max(...estimates)];
    const most = 0.6 * (y1 - y0) || 1, ends = [study, ...shown.map((v) => v.quantities[quantity])].flatMap((q) => q.slice(1)).filter((v) => v !== null);
    [y0, y1] = [Math.max(Math.min(y0, ...ends), y0 - most), Math.min(Math.max(y1, ...ends), y1 + most)];
    const row = 14, plot = 180, height = plot + row * choices.length + 10, left = 232;
    const width = Math.max(dots.parentElement.clientWidth - 4, left + 6 * Math.max(shown.length, 30));
    const f = framed(dots, { x0: -1, x1: shown.length, y0, y1, height, left, bottom: height - plot, lines: 5, width });
    const inside = (v) => Math.min(Math.max(f.y(v), f.top), f.low);
    const across = (value, name) => f.svg.append(element("line", { class: name, x1: f.left, x2: f.right, y1: f.y(value), y2: f.y(value) }));
    if (study[1] !== null) f.svg.append(element("rect", { class: "span own", x: f.left, width: f.right - f.left, y: inside(study[2]), height: Math.max(inside(study[1]) - inside(study[2]), 0) }));
    across(study[0], "study");
    const other = current && !versions.list.includes(current) ? current.quantities?.[quantity] : null;
    if (other && other[0] >= y0 && other[0] <= y1) across(other[0], "turn");
    choices.forEach((choice, i) => {
      const y = plot + row * (i + 1);
      f.svg.append(element("line", { class: "grid", x1: f.left, x2: f.right, y1: y - 4, y2: y - 4 }));
      const label = element("text", { class: "tick", x: f.left - 8, y, "text-anchor": "end" }, choice);
      f.svg.append(label);
      const long = label.getComputedTextLength() / (left - 12);
      if (long > 1) label.style.fontSize = 11 / long + "px";
    });
    shown.forEach((v, i) => {
      const [value, low, high] = v.quantities[quantity], x = f.x(i);
      const group = element("g", { class: v === current ? "dot chosen" : "dot" });
      if (low !== null) group.append(element("line", { class: "whisker", x1: x, x2: x, y1: inside(low), y2: inside(high) }));
      group.append(element("circle", { cx: x, cy: inside(value), r: v === current ? 5 : 3.5 }));
      group.append(element("circle", { cx: x, cy: plot + row * (choices.indexOf(v.choice) + 1) - 4, r: 3.5 }));
      const half = (f.x(1) - f.x(0)) / 2;
      const column = element("rect", { class: "column", x: x - half, width: 2 * half, y: f.top, height: height - f.top }, element("title", {}, v.said.slice(0, 2).join("\n")));
      column.addEventListener("click", () => show(v === current ? null : v));
      group.append(column);
      f.svg.append(group);
    });
    const undrawn = versions.list.length - shown.length;
    at("undrawn").textContent = undrawn ? filled(names.undrawn, { n: undrawn }) : "";
    dots.setAttribute("aria-label", filled(names.dots, { quantity: names.quantities[quantity], n: shown.length }));
  }

  // ---- controls
  function listVersions() {
    versionList.append(new Option(own.said[0], "-1"));
    const groups = new Map();
    versions.list.forEach((v, i) => {
      if (!groups.has(v.choice)) {
        const group = document.createElement("optgroup");
        group.label = v.choice;
        groups.set(v.choice, group);
        versionList.append(group);
      }
      groups.get(v.choice).append(new Option(v.value || v.choice, i));
    });
    for (const [key, name] of Object.entries(names.quantities)) {
      if (own.quantities[key]) quantityList.append(new Option(name, key, key === own.first, key === own.first));
    }
    versionList.addEventListener("change", () => show(versions.list[versionList.value] ?? null));
    quantityList.addEventListener("change", drawDots);
  }

  function layTiles() {
    const placed = regions.list.filter((r) => r.tile), down = Math.max(-1, ...placed.map((r) => r.tile[1])) + 1;
    const across = Math.max(8, ...placed.map((r) => r.tile[0] + 1));
    const average = (r) => r.series.reduce((a, [, v]) => a + v, 0) / r.series.length;
    const sorted = regions.list.map(average).sort((a, b) => a - b);
    map.style.gridTemplateColumns = `repeat(${across}, minmax(0, 1fr))`;
    let rest = 0;
    regions.list.forEach((r, i) => {
      const tile = document.createElement("button");
      tile.type = "button";
      tile.dataset.at = i;
      tile.textContent = r.label;
      tile.title = r.name;
      tile.setAttribute("aria-label", r.label === r.name ? r.name : r.label + " " + r.name);
      tile.setAttribute("aria-pressed", "false");
      tile.className = "tile level" + Math.min(4, Math.floor(5 * sorted.indexOf(average(r)) / sorted.length));
      const [column, line] = r.tile ?? [rest % across, down + Math.floor(rest++ / across)];
      tile.style.gridArea = `${line + 1} / ${column + 1}`;
      for (const kind of ["mouseenter", "focus"]) tile.addEventListener(kind, () => { if (current !== r) show(r); });
      tile.addEventListener("click", () => show(r));
      map.append(tile);
    });
  }

  function placeSlider(i) {
    slider.value = i;
    sliderLabel.textContent = goods[i].label;
    slider.setAttribute("aria-valuetext", goods[i].label);
  }

  function useSlider() {
    slider.max = goods.length - 1;
    slider.addEventListener("input", () => {
      const item = goods[slider.value];
      placeSlider(Number(slider.value));
      show(item);
    });
    placeSlider(goods.findIndex((one) => one.own));
  }

  // ---- search over the numbers of all tables
  let index = null;
  const plain = (text) => text.trim().toLowerCase().replaceAll("\u2212", "-").replace(/(\d),(?=\d{3})/g, "$1");

  function indexed() {
    const cells = [];
    for (const region of document.querySelectorAll(".scroll[id^='table']")) {
      const table = region.querySelector("table"), caption = table.caption?.textContent ?? "";
      const heads = [...table.tHead.rows].at(-1)?.cells ?? [];
      for (const row of table.tBodies[0].rows) {
        const first = row.cells[0]?.textContent.trim() ?? "";
        [...row.cells].slice(1).forEach((cell, i) => {
          if (!/\d/.test(cell.textContent) || cell.classList.contains("prose")) return;
          const column = heads[i + 1]?.textContent.trim() ?? "", value = cell.textContent.trim();
          const link = cell.querySelector("[data-origin]")?.dataset.origin ?? region.id;
          cells.push({ value, text: [first, column, caption].filter(Boolean).join(" \u00b7 "), link, plain: plain(value), all: plain([value, first, column, caption].join(" ")) });
        });
      }
    }
    return cells;
  }

  function find(query) {
    index = index || indexed();
    const tokens = plain(query).split(/\s+/).filter(Boolean);
    const fits = (cell) => tokens.every((t) => (/^-?[\d.]+%?$/.test(t) ? cell.plain.includes(t) : cell.all.includes(t)));
    const rank = (cell) => tokens.some((t) => cell.plain === t || cell.plain.startsWith(t)) ? 0 : 1;
    return tokens.length ? index.filter(fits).sort((a, b) => rank(a) - rank(b)) : [];
  }

  function search() {
    const box = at("find"), most = 12;
    const hits = find(box.value), n = hits.length;
    at("found").textContent = !box.value.trim() ? "" : filled(n === 0 ? words.none : n > most ? words.first : words.found, { n, shown: most });
    at("hits").replaceChildren(...hits.slice(0, most).map((hit) => {
      const item = document.createElement("li"), link = document.createElement("a"), value = document.createElement("b");
      link.href = "#" + encodeURIComponent(hit.link);
      value.textContent = hit.value;
      link.append(value, " ", hit.text);
      item.append(link);
      return item;
    }));
  }

  if (own && versionList) listVersions();
  if (map) layTiles();
  if (slider) useSlider();
  at("find").addEventListener("input", search);
  reset.addEventListener("click", () => { show(null); (versionList ?? map?.firstElementChild)?.focus(); });
  section.addEventListener("keydown", (event) => { if (event.key === "Escape" && event.target !== at("find")) show(null); });
  const again = () => show(current);
  window.addEventListener("resize", again);
  show(null);
})();
