// Shows one bubble of the WeChat phone.

import { both, clock, make } from "./dom.js";

const KINDS = {
  image: ["[图片]", "Image"], voice: ["[语音]", "Voice"], video: ["[视频]", "Video"], shortvideo: ["[视频]", "Video"],
  location: ["[位置]", "Place"], link: ["[链接]", "Link"], miniprogrampage: ["[小程序]", "Mini program"], xml: ["[XML]", "XML"],
};
const EVENTS = {
  subscribe: ["关注了公众号", "followed"], unsubscribe: ["取消了关注", "unfollowed"], SCAN: ["扫描了二维码", "scanned a code"],
  CLICK: ["点击了菜单", "tapped the menu"], VIEW: ["打开了链接", "opened a link"],
};
const WAYS = {
  passive: ["被动回复", "passive reply"], custom: ["客服消息", "customer-service message"], template: ["模板消息", "template message"],
};

/** `tap(title, id)` says a button's title as the client. */
export function showBubble(bubble, tap) {
  const { side, body, at } = bubble;
  if (side === "note") return frame(bubble, [body.text]);
  if (side === "me") return body.msgtype === "event" ? showEvent(bubble) : frame(bubble, mine(body));
  const [zh, en] = WAYS[body.kind] ?? [body.kind, ""];
  const from = make("span", { className: "from" }, `${zh} `, make("small", { lang: "en" }, en), ` · ${clock(at)}`);
  return frame(bubble, [...theirs(body, tap), from]);
}

function frame(bubble, parts) {
  return make("div", { className: "bubble", "data-side": bubble.side, "data-testid": "wechat-bubble", "data-kind": bubble.body.kind ?? bubble.body.msgtype ?? "note", "data-n": bubble.n }, ...parts);
}

function showEvent(bubble) {
  const [zh, en] = EVENTS[bubble.body.event] ?? [bubble.body.event, "event"];
  const key = bubble.body.event_key ? ` ${bubble.body.event_key}` : "";
  return frame({ ...bubble, side: "note" }, [`你${zh}${key} `, make("small", { lang: "en" }, en)]);
}

function mine(body) {
  if (body.msgtype === "text") return [body.text];
  if (body.msgtype === "image" && body.url) return [make("img", { src: new URL(body.url).pathname, alt: "图片 Image" })];
  const detail = body.text ?? body.label ?? body.title ?? "";
  return [...both(...(KINDS[body.msgtype] ?? [body.msgtype, ""])), detail ? `\n${detail}` : ""];
}

function theirs(entry, tap) {
  const body = entry.body ?? {};
  switch (entry.msgtype) {
    case "text": return readText(body.content ?? "", tap);
    case "msgmenu": return readMenu(body, tap);
    case "image": return [make("img", { src: `/lab/media/${body.media_id}`, alt: "图片 Image" })];
    case "template": return [readTemplate(body)];
    default: return [...both(...(KINDS[entry.msgtype] ?? [entry.msgtype, ""]))];
  }
}

/** WeChat shows `<a href>` in texts and nothing else of HTML. */
function readText(content, tap) {
  const parts = [];
  let rest = content;
  const link = /<a href="([^"]*)">([^<]*)<\/a>/;
  for (let match = link.exec(rest); match; match = link.exec(rest)) {
    parts.push(rest.slice(0, match.index), readLink(match[1], match[2], tap));
    rest = rest.slice(match.index + match[0].length);
  }
  return [...parts, rest];
}

function readLink(href, title, tap) {
  const prefix = "weixin://bizmsgmenu?";
  if (href.startsWith(prefix)) {
    const query = new URLSearchParams(href.slice(prefix.length));
    return make("button", { type: "button", className: "link", "data-testid": "wechat-choice", onclick: () => tap(query.get("msgmenucontent") ?? title, query.get("msgmenuid")) }, title);
  }
  if (/^https?:\/\//.test(href)) return make("a", { href, target: "_blank", rel: "noopener noreferrer" }, title);
  return title;
}

function readMenu(menu, tap) {
  const buttons = (menu.list ?? []).map((one) =>
    make("button", { type: "button", "data-testid": "wechat-choice", onclick: () => tap(one.content, one.id) }, one.content));
  return [(menu.head_content ?? "").trimEnd(), make("div", { className: "choices" }, ...buttons), menu.tail_content ?? ""];
}

function readTemplate(body) {
  const rows = Object.entries(body.data ?? {}).flatMap(([name, one]) => [make("dt", {}, name), make("dd", {}, one.value)]);
  return make("div", { className: "template" }, make("strong", {}, body.template_id), make("dl", {}, ...rows));
}
