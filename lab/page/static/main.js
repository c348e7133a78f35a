// Puts the page together.

import { follow, get, post } from "./api.js";
import { both, find, store, toast } from "./dom.js";
import { Identity } from "./identity.js";
import { FaultPanel, LedgerPanel, SmsPanel, startTabs } from "./panel.js";
import { Phone } from "./phone.js";
import { SmsPhone } from "./sms.js";
import { Trace } from "./trace.js";

function startTheme() {
  const wanted = store.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.documentElement.dataset.theme = wanted;
  find("theme").addEventListener("click", () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    store.set("theme", next);
  });
}

async function showApp() {
  const place = await get("/lab/place").catch(() => ({ up: false, chat: "" }));
  const frame = find("app");
  find("app-address").textContent = place.chat;
  if (place.up && frame.hidden) {
    frame.src = place.chat;
    frame.hidden = false;
    find("app-absent").hidden = true;
  }
  if (!place.up) setTimeout(showApp, 3000);
}

function showState(isOn) {
  const live = document.querySelector(".live");
  live.dataset.state = isOn ? "on" : "off";
  live.querySelector("b").textContent = isOn ? "实时" : "未连接";
  live.querySelector("small").textContent = isOn ? "live" : "offline";
}

async function start() {
  startTheme();
  startTabs();
  showApp();
  find("reload-app").addEventListener("click", () => { find("app").hidden = true; showApp(); });
  const { accounts } = await get("/lab/accounts");
  if (!accounts.length) return toast("实验室没有可扮演的公众号。 The lab has no account to play.");
  const phone = new Phone(accounts[0].name);
  find("account-name").replaceChildren(...both("演示公众号", accounts[0].name));
  const useCode = (code) => { find("words").value = code; find("words").focus(); };
  const trace = new Trace(phone);
  const ledger = new LedgerPanel();
  const sms = new SmsPanel(useCode);
  const smsPhone = new SmsPhone();
  const faults = new FaultPanel();
  let isFirst = true;
  follow({
    trace: (entry) => trace.add(entry),
    bubble: (bubble) => phone.add(bubble),
    typing: (frame) => phone.showTyping(frame),
    ledger: (entry) => ledger.add(entry),
    sms: (bubble) => smsPhone.add(bubble),
    faults: (frame) => faults.show(frame),
    menu: (frame) => { if (frame.account === phone.account) phone.showMenu(frame.menu); },
    reset: () => location.reload(),
  }, (isOn) => {
    showState(isOn);
    if (isOn && !isFirst) { phone.turnTo(phone.openid); trace.start(); ledger.start(); }
    isFirst = isFirst && !isOn;
  });
  find("reset").addEventListener("click", () => post("/lab/reset"));
  await Promise.all([phone.start(), trace.start(), ledger.start(), faults.start(), sms.start(), smsPhone.start(), new Identity(phone, sms).start()]);
}

start().catch((error) => toast(error.message));
