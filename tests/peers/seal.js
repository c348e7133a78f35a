// Seals or opens with npm wechat-crypto: one JSON request a line in, one JSON answer a line out.
const readline = require("readline");
const WechatCrypto = require("wechat-crypto");

const { TOKEN, AES_KEY, APPID } = process.env;
const crypto = new WechatCrypto(TOKEN, AES_KEY, APPID);

function answer(request) {
  if (request.seal !== undefined) {
    const sealed = crypto.encrypt(request.seal);
    return { sealed, signature: crypto.getSignature(request.timestamp, request.nonce, sealed) };
  }
  const { message, id } = crypto.decrypt(request.open);
  return { message, appid: id, signature: crypto.getSignature(request.timestamp, request.nonce, request.open) };
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
});
