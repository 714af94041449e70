"use strict";
/* Counts a hold down. The server says how many seconds are left; the phone's clock, which may be
   wrong, is never read: only how much time has gone by since the page came. */
const LAST_MINUTES = 180;

function start(hold) {
  const left = hold.querySelector(".left");
  const bar = hold.querySelector("progress");
  const spoken = hold.querySelector("[role=status]");
  const atFirst = Number(hold.dataset.secondsLeft);
  const began = performance.now();
  let warned = false;

  function tick() {
    if (!hold.isConnected) return clearInterval(timer);
    const seconds = Math.max(0, Math.ceil(atFirst - (performance.now() - began) / 1000));
    const two = (number) => String(number).padStart(2, "0");
    left.textContent = `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
    if (bar) bar.value = seconds;
    if (seconds <= LAST_MINUTES && !warned && seconds > 0) {
      warned = true;
      hold.classList.add("hold-soon");
      spoken.textContent = hold.dataset.soon;
    }
    if (seconds === 0) {
      clearInterval(timer);
      refresh();
    }
  }
  const timer = setInterval(tick, 1000);
  tick();
}

/* A phone that slept does not count: ask the server again, and show what it says. */
async function refresh() {
  const hold = document.getElementById("hold");
  if (!hold) return;
  let answer;
  try {
    answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  } catch {
    return; // no network: the last count goes on, and the page says that it is offline
  }
  if (!answer.ok) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("hold");
  if (!fresh || !fresh.dataset.secondsLeft) return location.reload();
  hold.replaceWith(fresh);
  start(fresh);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
const held = document.getElementById("hold");
if (held && held.dataset.secondsLeft) start(held);
