// Plays a phone that writes SMS, to whichever fake provider the account is at.

import { get, post } from "./api.js";
import { clock, find, make, toast } from "./dom.js";

const NUMBERS = { twilio: "+85251234567", aliyun: "+8613800138000" };
const SIDES = { me: "手机 · phone", them: "智达 · Zhida", note: "网络 · network" };

export class SmsPhone {
  async start() {
    const { accounts } = await get("/lab/sms/accounts").catch(() => ({ accounts: [] }));
    find("sms-phone").hidden = accounts.length === 0;
    find("sms-account").replaceChildren(...accounts.map(({ provider, name, number }) =>
      make("option", { value: `${provider}/${name}` }, `${provider} · ${name} · ${number}`)));
    find("sms-account").addEventListener("change", () => this.turn());
    find("sms-number").addEventListener("change", () => this.show());
    find("sms-phone").addEventListener("submit", (event) => { event.preventDefault(); this.say(); });
    if (accounts.length) await this.turn();
  }

  async turn() {
    const [provider] = find("sms-account").value.split("/");
    find("sms-number").value = NUMBERS[provider] ?? "";
    await this.show();
  }

  async show() {
    const path = `/lab/sms/${find("sms-account").value}/phone/${encodeURIComponent(find("sms-number").value)}`;
    const { bubbles } = await get(path).catch(() => ({ bubbles: [] }));
    find("sms-talk").replaceChildren(...bubbles.map(showBubble));
  }

  add(bubble) {
    const here = `${bubble.provider}/${bubble.account}` === find("sms-account").value && bubble.number === find("sms-number").value;
    if (here) find("sms-talk").append(showBubble(bubble));
  }

  async say() {
    const text = find("sms-words").value;
    find("sms-words").value = "";
    const body = { number: find("sms-number").value, text };
    const said = await post(`/lab/sms/${find("sms-account").value}/say`, body).catch((error) => toast(error.message));
    if (said && !said.ok) toast(`智达没有收下：${said.answer.status || said.answer.error} · not taken`);
  }
}

const showBubble = (bubble) => make("li", { className: "item", "data-testid": "sms-bubble", "data-side": bubble.side },
  make("span", { className: "when" }, clock(bubble.at)), make("span", { className: "tag" }, SIDES[bubble.side]), make("p", {}, bubble.text));
