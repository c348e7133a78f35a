// The live trace: encrypted callbacks, raw and opened, and API calls with their answers.

import { get } from "./api.js";
import { both, clock, find, make } from "./dom.js";

const MOST = 200;

export class Trace {
  constructor(phone) {
    this.phone = phone;
    this.entries = [];
  }

  async start() {
    find("only-mine").addEventListener("change", () => this.showAll());
    find("clear-trace").addEventListener("click", () => this.clear());
    find("openid").addEventListener("change", () => this.showAll());
    const { entries } = await get("/lab/trace?limit=2000");
    this.entries = entries.slice(-MOST).reverse();
    this.showAll();
  }

  add(entry) {
    this.entries.unshift(entry);
    if (this.entries.length > MOST) this.entries.pop();
    if (!this.fits(entry)) return;
    find("trace").prepend(make("li", {}, showEntry(entry)));
    while (find("trace").children.length > MOST) find("trace").lastChild.remove();
    find("trace-empty").hidden = true;
  }

  clear() {
    this.entries = [];
    this.showAll();
  }

  showAll() {
    const fitting = this.entries.filter((entry) => this.fits(entry));
    find("trace").replaceChildren(...fitting.map((entry) => make("li", {}, showEntry(entry))));
    find("trace-empty").hidden = fitting.length > 0;
  }

  fits(entry) {
    if (!find("only-mine").checked) return true;
    return JSON.stringify(entry).includes(this.phone.openid);
  }
}

function showEntry(entry) {
  if (entry.kind !== "callback") return showCall(entry);
  return entry.fake === "wechat" ? showCallback(entry) : showPost(entry);
}

function showPost(entry) {
  const words = `${new URL(entry.url).pathname}${entry.fault ? ` · 故障 ${entry.fault}` : ""}`;
  return unfolding(entry, {
    way: `${entry.fake} → 智达`, inward: true, what: words,
    status: entry.error || entry.status, failed: entry.status < 200 || entry.status > 299,
    parts: [
      [both("请求头", "Headers"), pretty(entry.headers)],
      [both("报文", "Body"), entry.opened, "", "trace-opened"],
      [both("应答", "Answer"), entry.answer || entry.error || "（空）"],
    ],
  });
}

function showCallback(entry) {
  const failed = entry.status !== 200;
  const what = /<MsgType><!\[CDATA\[(\w+)/.exec(entry.opened)?.[1] ?? "xml";
  const event = /<Event><!\[CDATA\[(\w+)/.exec(entry.opened)?.[1];
  const words = /<Content><!\[CDATA\[([\s\S]*?)\]\]>/.exec(entry.opened)?.[1] ?? "";
  const again = entry.attempt > 1 ? ` · 第 ${entry.attempt} 次` : "";
  return unfolding(entry, {
    way: "微信 → 智达", inward: true, what: `${event ?? what} ${words}${again}`,
    status: entry.error || entry.status, failed,
    parts: [
      [both("查询参数", "Query"), pretty(entry.query)],
      [both("加密报文", "Encrypted body"), entry.sealed, "sealed", "trace-sealed"],
      [both("解密后", "Opened"), breakXml(entry.opened), "", "trace-opened"],
      [both("应答", "Answer"), entry.answer || entry.error || "（空）", "sealed"],
      entry.answer_opened ? [both("应答解密后", "Answer opened"), breakXml(entry.answer_opened), "", "trace-answer-opened"] : null,
    ],
  });
}

function showCall(entry) {
  const answer = parse(entry.answer);
  const errcode = answer?.errcode ?? 0;
  const isWell = entry.status >= 200 && entry.status < 300;
  const failed = !isWell || errcode !== 0 || !answer;
  const fault = entry.fault ? ` · 故障 ${entry.fault}` : "";
  return unfolding(entry, {
    way: entry.fake === "wechat" ? "智达 → 微信" : `智达 → ${entry.fake}`, inward: false, what: `${entry.path.replace("/wechat-api/cgi-bin", "")}${fault}`,
    status: errcode ? `${errcode}` : entry.status, failed,
    parts: [
      [both("请求", "Request"), entry.request ? pretty(parse(entry.request) ?? entry.request) : entry.method, "", "trace-request"],
      [both("应答", "Answer"), pretty(answer ?? entry.answer), "", "trace-answer"],
    ],
  });
}

function unfolding(entry, shown) {
  const blocks = shown.parts.filter(Boolean).flatMap(([title, text, style, testid]) => [
    make("h3", {}, ...title), make("pre", { className: style ?? "", "data-testid": testid, tabindex: "0" }, text)]);
  return make("details", { "data-testid": "trace-entry", "data-kind": entry.kind },
    make("summary", {},
      make("span", { className: "when" }, clock(entry.at)),
      make("span", { className: shown.inward ? "way in" : "way" }, shown.way),
      make("span", { className: "what" }, shown.what),
      make("span", { className: shown.failed ? "status bad" : "status" }, `${shown.status} · ${Math.round(entry.ms)} ms`)),
    make("div", { className: "exchange" }, ...blocks));
}

const breakXml = (xml) => xml.replace(/>(?=<[A-Za-z]|<\/xml>)/g, ">\n");
const pretty = (value) => (typeof value === "string" ? value : JSON.stringify(value, null, 2));

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
