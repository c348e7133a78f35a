// Twilio's own code as a peer: signs callbacks (twilio-node), counts segments. One JSON line each.
"use strict";

const readline = require("node:readline");
const { SegmentedMessage } = require("sms-segments-calculator");
const { getExpectedTwilioSignature } = require("twilio/lib/webhooks/webhooks");

function answer(asked) {
  if (asked.do === "sign") {
    return { signature: getExpectedTwilioSignature(asked.token, asked.url, asked.form) };
  }
  const message = new SegmentedMessage(asked.text, "auto", false);
  return { count: message.segmentsCount, alphabet: message.encodingName };
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
});
