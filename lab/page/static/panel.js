// The other panels: ledger, SMS outbox, faults; and the tabs that lead to them.

import { get, post } from "./api.js";
import { both, clock, find, make, toast } from "./dom.js";

const FAULTS = [
  ["timeout_after", "custom", "发送后超时", "Timeout after the send", "微信已受理，应答却没有回来"],
  ["timeout_before", "custom", "发送前超时", "Timeout before the send", "请求没有被处理"],
  ["http_502", "custom", "502 网关错误", "Bad gateway", "结果未知"],
  ["http_429", "custom", "429 限流", "Too many requests", "稍后再试"],
  ["reset_after", "custom", "处理后连接重置", "Reset after the send", "微信已受理"],
  ["half", "custom", "应答只到一半", "Half an answer", "微信已受理"],
  ["html_200", "custom", "200 但返回网页", "HTML with 200", "机房登录页、防火墙页"],
  ["token_expired", "custom", "凭证失效", "Token expired", "应刷新一次并重发一次"],
  ["window_used_up", "custom", "窗口用完", "Window used up", "45047"],
  ["duplicate", "callback", "重复回调", "Duplicate callback", "同一 MsgId 再来一次"],
  ["late", "callback", "回调迟到", "Late callback", "晚 3 秒送达"],
  ["cut", "callback", "回调中断", "Callback cut", "1 秒后断开，然后重试"],
];
const SECONDS = { late: 3, cut: 1 };
const WAYS = { passive: "被动回复", custom: "客服消息", template: "模板消息" };

export function startTabs() {
  const tabs = [...document.querySelectorAll('[role="tab"]')];
  const choose = (tab) => {
    for (const one of tabs) {
      const isChosen = one === tab;
      one.setAttribute("aria-selected", String(isChosen));
      one.tabIndex = isChosen ? 0 : -1;
      find(one.getAttribute("aria-controls")).hidden = !isChosen;
    }
  };
  for (const [place, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(place + step + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    });
  }
}

export class LedgerPanel {
  async start() {
    const { last } = await get("/lab/ledger?limit=1");
    const { entries } = await get(`/lab/ledger?after=${Math.max(0, last - 100)}`);
    find("ledger").replaceChildren(...entries.reverse().map(showEntry));
    find("ledger-empty").hidden = entries.length > 0;
  }

  add(entry) {
    find("ledger").prepend(showEntry(entry));
    find("ledger-empty").hidden = true;
    while (find("ledger").children.length > 200) find("ledger").lastChild.remove();
  }
}

function showEntry(entry) {
  const words = entry.body?.content ?? entry.body?.text ?? entry.body?.head_content ?? entry.body?.template_id ?? entry.msgtype;
  return make("li", { className: "item", "data-testid": "ledger-entry" },
    make("span", { className: "when" }, clock(entry.at)), make("span", { className: "tag" }, entry.channel === "wechat" ? WAYS[entry.kind] : `${entry.channel} ${entry.kind}`),
    make("p", {}, String(words).slice(0, 160)), make("span", { className: "tag" }, entry.id));
}

export class SmsPanel {
  constructor(useCode) {
    this.useCode = useCode;
    this.newest = null;
  }

  async start() {
    await this.refresh();
    setInterval(() => { if (!document.hidden) this.refresh(); }, 2500);
  }

  async refresh() {
    const { sms } = await get("/lab/sms").catch(() => ({ sms: [] }));
    const newest = sms[0] ? `${sms[0].at} ${sms[0].text}` : "";
    if (this.newest === newest) return sms;
    const isNews = this.newest !== null && newest;
    this.newest = newest;
    find("sms").replaceChildren(...sms.map((one) => this.show(one)));
    find("sms-empty").hidden = sms.length > 0;
    find("sms-count").hidden = !isNews;
    find("sms-count").textContent = isNews ? "1" : "";
    const code = readCode(sms[0]?.text);
    if (isNews && code) toast(`模拟短信：验证码 ${code} · code by SMS`, { label: "填入 Use", run: () => this.useCode(code) });
    return sms;
  }

  show(one) {
    const code = readCode(one.text);
    return make("li", { className: "item", "data-testid": "sms-entry" },
      make("span", { className: "when" }, clock(one.at)), make("span", { className: "tag" }, one.phone), make("p", {}, one.text),
      code ? make("button", { type: "button", "data-testid": "sms-use", onclick: () => this.useCode(code) }, ...both("填入", "Use")) : null);
  }
}

export const readCode = (text) => /\d{6}/.exec(text ?? "")?.[0];

export class FaultPanel {
  async start() {
    find("clear-faults").addEventListener("click", () => post("/lab/faults", { mode: "none" }));
    this.show(await get("/lab/faults"));
  }

  show({ faults }) {
    const on = new Map(faults.map((one) => [one.mode, one]));
    find("fault-count").hidden = on.size === 0;
    find("fault-count").textContent = String(on.size);
    find("faults").replaceChildren(...FAULTS.map(([mode, target, zh, en, why]) => {
      const active = on.get(mode);
      const left = active ? (active.times === null ? " · 开" : ` · 剩 ${active.times} 次`) : "";
      return make("button", {
        type: "button", className: "fault", "aria-pressed": String(Boolean(active)), "data-testid": `fault-${mode}`,
        onclick: () => this.turnOn(mode, target),
      }, make("b", {}, zh + left), make("small", { lang: "en" }, en), make("small", {}, why));
    }));
  }

  turnOn(mode, target) {
    const times = find("fault-times").value;
    const body = { mode, target, seconds: SECONDS[mode] ?? 10 };
    post("/lab/faults", times ? { ...body, times: Number(times) } : body).catch((error) => toast(error.message));
  }
}
