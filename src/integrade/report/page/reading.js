"use strict";
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const contents = document.querySelector(".contents details");
  const folds = [...document.querySelectorAll(".fold")];

  function show(id) {
    const target = id && document.getElementById(id);
    if (!target) return;
    const own = target.querySelector(":scope > .fold");
    if (own) own.open = true;
    for (let at = target.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
    target.scrollIntoView();
  }

  const named = (hash) => { try { return decodeURIComponent(hash.slice(1)); } catch { return hash.slice(1); } };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    show(named(link.hash));
    if (link.closest(".contents") && !wide.matches) contents.open = false;
  });
  window.addEventListener("hashchange", () => show(named(location.hash)));

  for (const place of document.querySelectorAll(".folds")) {
    const own = [...place.closest(".part").querySelectorAll(".fold")];
    const button = document.createElement("button");
    const name = () => { button.textContent = own.every((fold) => fold.open) ? words.closeAll : words.openAll; };
    button.type = "button";
    button.addEventListener("click", () => {
      const open = !own.every((fold) => fold.open);
      for (const fold of own) fold.open = open;
      name();
    });
    for (const fold of own) fold.addEventListener("toggle", name);
    name();
    place.append(button);
  }

  // A browser that searches folded text opens what it finds; in others a search begins with all of it open.
  if (!("onbeforematch" in document.documentElement)) {
    window.addEventListener("keydown", (event) => {
      if (event.key === "F3" || ((event.ctrlKey || event.metaKey) && event.key === "f")) for (const fold of folds) fold.open = true;
    });
  }

  let shut = [];
  window.addEventListener("beforeprint", () => {
    shut = [...document.querySelectorAll("details:not([open])")];
    for (const fold of shut) fold.open = true;
  });
  window.addEventListener("afterprint", () => { for (const fold of shut) fold.open = false; });

  const wide = window.matchMedia("(min-width: 75rem)");
  const arrange = () => { if (contents) contents.open = wide.matches; };
  wide.addEventListener("change", arrange);
  arrange();

  const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [named(link.hash), link]));
  const places = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);

  function mark() {
    const line = window.innerHeight / 3;
    const last = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
    const here = last ? places.at(-1) : places.findLast((place) => place.getBoundingClientRect().top <= line) ?? places[0];
    for (const [id, link] of links) {
      if (id !== here?.id) link.removeAttribute("aria-current");
      else if (!link.hasAttribute("aria-current")) {
        link.setAttribute("aria-current", "location");
        if (wide.matches) link.scrollIntoView({ block: "nearest" });
      }
    }
  }

  function edges(box) {
    box.classList.toggle("wider", box.scrollWidth > box.clientWidth + 1);
    box.classList.toggle("past", box.scrollLeft > 1);
  }

  // A box that scrolls ends between two columns, so that no number stands there without its stars.
  function fit(box) {
    box.style.maxWidth = "";
    const room = box.clientWidth;
    if (room && box.scrollWidth > room + 1) {
      const start = box.getBoundingClientRect().left - box.scrollLeft;
      const ends = [...box.querySelectorAll("thead tr:first-child > *")].map((cell) => cell.getBoundingClientRect().right - start);
      const fitting = ends.slice(1).filter((end) => end <= room).at(-1);
      if (fitting > 0.7 * room) box.style.maxWidth = Math.ceil(fitting) + "px";
    }
    edges(box);
  }

  const boxes = [...document.querySelectorAll(".scroll")];
  for (const box of boxes) box.addEventListener("scroll", () => edges(box), { passive: true });
  const fitAll = () => { for (const box of boxes) fit(box); };
  for (const fold of document.querySelectorAll("details")) fold.addEventListener("toggle", () => { for (const box of fold.querySelectorAll(".scroll")) fit(box); });
  window.addEventListener("resize", fitAll);
  fitAll();

  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mark(); });
  };
  if (places.length) {
    window.addEventListener("scroll", later, { passive: true });
    window.addEventListener("resize", later);
    mark();
  }
  show(named(location.hash));
})();
