// The login form: Gradio's /login sets the cookie, then the page itself is served.
import { applyTexts, t } from "./texts.js";

applyTexts();
const form = document.getElementById("login");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new FormData(form);
  const response = await fetch("login", { method: "POST", body }).catch(() => null);
  if (response?.ok) location.reload();
  else document.getElementById("wrong").textContent = t(response ? "wrongLogin" : "offline");
});
