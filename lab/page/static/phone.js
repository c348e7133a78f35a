// The WeChat phone: who it belongs to, what it shows, what its owner does.

import { get, post, takePhoto } from "./api.js";
import { showBubble } from "./bubble.js";
import { both, find, make, store, toast } from "./dom.js";

// 28 characters, as real openids have; every one begins with “lab”.
const PEOPLE = [
  ["labWangXiaoming_000000000001", "王小明"], ["labLiSiyuan_0000000000000002", "李思远"],
  ["labZhangWei_0000000000000003", "张伟"], ["labChenMei_00000000000000004", "陈梅"],
  ["labZhaoLei_00000000000000005", "赵磊"], ["labSmith_0000000000000000006", "Smith"],
];

export class Phone {
  constructor(account) {
    this.account = account;
    this.openid = store.get("openid") ?? PEOPLE[0][0];
    this.shown = new Set();
    this.followed = true;
    this.waiters = new Set();
  }

  async start() {
    this.listPeople();
    find("openid").addEventListener("change", (event) => this.turnTo(event.target.value));
    find("new-openid").addEventListener("click", () => this.turnTo(newOpenid()));
    find("follow").addEventListener("click", () => this.act({ event: this.followed ? "unsubscribe" : "subscribe" }));
    find("writer").addEventListener("submit", (event) => this.write(event));
    find("more").addEventListener("click", () => this.unfold(find("extras").hidden));
    for (const button of document.querySelectorAll("[data-act]")) {
      button.addEventListener("click", () => this.useExtra(button.dataset.act));
    }
    for (const screen of document.querySelectorAll(".screen")) screen.append(watermark());
    await this.turnTo(this.openid);
  }

  listPeople() {
    const known = PEOPLE.some(([openid]) => openid === this.openid) ? PEOPLE : [...PEOPLE, [this.openid, "新客户"]];
    find("openid").replaceChildren(...known.map(([openid, name]) => make("option", { value: openid }, `${name} · ${openid.slice(0, 7)}…${openid.slice(-3)}`)));
    find("openid").value = this.openid;
  }

  async turnTo(openid) {
    this.openid = openid;
    store.set("openid", openid);
    this.listPeople();
    this.shown.clear();
    find("talk").replaceChildren();
    const state = await this.refresh();
    for (const bubble of state.bubbles) this.add(bubble);
    this.showMenu(state.menu);
  }

  async refresh() {
    const openid = this.openid;
    const state = await get(`/lab/wechat/${this.account}/phone/${encodeURIComponent(openid)}`);
    if (openid !== this.openid) return { bubbles: [] };
    this.followed = state.followed;
    find("follow").replaceChildren(...(state.followed ? both("取消关注", "Unfollow") : both("关注", "Follow")));
    find("follow").setAttribute("aria-pressed", String(state.followed));
    find("words").disabled = !state.followed;
    find("words").placeholder = state.followed ? "请输入消息 · Message" : "已取消关注 · not following";
    find("quota").textContent = state.windows.length
      ? state.windows.map((one) => `${one.rule === "message" ? "48h" : "1min"} 剩 ${one.left}`).join(" · ")
      : "无回复窗口 closed";
    return state;
  }

  add(bubble) {
    if (bubble.account !== this.account || bubble.openid !== this.openid || this.shown.has(bubble.n)) return;
    this.shown.add(bubble.n);
    const talk = find("talk");
    const atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 120;
    const shown = showBubble(bubble, (title, id) => this.act({ text: title, menu_id: id }));
    const toEnd = () => { talk.scrollTop = talk.scrollHeight; };
    talk.append(shown);
    if (atEnd || bubble.side === "me") {
      toEnd();
      shown.querySelector("img")?.addEventListener("load", toEnd);
    }
    if (bubble.side === "them") {
      find("typing").hidden = true;
      for (const wake of this.waiters) wake(bubble);
    }
    this.refresh().catch(() => {});
  }

  showTyping(frame) {
    if (frame.openid === this.openid) find("typing").hidden = !frame.on;
  }

  showMenu(menu) {
    const buttons = menu?.button ?? [];
    find("menu").hidden = buttons.length === 0;
    find("menu").replaceChildren(...buttons.map((button) => this.menuEntry(button)));
  }

  menuEntry(button) {
    const inner = button.sub_button ?? [];
    if (!inner.length) return make("div", {}, make("button", { type: "button", "data-testid": "wechat-menu-button", onclick: () => this.click(button) }, button.name));
    const open = make("div", { className: "submenu", hidden: true }, ...inner.map((one) =>
      make("button", { type: "button", "data-testid": "wechat-menu-item", onclick: () => { this.foldMenus(); this.click(one); } }, one.name)));
    const toggle = make("button", {
      type: "button", "aria-expanded": "false", "data-testid": "wechat-menu-button",
      onclick: () => { const wasHidden = open.hidden; this.foldMenus(); open.hidden = !wasHidden; toggle.setAttribute("aria-expanded", String(wasHidden)); },
    }, `≡ ${button.name}`);
    return make("div", {}, toggle, open);
  }

  foldMenus() {
    for (const open of document.querySelectorAll(".submenu")) open.hidden = true;
    for (const toggle of document.querySelectorAll(".menu [aria-expanded]")) toggle.setAttribute("aria-expanded", "false");
  }

  click(button) {
    if (button.type === "view") return this.act({ event: "VIEW", event_key: button.url });
    return this.act({ event: "CLICK", event_key: button.key });
  }

  write(event) {
    event.preventDefault();
    const input = find("words");
    if (!input.value) return;
    this.act({ text: input.value });
    input.value = "";
    input.focus();
  }

  unfold(open) {
    find("extras").hidden = !open;
    find("more").setAttribute("aria-expanded", String(open));
  }

  async useExtra(name) {
    this.unfold(false);
    if (name === "image") {
      const photo = await takePhoto(this.account);
      return this.act({ type: "image", ...photo });
    }
    const words = find("words").value;
    find("words").value = "";
    if (name === "voice") return this.act({ type: "voice", media_id: "lab-voice", format: "amr", text: words || "怎么出金" });
    if (name === "location") return this.act({ type: "location", latitude: 31.2304, longitude: 121.4737, scale: 15, label: words || "上海市黄浦区" });
    if (name === "link") return this.act({ type: "link", title: words || "示例文章", description: "实验室", url: "https://example.com/lab" });
    return this.act({ event: "SCAN", event_key: "lab_scene_1" });
  }

  /** Do something as the client; says so when WeChat could not reach the product. */
  async act(what) {
    try {
      const said = await post(`/lab/wechat/${this.account}/say`, { openid: this.openid, ...what });
      if (!said.ok) toast("产品没有应答，微信已重试三次。 No answer after three attempts.");
      return said;
    } catch (error) {
      toast(error.message);
      return null;
    } finally {
      this.refresh().catch(() => {});
    }
  }

  /** Wait for the next thing that the account says to this client. */
  nextReply(seconds = 15) {
    return new Promise((resolve) => {
      const wake = (bubble) => { this.waiters.delete(wake); clearTimeout(timer); resolve(bubble); };
      const timer = setTimeout(() => wake(null), seconds * 1000);
      this.waiters.add(wake);
    });
  }
}

function newOpenid() {
  const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
  const random = crypto.getRandomValues(new Uint8Array(25));
  return "lab" + Array.from(random, (one) => letters[one % letters.length]).join("");
}

function watermark() {
  return make("div", { className: "mark", "aria-hidden": "true" }, ...Array.from({ length: 48 }, () => make("span", {}, "LAB 实验室")));
}
