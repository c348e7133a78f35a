// Signs, seals and opens with Tencent's own @wecom/crypto: one JSON request a line in, one answer out.
const readline = require("readline");
const { decrypt, encrypt, getSignature } = require("@wecom/crypto");

const { TOKEN, AES_KEY, CORP_ID } = process.env;

function answer(request) {
  if (request.seal !== undefined) {
    const sealed = encrypt(AES_KEY, request.seal, CORP_ID);
    return { sealed, signature: getSignature(TOKEN, request.timestamp, request.nonce, sealed) };
  }
  const { message, id } = decrypt(AES_KEY, request.open);
  return { message, id, signature: getSignature(TOKEN, request.timestamp, request.nonce, request.open) };
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
});
