// The login form: Gradio's /login sets the cookie, then the page itself is served.
import { applyTexts, t } from "./texts.js";

applyTexts();
const form = document.getElementById("login");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const response = await fetch("login", { method: "POST", body: new FormData(form) });
  if (response.ok) location.reload();
  else document.getElementById("wrong").textContent = t("wrongLogin");
});
