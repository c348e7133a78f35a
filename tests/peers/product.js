// A tiny product made of other people's packages: wechat-crypto opens and seals, wechat-api sends.
// It stands where Zhida stands, so that the lab is checked by code that we did not write.
const http = require("http");
const WechatCrypto = require("wechat-crypto");
const WechatApi = require("wechat-api");

const { TOKEN, AES_KEY, APPID, SECRET, LAB } = process.env;
const crypto = new WechatCrypto(TOKEN, AES_KEY, APPID);
const api = new WechatApi(APPID, SECRET);
api.endpoint = `${LAB}/wechat-api`;

const pick = (xml, name) => (new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([\\s\\S]*?)(?:\\]\\]>)?</${name}>`).exec(xml) || [])[1];
const tell = (line) => process.stdout.write(JSON.stringify(line) + "\n");

function reply(openid, sender, text) {
  const now = Math.floor(Date.now() / 1000);
  const xml = `<xml><ToUserName><![CDATA[${openid}]]></ToUserName><FromUserName><![CDATA[${sender}]]></FromUserName><CreateTime>${now}</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[${text}]]></Content></xml>`;
  const sealed = crypto.encrypt(xml);
  const nonce = String(now);
  const signature = crypto.getSignature(now, nonce, sealed);
  return `<xml><Encrypt><![CDATA[${sealed}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature><TimeStamp>${now}</TimeStamp><Nonce><![CDATA[${nonce}]]></Nonce></xml>`;
}

const server = http.createServer((request, answer) => {
  const query = new URL(request.url, "http://x").searchParams;
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const sealed = pick(Buffer.concat(chunks).toString(), "Encrypt");
    if (crypto.getSignature(query.get("timestamp"), query.get("nonce"), sealed) !== query.get("msg_signature")) {
      answer.writeHead(403).end();
      return;
    }
    const { message, id } = crypto.decrypt(sealed);
    const openid = pick(message, "FromUserName");
    const text = pick(message, "Content");
    tell({ openid, text, appid: id, event: pick(message, "Event"), status: pick(message, "Status") });
    if (!text) {
      answer.end("success");
    } else if (text.startsWith("later ")) {
      answer.end("success");
      api.sendText(openid, text.slice(6), (error, result) => tell({ sent: result, code: error && error.code }));
    } else if (text === "template") {
      answer.end("success");
      const data = { character_string1: { value: "T1" }, phrase2: { value: "处理中" }, time3: { value: "10:00" } };
      api.sendTemplate(openid, "lab_ticket_progress", "", data, (error, result) => tell({ sent: result, code: error && error.code }));
    } else {
      answer.end(reply(openid, pick(message, "ToUserName"), `同行：${text}`));
    }
  });
});
server.listen(Number(process.env.PORT), "127.0.0.1", () => tell({ port: server.address().port }));
