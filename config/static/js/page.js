"use strict";
/* Small help for every page. Without it everything still works. */

/* A form that was sent says so, and is not sent twice by a second tap. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return; // asking twice changes nothing
  if (form.dataset.sent === "1") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  const button = event.submitter;
  if (button && button.tagName === "BUTTON") {
    button.classList.add("busy");
    button.setAttribute("aria-busy", "true");
  }
  const waiting = document.getElementById("waiting");
  if (waiting && form.hasAttribute("data-slow")) waiting.textContent = waiting.dataset.words;
});

/* The back button may bring a page back as it was left: with its form already sent. */
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll(".busy")) {
    button.classList.remove("busy");
    button.removeAttribute("aria-busy");
  }
});

/* A button that only a script answers stays shut until every script of the page has loaded: a tap
   before that would do nothing and say nothing. */
window.addEventListener("load", () => {
  for (const button of document.querySelectorAll("[data-needs-script]")) button.disabled = false;
});

/* Without a network nothing that is sent arrives: say so before somebody tries. */
function network() {
  const words = document.getElementById("offline");
  if (words) words.hidden = navigator.onLine;
}
window.addEventListener("online", network);
window.addEventListener("offline", network);
network();

/* Keeps one page for when there is no network. */
const worker = document.currentScript?.dataset.worker;
if (worker && "serviceWorker" in navigator) {
  window.addEventListener("load", () => navigator.serviceWorker.register(worker).catch(() => {}));
}

/* After errors the first thing to read is what to look at again. */
const summary = document.querySelector(".error-summary");
if (summary) summary.focus();
