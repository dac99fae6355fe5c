// Renews the numbers of a page in place from the stream of changes. The page is
// whole without it. Text goes in as text, never as markup.
"use strict";

(() => {
  const NONE = "–";
  const LOOKS = ["ok", "degraded", "bad", "unknown", "empty"];
  const STATES = { "OK": "ok", "NOT OK": "bad" };

  // The places of each port: a port may stand on a page more than once.
  const places = new Map();
  for (const place of document.querySelectorAll("[data-port]")) {
    const of = places.get(place.dataset.port) || [];
    of.push(place);
    places.set(place.dataset.port, of);
  }

  const all = (selector) => document.querySelectorAll(selector);
  const put = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };
  const or = (value, form) => (value === undefined ? NONE : form(value));
  const signed = (digits) => (value) => (value < 0 ? "" : "+") + value.toFixed(digits);

  // The forms that the server writes, too.
  const dbm = (watts) => (watts > 0 ? signed(2)(10 * Math.log10(watts * 1e3)) : "dark");
  const ratio = (port) => or(port.pre_fec_ber, (value) =>
    (port.pre_fec_ber_is_bound ? "<" : "") + value.toExponential(1).replace("e+", "e"));
  const FIELDS = {
    glyph: (port) => port.glyph,
    word: (port) => port.word,
    class: (port) => or(port.class, String),
    serial: (port) => or(port.serial, String),
    temperature: (port) => or(port.temperature_celsius, (value) => value.toFixed(1)),
    lane: (port) => or(port.rx_lane, String),
    rx: (port) => or(port.rx_power_watts, dbm),
    margin: (port) => or(port.rx_margin_db, signed(1)),
    ber: ratio,
    ber_margin: (port) => or(port.ber_margin_decades, signed(1)),
    growth: (port) => or(port.ber_decades_per_day, signed(2)),
    insertions: (port) => String(port.insertions),
    findings: (port) => String(port.findings),
    reason: (port) => port.reason || "",
    bringup: (port) => port.bringup || NONE,
  };

  // Ages count by the server's clock.
  let ahead = 0;
  const now = () => Date.now() / 1000 + ahead;
  const span = (seconds) => {
    if (seconds < 10) return Math.max(seconds, 0).toFixed(1) + " s";
    if (seconds < 120) return Math.floor(seconds) + " s";
    if (seconds < 7200) return Math.floor(seconds / 60) + " min";
    if (seconds < 172800) return Math.floor(seconds / 3600) + " h";
    return Math.floor(seconds / 86400) + " d";
  };
  const grow_older = () => {
    for (const one of all("[data-read]")) put(one, span(now() - Number(one.dataset.read)) + " ago");
    for (const one of all("[data-oldest]")) put(one, span(now() - Number(one.dataset.oldest)));
    for (const one of all("[data-now]")) {
      put(one, new Date(now() * 1000).toISOString().slice(0, 19) + "Z");
    }
  };

  const look = (element, classes, name) => {
    element.classList.remove(...classes);
    element.classList.add(name);
  };
  const renew = (place, port) => {
    if (place.matches("tr") && place.classList.length) look(place, LOOKS, port.mark);
    for (const sign of place.querySelectorAll("[data-look]")) {
      look(sign, LOOKS, port.mark);
      if (sign.title) sign.title = port.word;
    }
    for (const field of place.querySelectorAll("[data-field]")) {
      const name = field.dataset.field;
      if (name === "hints") hint(field, port.hints);
      else if (FIELDS[name]) put(field, FIELDS[name](port));
      if (name === "bringup") look(field, LOOKS, STATES[port.bringup] || "empty");
    }
    if (port.last_read_seconds === undefined) return;
    for (const read of place.querySelectorAll("[data-read]")) {
      read.dataset.read = port.last_read_seconds;
    }
  };
  const hint = (field, hints) => {
    const said = Array.from(field.children, (line) => line.textContent);
    if (said.length === hints.length && said.every((line, i) => line === hints[i])) return;
    field.replaceChildren(...hints.map((text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    }));
  };

  const told = (news) => {
    ahead = news.now_seconds - Date.now() / 1000;
    for (const port of news.ports) {
      for (const place of places.get(port.port) || []) renew(place, port);
    }
    for (const count of all("[data-count]")) {
      const number = news.counts[count.dataset.count];
      put(count, String(number));
      if (LOOKS.includes(count.dataset.count)) {
        count.parentElement.classList.toggle("none", number === 0);
      }
    }
    for (const one of all("[data-bringup=ok]")) put(one, String(news.counts.planned_ok));
    for (const one of all("[data-bringup=wanted]")) put(one, String(news.counts.planned));
    if (news.oldest_read_seconds !== undefined) {
      for (const one of all("[data-oldest]")) one.dataset.oldest = news.oldest_read_seconds;
    }
    grow_older();
  };

  const say = (text, is_bad) => {
    for (const one of all("[data-live]")) {
      put(one, text);
      one.classList.toggle("bad", is_bad);
    }
  };

  // A browser opens few connections to one server: a page that nobody looks at
  // gives its own back.
  let stream = null;
  let again = 0;
  const close = () => {
    clearTimeout(again);
    if (stream) stream.close();
    stream = null;
  };
  const open = () => {
    close();
    stream = new EventSource("/api/v1/stream");
    stream.addEventListener("open", () => say("● live · ", false));
    stream.addEventListener("ports", (event) => told(JSON.parse(event.data)));
    stream.addEventListener("others", () => location.reload());
    stream.addEventListener("error", () => {
      say("○ not live: no answer · ", true);
      close();
      again = setTimeout(open, 5000);
    });
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && open());
  setInterval(grow_older, 1000);
  if (!document.hidden) open();
})();
