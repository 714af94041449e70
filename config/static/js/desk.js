"use strict";
/* The desk: a panel beside the timetable, keys, and moving visits about. Without it every link and
   every form still works, each on a page of its own. */

const panel = () => document.getElementById("panel");
const ASKED = { "HX-Boosted": "true" }; // somebody did this: it is no poll
const ROW_MS = 5 * 60 * 1000;
let moving = null; // the visit that is being moved: {visit, column, row, span, ghost}

function openPanel(url, visit) {
  for (const one of document.querySelectorAll(".visit[aria-current]")) one.removeAttribute("aria-current");
  if (visit) visit.setAttribute("aria-current", "true");
  return htmx.ajax("GET", url, { target: "#panel", swap: "innerHTML", headers: ASKED }).then(() => {
    panel().dataset.from = visit ? visit.id : "";
    panel().focus({ preventScroll: true });
    // Where there is no room beside the page it lies below it, out of sight.
    if (innerWidth < 1024) panel().scrollIntoView();
    panel().scrollTop = 0;
  });
}

function closePanel() {
  const back = document.getElementById(panel().dataset.from || "");
  panel().replaceChildren();
  for (const one of document.querySelectorAll(".visit[aria-current]")) one.removeAttribute("aria-current");
  (back || document.querySelector(".visit") || document.getElementById("q")).focus();
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest("[data-visit], [data-panel]");
  if (link && link.href && !link.closest("#panel")) {
    event.preventDefault();
    document.getElementById("found").replaceChildren();
    document.getElementById("q").value = "";
    openPanel(link.href, link.classList.contains("visit") ? link : null);
  }
  if (event.target.closest("[data-close]")) {
    event.preventDefault();
    closePanel();
  }
});

/* After each step the keys still work: nobody has to find the way back into the panel. */
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "panel" && !panel().contains(document.activeElement)) panel().focus({ preventScroll: true });
});

/* What was changed here is seen at once; what others changed with the next look. */
document.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, successful } = event.detail;
  if (requestConfig.verb === "post" && successful && requestConfig.path.indexOf("/find/") < 0) {
    document.body.dispatchEvent(new Event("changed"));
  }
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id === "board" && (moving || document.hidden)) event.preventDefault();
});
document.addEventListener("htmx:responseError", (event) => {
  if (event.target.id === "board") return; // the next look may be better
  const words = document.createElement("p");
  words.className = "note note-warn";
  words.setAttribute("role", "alert");
  words.textContent = panel().dataset.trouble;
  panel().prepend(words);
});

/* The timetable is drawn anew: keep its place, and who is open. */
let place = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id !== "board") return;
  const scroll = event.target.querySelector(".board-scroll");
  place = { left: scroll.scrollLeft, top: scroll.scrollTop, focused: document.activeElement === scroll };
});
document.addEventListener("htmx:afterSettle", (event) => {
  const board = document.getElementById("board");
  if (!board || !place || (event.target.id !== "board" && event.target !== board)) return;
  const scroll = board.querySelector(".board-scroll");
  scroll.scrollLeft = place.left;
  scroll.scrollTop = place.top;
  if (place.focused) scroll.focus();
  place = null;
  const counts = board.querySelector(".counts").dataset;
  for (const badge of document.querySelectorAll("[data-count]")) badge.textContent = counts[badge.dataset.count];
  const current = document.getElementById(panel().dataset.from || "");
  if (current) current.setAttribute("aria-current", "true");
});
document.addEventListener("DOMContentLoaded", () => {
  const now = document.querySelector(".now");
  const scroll = document.querySelector(".board-scroll");
  if (now && scroll) scroll.scrollTop = now.offsetTop - scroll.clientHeight / 3;
});

/* --- Moving ------------------------------------------------------------------------------- */

const numbered = (element, letter) =>
  Number([...element.classList].find((name) => name.match(`^${letter}\\d+$`))?.slice(letter.length) || 1);

function take(visit) {
  const block = visit.closest(".block");
  const ghost = document.createElement("li");
  moving = {
    visit,
    ghost,
    column: visit.closest(".column"),
    row: numbered(block, "r"),
    span: numbered(block, "h"),
  };
  visit.classList.add("moving");
  land();
}

function land(column = moving.column, row = moving.row) {
  const rows = Number(document.getElementById("board").dataset.rows);
  moving.column = column;
  moving.row = Math.min(Math.max(1, row), rows);
  moving.ghost.className = `landing r${moving.row} h${Math.min(moving.span, rows - moving.row + 1)}`;
  moving.ghost.textContent = `${clock(moving.row)} ${column.querySelector("h2").textContent.trim()}`;
  column.querySelector(".slots").append(moving.ghost);
  document.getElementById("landing").textContent = moving.ghost.textContent;
}

function clock(row) {
  const hours = [...document.querySelectorAll(".hours li")];
  const at = hours.filter((one) => numbered(one, "r") <= row).pop();
  const minutes = (row - numbered(at, "r")) * 5;
  return `${at.textContent.slice(0, 2)}:${String(minutes).padStart(2, "0")}`;
}

function drop(agreed) {
  const { visit, ghost, column, row } = moving;
  ghost.remove();
  visit.classList.remove("moving");
  moving = null;
  document.getElementById("landing").textContent = "";
  if (!agreed) return visit.focus();
  const start = new Date(Date.parse(column.dataset.start) + (row - 1) * ROW_MS);
  const asked = new URLSearchParams({ start: start.toISOString(), column: column.dataset.resource || "" });
  openPanel(`${visit.href}move/?${asked}`, visit);
}

function under(event) {
  const column = document.elementsFromPoint(event.clientX, event.clientY).map((one) => one.closest(".column")).find(Boolean);
  return column || moving.column;
}

let pressed = null;
document.addEventListener("dragstart", (event) => event.target.closest(".visit") && event.preventDefault());
document.addEventListener("pointerdown", (event) => {
  const visit = event.target.closest(".visit[data-movable]");
  if (visit && event.button === 0 && event.pointerType === "mouse") {
    pressed = { visit, x: event.clientX, y: event.clientY, into: event.clientY - visit.getBoundingClientRect().top };
  }
});
document.addEventListener("pointermove", (event) => {
  if (pressed && !moving && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > 6) take(pressed.visit);
  if (!pressed || !moving) return;
  const column = under(event);
  const slots = column.querySelector(".slots");
  const height = slots.getBoundingClientRect().height / slots.scrollHeight * parseFloat(getComputedStyle(slots).gridAutoRows);
  const row = (event.clientY - pressed.into - slots.getBoundingClientRect().top) / height;
  const step = event.shiftKey ? 1 : 3;
  land(column, Math.round(row / step) * step + 1);
});
document.addEventListener("pointerup", () => {
  const dragged = pressed && moving;
  pressed = null;
  if (!dragged) return;
  drop(true);
  document.addEventListener("click", (event) => event.preventDefault() || event.stopPropagation(), { capture: true, once: true });
  setTimeout(() => document.body.click(), 0); // uses up the listener where no click follows
});

/* --- Keys ----------------------------------------------------------------------------------- */

const singles = () => document.getElementById("single-keys")?.checked ?? true;
const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), select, textarea");

function step(visit, key) {
  const column = visit.closest(".column");
  const all = [...column.querySelectorAll(".visit[href]")];
  if (key === "ArrowDown") return all[all.indexOf(visit) + 1];
  if (key === "ArrowUp") return all[all.indexOf(visit) - 1];
  const row = numbered(visit.closest(".block"), "r");
  let next = column;
  do next = key === "ArrowRight" ? next.nextElementSibling : next.previousElementSibling;
  while (next && !next.querySelector(".visit[href]"));
  const distance = (one) => Math.abs(numbered(one.closest(".block"), "r") - row);
  return next && [...next.querySelectorAll(".visit[href]")].sort((a, b) => distance(a) - distance(b))[0];
}

function moveByKey(event) {
  const by = event.shiftKey ? 1 : 3;
  const aside = { ArrowRight: "nextElementSibling", ArrowLeft: "previousElementSibling" }[event.key];
  if (event.key === "Escape") drop(false);
  else if (event.key === "Enter") drop(true);
  else if (event.key === "ArrowDown") land(moving.column, moving.row + by);
  else if (event.key === "ArrowUp") land(moving.column, moving.row - by);
  else if (aside && moving.column[aside]?.classList.contains("column")) land(moving.column[aside]);
  else return;
  event.preventDefault();
}

document.addEventListener("keydown", (event) => {
  const focused = document.activeElement || document.body;
  if (moving && !pressed) return moveByKey(event);
  if ((event.key === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && singles() && !typing(focused))) {
    event.preventDefault();
    document.getElementById("q").select();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const search = focused.closest(".command");
  if (search) return searchKeys(event, focused);
  if (event.key === "Escape" && panel().childElementCount) return closePanel();
  if (typing(focused)) return;
  const visit = focused.closest(".visit[href]");
  if (visit && event.key.startsWith("Arrow")) {
    const next = step(visit, event.key);
    if (next) next.focus();
    event.preventDefault();
  } else if (visit && event.key === "m" && singles() && visit.hasAttribute("data-movable")) {
    take(visit);
  } else if (singles()) {
    // In the panel its keys, elsewhere those of a page that has a decision of its own.
    const where = focused.closest("#panel") || document.querySelector("[data-page-keys]");
    const button = where?.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (button) {
      event.preventDefault();
      button.click();
    }
  }
});

/* Enter opens the first that was found for what stands there now, as soon as it has been found. */
let wanted = null;
function openFirst() {
  const found = document.querySelector("#found .found");
  const first = found?.querySelector("a");
  if (!first || found.dataset.q !== document.getElementById("q").value.trim()) return false;
  if (first.hasAttribute("data-panel")) first.click();
  else location.assign(first.href);
  return true;
}
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "found" || wanted === null) return;
  if (openFirst() || wanted !== document.getElementById("q").value) wanted = null;
});

function searchKeys(event, focused) {
  const links = [...document.querySelectorAll("#found a")];
  const at = links.indexOf(focused);
  if (event.key === "Escape") {
    document.getElementById("found").replaceChildren();
    document.getElementById("q").value = "";
    (document.querySelector(".visit") || panel()).focus();
  } else if (event.key === "ArrowDown" && links.length) {
    links[Math.min(at + 1, links.length - 1)].focus();
    event.preventDefault();
  } else if (event.key === "ArrowUp" && at >= 0) {
    (links[at - 1] || document.getElementById("q")).focus();
    event.preventDefault();
  } else if (event.key === "Enter" && focused.id === "q") {
    event.preventDefault();
    if (!openFirst()) wanted = focused.value;
  }
}
try {
  const kept = localStorage.getItem("single-keys");
  document.addEventListener("DOMContentLoaded", () => {
    const box = document.getElementById("single-keys");
    if (!box) return;
    if (kept) box.checked = kept === "yes";
    box.addEventListener("change", () => localStorage.setItem("single-keys", box.checked ? "yes" : "no"));
  });
} catch { /* a browser that keeps nothing asks again */ }
