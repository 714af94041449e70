"use strict";
/* Asks before somebody is signed out. The server decides; this only speaks in time. What was typed
   stays on the page: signing in again in another tab lets it be sent. */
const idle = document.getElementById("idle");
if (idle) {
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => idle.showModal(), Number(idle.dataset.askAfter) * 1000);
  };
  idle.addEventListener("close", async () => {
    const token = idle.querySelector("[name=csrfmiddlewaretoken]").value;
    const answer = await fetch(idle.dataset.stay, { method: "POST", headers: { "X-CSRFToken": token } });
    if (answer.status === 204) wait();
    else location.reload();
  });
  wait();
}
