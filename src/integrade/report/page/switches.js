"use strict";
(() => {
  const block = document.getElementById("switches");
  const place = document.querySelector(".switches .choices");
  if (!place) return;
  const found = JSON.parse(block.textContent);
  const shown = document.getElementById("version");
  const chart = document.getElementById("chart-curve");
  const numbers = [...document.querySelectorAll("#answer [data-number]")];
  const own = new Map(numbers.map((value) => [value, [...value.childNodes]]));
  const words = [...document.querySelectorAll("#answer .own")];
  const drawing = document.createElement("div");
  const caption = document.querySelector("#figure-curve figcaption small");
  const subtitle = caption?.textContent;
  const selects = [];
  drawing.className = "version-curve";
  drawing.setAttribute("role", "img");
  drawing.hidden = true;
  chart?.after(drawing);

  function element(name, attributes = {}, ...children) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  function points({ curve }) {
    const [low, high, centre, b1, b2, w11, w12, w22] = curve;
    return Array.from({ length: 101 }, (_, i) => {
      const x = low + (high - low) * i / 100;
      const g1 = x - centre, g2 = x * x - centre * centre;
      const y = b1 * g1 + b2 * g2;
      const half = Math.sqrt(Math.max(w11 * g1 * g1 + 2 * w12 * g1 * g2 + w22 * g2 * g2, 0));
      return { x, y, low: y - half, high: y + half };
    });
  }

  function ticks(from, to, wanted) {
    const rough = (to - from) / wanted, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
    const places = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const all = [];
    for (let k = Math.ceil(from / step); k * step <= to + step * 1e-9; k += 1) all.push(k * step);
    return all.map((value) => [value, (Math.abs(value) < step / 2 ? 0 : value).toFixed(places).replace("-", "\u2212")]);
  }

  const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

  // A version of one choice with its sentences: the templates of the page with the version's values.
  function told([key, before, , alone], option) {
    const { point, interval, N: rows } = option.numbers;
    const values = { ...option.values, point, interval, rows, before, choice: key + ": " + option.name };
    return {
      ...option,
      alone,
      version: filled(found.version, values),
      sentences: [filled(found.size, values), filled(values.first ? found.outside : found.turns, values)],
      described: filled(found.described[alone ? 1 : 0], values),
    };
  }

  function draw(version) {
    const width = Math.max(drawing.clientWidth, 260), height = 340;
    const left = 58, right = width - 8, top = 10, bottom = height - 42;
    const line = points(version.curve), before = version.alone ? [] : points(found.curve);
    const every = [...line, ...before];
    const [x0, x1] = [Math.min(...every.map((p) => p.x)), Math.max(...every.map((p) => p.x))];
    const [y0, y1] = [Math.min(...line.map((p) => p.low), ...before.map((p) => p.y)), Math.max(...line.map((p) => p.high), ...before.map((p) => p.y))];
    const room = (y1 - y0) * 0.06 || 1;
    const x = (v) => left + (right - left) * (v - x0) / (x1 - x0);
    const y = (v) => bottom - (bottom - top) * (v - y0 + room) / (y1 - y0 + 2 * room);
    const path = (list, key) => list.map((p, i) => (i ? "L" : "M") + x(p.x).toFixed(1) + " " + y(p[key]).toFixed(1)).join("");
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
    for (const [value, text] of ticks(y0 - room, y1 + room, 7)) {
      svg.append(element("line", { class: "grid", x1: left, x2: right, y1: y(value), y2: y(value) }));
      svg.append(element("text", { class: "tick", x: left - 6, y: y(value) + 4, "text-anchor": "end" }, text));
    }
    for (const [value, text] of ticks(x0, x1, width > 500 ? 9 : 5)) {
      svg.append(element("text", { class: "tick", x: x(value), y: bottom + 16, "text-anchor": "middle" }, text));
    }
    const { ends, point } = version.curve;
    const cut = (v) => Math.min(Math.max(v, x0), x1);
    const spans = !ends.length ? [[x0, x1]] : version.curve.between ? [ends] : [[x0, ends[0]], [ends[1], x1]];
    for (const [a, b] of spans) {
      if (cut(b) > cut(a)) svg.append(element("rect", { class: "span", x: x(cut(a)), width: x(cut(b)) - x(cut(a)), y: top, height: bottom - top }));
    }
    svg.append(element("path", { class: "band", d: path(line, "high") + path([...line].reverse(), "low").replace("M", "L") + "Z" }));
    if (before.length) svg.append(element("path", { class: "before", d: path(before, "y") }));
    svg.append(element("path", { class: "line", d: path(line, "y") }));
    if (point > x0 && point < x1) svg.append(element("line", { class: "turn", x1: x(point), x2: x(point), y1: top, y2: bottom }));
    svg.append(element("line", { class: "axis", x1: left, x2: right, y1: bottom, y2: bottom }));
    const middle = (top + bottom) / 2;
    svg.append(element("text", { class: "name", x: (left + right) / 2, y: height - 6, "text-anchor": "middle" }, found.axes[0]));
    const name = element("text", { class: "name", x: 11, y: middle, "text-anchor": "middle", transform: `rotate(-90 11 ${middle})` }, found.axes[1]);
    svg.append(name);
    drawing.replaceChildren(svg);
    const long = name.getComputedTextLength() / (height - 8);
    if (long > 1) name.style.fontSize = 11 / long + "px";
    drawing.setAttribute("aria-label", version.described);
  }

  let current = null;

  function show(version, select) {
    current = version;
    for (const other of selects) other.disabled = Boolean(version) && other !== select;
    reset.disabled = !version;
    for (const part of words) part.hidden = Boolean(version);
    for (const value of numbers) {
      if (version) value.replaceChildren(version.numbers[value.dataset.number] || "\u2013");
      else value.replaceChildren(...own.get(value));
    }
    const said = version ? [version.version, ...version.sentences, found.alone] : [];
    shown.replaceChildren(...said.map((text, i) => {
      const made = document.createElement("p");
      if (!i) made.className = "which";
      made.textContent = text;
      return made;
    }));
    state.textContent = version ? "" : found.own;
    if (caption) caption.textContent = version ? version.described : subtitle;
    document.getElementById("answer").classList.toggle("of-a-version", Boolean(version));
    if (!chart) return;
    chart.hidden = Boolean(version);
    drawing.hidden = !version;
    if (version) draw(version);
  }

  for (const choice of found.choices) {
    const [key, , own, , options] = choice;
    const label = document.createElement("label"), select = document.createElement("select"), name = document.createElement("span");
    name.textContent = key;
    select.append(new Option(own, ""));
    options.forEach((option, i) => {
      const made = new Option(option.name, i);
      made.disabled = !option.numbers;
      select.append(made);
    });
    select.addEventListener("change", () => show(select.value === "" ? null : told(choice, options[Number(select.value)]), select));
    label.append(name, select);
    place.append(label);
    selects.push(select);
  }
  const state = document.createElement("p");
  state.className = "state";
  const reset = document.createElement("button");
  reset.type = "button";
  reset.textContent = found.reset;
  reset.addEventListener("click", () => {
    for (const select of selects) select.value = "";
    show(null);
    selects[0]?.focus();
  });
  place.after(state, reset);
  show(null);
  window.addEventListener("resize", () => { if (current) draw(current); });
  window.addEventListener("beforeprint", () => { if (current) draw(current); });
})();
