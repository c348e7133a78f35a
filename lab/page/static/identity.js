// Plays the identity talk: ask for something personal, give the phone, give the code from the SMS outbox.

import { get } from "./api.js";
import { find, make, toast } from "./dom.js";
import { readCode } from "./panel.js";

const ASK = "查询我的余额";

export class Identity {
  constructor(phone, sms) {
    this.phone = phone;
    this.sms = sms;
  }

  async start() {
    find("identity").addEventListener("submit", (event) => { event.preventDefault(); this.bind(); });
    await this.list();
  }

  async list() {
    const { clients } = await get("/lab/clients").catch(() => ({ clients: [] }));
    if (!clients.length) {
      find("client").replaceChildren(make("option", { value: "" }, "演示柜台未就绪 · core is down"));
      setTimeout(() => this.list(), 4000);
      return;
    }
    find("client").replaceChildren(...clients.slice(0, 60).map((one) =>
      make("option", { value: one.phone }, `${one.name} · ${one.phone}${one.story ? ` · ${one.story}` : ""}`)));
  }

  async bind() {
    const number = find("client").value;
    if (!number) return toast("演示柜台未就绪。 The demo core is down.");
    const button = find("identity").querySelector("button");
    button.disabled = true;
    try {
      const before = await newestOf(number);
      if (!(await this.sayAndWait(ASK))) return toast("没有等到回复。 No reply came.");
      if (!(await this.sayAndWait(number))) return toast("没有等到回复。 No reply came.");
      const code = await this.waitForCode(number, before);
      if (!code) return toast("没有收到验证码；可能已核验过。 No code came; perhaps verified already.");
      await this.sayAndWait(code);
    } finally {
      button.disabled = false;
    }
  }

  async sayAndWait(text) {
    const reply = this.phone.nextReply();
    await this.phone.act({ text });
    return reply;
  }

  async waitForCode(number, before) {
    for (let tries = 0; tries < 20; tries += 1) {
      const newest = await newestOf(number);
      if (newest && newest !== before) return readCode(newest.split(" ").slice(1).join(" "));
      await new Promise((resolve) => { setTimeout(resolve, 300); });
    }
    return null;
  }
}

async function newestOf(number) {
  const { sms } = await get("/lab/sms").catch(() => ({ sms: [] }));
  const one = sms.find((each) => each.phone === number);
  return one ? `${one.at} ${one.text}` : "";
}
