"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const figures = read("figures"), tables = read("tables"), dark = read("dark");
  const root = document.documentElement;
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  const views = new Map();

  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : media.matches);

  function coloured(spec) {
    let text = JSON.stringify(spec);
    if (isDark()) for (const [light, night] of Object.entries(dark)) text = text.replaceAll(light, night);
    return JSON.parse(text);
  }

  async function draw() {
    for (const [name, spec] of Object.entries(figures)) {
      const place = document.getElementById("chart-" + name);
      views.get(name)?.finalize();
      const options = { ast: true, renderer: "svg", actions: false, tooltip: { theme: isDark() ? "dark" : "light" } };
      const binding = document.getElementById("binding-" + name);
      if (binding) {
        binding.replaceChildren();
        options.bind = binding;
      }
      try {
        views.set(name, await vegaEmbed(place, coloured(spec), options));
        place.querySelector("svg").setAttribute("aria-hidden", "true");
        place.dataset.drawn = "yes";
      } catch (problem) {
        place.textContent = "This figure could not be drawn: " + problem.message;
      }
    }
    root.dataset.ready = "yes";
  }

  function remember(theme) {
    try { localStorage.setItem("integrade-theme", theme); } catch { /* a page opened from a file may have no storage */ }
  }

  function showTheme(button) {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Light page" : "Dark page");
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
    const label = button.textContent;
    document.getElementById("said").textContent = done ? "Copied" : "Copying was refused by the browser";
    button.textContent = done ? "Copied" : "Refused";
    setTimeout(() => { button.textContent = label; }, 1500);
  }

  async function download(name, kind) {
    const view = views.get(name).view;
    const link = document.createElement("a");
    link.download = name + "." + kind;
    link.href = kind === "png" ? await view.toImageURL("png", 2)
      : URL.createObjectURL(new Blob([await view.toSVG()], { type: "image/svg+xml" }));
    link.click();
  }

  document.addEventListener("copy-text", (event) => { copy(event.detail.text, event.detail.button); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.copy) copy(tables[button.dataset.table][button.dataset.copy], button);
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
  window.addEventListener("beforeprint", () => {
    if (!isDark()) return;
    for (const svg of document.querySelectorAll(".chart svg")) {
      for (const [light, night] of Object.entries(dark)) svg.innerHTML = svg.innerHTML.replaceAll(night, light);
    }
  });
  window.addEventListener("afterprint", () => { if (isDark()) draw(); });
  showTheme(document.getElementById("theme"));
  draw();
})();
