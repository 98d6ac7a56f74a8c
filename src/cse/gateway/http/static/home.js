// The home page's living numbers. They come from the public API of this exchange, by polling: a page that
// only looks needs no stream. Numbers are shown as they came, as text; nothing is computed with floats
// but the percentage of change, which is for the eye.
"use strict";

const ROWS = 7;
const PERIOD_MS = 1000;
const STALE_MS = 5000;
const byId = (id) => document.getElementById(id);
let current = null;
let listed = new Map();
let lastGood = 0;

const element = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

// "1.2300" with its trailing zeros quiet.
const quiet = (cell, text) => {
  const cut = /^(.*?\.\d*?)(0*)$/.exec(text ?? "");
  cell.replaceChildren(cut ? cut[1] : text ?? "–");
  if (cut && cut[2]) cell.append(element("span", "zeros", cut[2]));
  return cell;
};

const get = async (path) => {
  const answer = await fetch(path, { headers: { accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
};

const change = (ticker) => {
  if (ticker.open === null || Number(ticker.open) === 0) return { text: "–", className: "faint" };
  const percent = (Number(ticker.last) / Number(ticker.open) - 1) * 100;
  const sign = percent > 0 ? "+" : percent < 0 ? "−" : "";
  const arrow = percent > 0 ? "▲" : percent < 0 ? "▼" : "";
  return {
    text: `${arrow} ${sign}${Math.abs(percent).toFixed(2)} %`.trim(),
    className: percent > 0 ? "up" : percent < 0 ? "down" : "faint",
  };
};

const row = (ticker) => {
  const [base, quote] = ticker.market.split("-");
  const line = element("tr");
  line.dataset.market = ticker.market;
  const name = element("td");
  const button = element("button", "", base);
  button.type = "button";
  button.append(element("small", "", ` / ${quote}`));
  name.append(button);
  line.append(name);
  for (const className of ["", "", "wide", "wide", "", "wide"]) line.append(element("td", className));
  line.addEventListener("click", () => show(ticker.market));
  return line;
};

const write = (cell, text) => {
  if (cell.dataset.text === text) return false;
  const known = cell.dataset.text !== undefined;
  cell.dataset.text = text;
  quiet(cell, text);
  return known;
};

const flash = (cell) => {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  cell.classList.add("flash");
  setTimeout(() => cell.classList.remove("flash"), 300);
};

const paintMarkets = (tickers) => {
  const body = byId("rows");
  if (tickers.length === 0) {
    const cell = element("td", "empty", "No market is listed yet. An operator lists markets; the sandbox brings five.");
    cell.colSpan = 7;
    body.replaceChildren(element("tr"));
    body.firstChild.append(cell);
    return;
  }
  if (body.childElementCount !== tickers.length || !body.firstChild.dataset.market) {
    body.replaceChildren(...tickers.map(row));
  }
  tickers.forEach((ticker, index) => {
    const [, last, moved, high, low, volume, status] = body.children[index].children;
    if (write(last, ticker.last ?? "–")) flash(last);
    const { text, className } = change(ticker);
    moved.textContent = text;
    moved.className = className;
    write(high, ticker.high ?? "–");
    write(low, ticker.low ?? "–");
    const [base] = ticker.market.split("-");
    volume.textContent = `${ticker.volume} ${base}`;
    volume.title = `${ticker.quote_volume} ${ticker.market.split("-")[1]} in 24 hours`;
    status.textContent = listed.get(ticker.market)?.status.replace("_", " ") ?? "";
    body.children[index].toggleAttribute("aria-current", ticker.market === current);
  });
};

const levels = (side, className) => {
  const cells = [];
  for (let index = 0; index < ROWS; index += 1) {
    const line = element("tr");
    const level = side[index];
    line.append(quiet(element("td", className), level ? level[0] : ""));
    line.append(quiet(element("td"), level ? level[1] : ""));
    cells.push(line);
  }
  return cells;
};

const paintLead = (ticker, book, trades) => {
  const [base, quote] = ticker.market.split("-");
  byId("lead-market").textContent = `${base} / ${quote}`;
  byId("lead-unit").replaceChildren("Quantity", element("span", "", `, ${base}`));
  const price = byId("lead-price");
  if (write(price, ticker.last ?? "–")) flash(price);
  const { text, className } = change(ticker);
  byId("lead-change").textContent = `${text} in 24 h`;
  byId("lead-change").className = `change ${className}`;
  byId("asks").replaceChildren(...levels(book.asks, "down").reverse());
  byId("bids").replaceChildren(...levels(book.bids, "up"));
  const [bid, ask] = [book.bids[0], book.asks[0]];
  byId("spread").replaceChildren(
    ...(bid && ask
      ? [bid[0], element("span", "", " bid"), " · ", ask[0], element("span", "", ` ask, ${quote}`)]
      : ["nobody quotes one side"]),
  );
  const lines = trades.slice(0, 2 * ROWS + 1).map((trade) => {
    const line = element("tr");
    const up = trade.taker_side === "buy";
    line.append(element("td", up ? "up" : "down", `${trade.price} ${up ? "▲" : "▼"}`));
    line.append(quiet(element("td"), trade.quantity));
    const time = element("td", "", new Date(trade.time).toLocaleTimeString([], { hour12: false }));
    time.title = new Date(trade.time).toISOString();
    line.append(time);
    return line;
  });
  while (lines.length < 2 * ROWS + 1) {
    const line = element("tr");
    line.append(element("td", "", " "), element("td"), element("td"));
    lines.push(line);
  }
  byId("tape").replaceChildren(...lines);
};

const state = (name, words) => {
  byId("link").dataset.state = name;
  byId("link").lastElementChild.textContent = words;
};

const step = async () => {
  const began = performance.now();
  try {
    const { tickers } = await get("/api/tickers");
    if (tickers.length !== listed.size) {
      const { markets } = await get("/api/markets");
      listed = new Map(markets.map((market) => [market.market, market]));
    }
    current ??= tickers.reduce((best, next) => (next.trades > (best?.trades ?? -1) ? next : best), null)?.market;
    paintMarkets(tickers);
    if (current) {
      const [book, tape] = await Promise.all([
        get(`/api/orderbook/${current}?depth=${ROWS}`),
        get(`/api/trades?market=${current}&limit=${2 * ROWS + 1}`),
      ]);
      paintLead(tickers.find((ticker) => ticker.market === current), book, tape.trades);
    }
    lastGood = Date.now();
    state("live", `live, ${Math.round(performance.now() - began)} ms`);
  } catch (error) {
    const behind = Math.round((Date.now() - lastGood) / 1000);
    if (lastGood && Date.now() - lastGood < STALE_MS) state("behind", `${behind} s behind`);
    else state("offline", lastGood ? `no answer for ${behind} s` : "no answer");
  }
};

const show = (market) => {
  current = market;
  step();
};

const run = async () => {
  if (!document.hidden) await step();
  setTimeout(run, PERIOD_MS);
};

byId("zone").title = Intl.DateTimeFormat().resolvedOptions().timeZone;
run();
