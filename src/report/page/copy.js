// Brings the buttons to life that copy a dump file; without it there is the link.
"use strict";
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue; // Browsers give it to pages over TLS or of this host only.
  const status = button.nextElementSibling;
  button.hidden = false;
  button.addEventListener("click", async () => {
    let said = "copied";
    try {
      const answer = await fetch(button.dataset.copy);
      if (!answer.ok) throw new Error(String(answer.status));
      await navigator.clipboard.writeText(await answer.text());
    } catch (error) {
      said = "not copied: " + error.message;
    }
    button.textContent = said;
    if (status) status.textContent = said;
    setTimeout(() => { button.textContent = "copy dump"; }, 3000);
  });
}
