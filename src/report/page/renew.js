// Renews a page in place: asks for it again and puts in what differs, so that what
// its reader scrolled to, opened or pointed at stays. The page is whole without it.
"use strict";

(() => {
  const PERIOD = 5000;
  const kind = (node) => node.nodeName + "#" + (node.id || "");

  const same = (old, fresh) => {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    if (old.hasAttribute("data-live")) return; // What this script says itself.
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    for (const name of old.getAttributeNames()) {
      if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
    }
    children(old, fresh);
  };
  const children = (old, fresh) => {
    let at = old.firstChild;
    const drop = () => {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    };
    for (const next of fresh.childNodes) {
      let own = next.id ? at : null;
      while (own && own.id !== next.id) own = own.nextSibling;
      while (own && at !== own) drop();
      if (at && kind(at) === kind(next)) {
        const following = at.nextSibling;
        same(at, next);
        at = following;
      } else {
        old.insertBefore(document.importNode(next, true), at);
      }
    }
    while (at) drop();
  };

  const say = (text, is_bad) => {
    for (const one of document.querySelectorAll("[data-live]")) {
      if (one.textContent !== text) one.textContent = text;
      one.classList.toggle("bad", is_bad);
    }
  };
  let again = 0;
  const renew = async () => {
    clearTimeout(again);
    try {
      const answer = await fetch(location.href, { signal: AbortSignal.timeout(PERIOD) });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      same(document.body, fresh.body);
      say("● live · ", false);
    } catch (error) {
      say("○ not live: no answer · ", true);
    }
    clearTimeout(again);
    if (!document.hidden) again = setTimeout(renew, PERIOD);
  };
  document.addEventListener("visibilitychange", () => document.hidden || renew());
  if (!document.hidden) again = setTimeout(renew, PERIOD);
})();
