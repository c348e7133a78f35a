// How a test plays a client on one of the lab's phones: write, and read what comes back.
import { until } from './chat.mjs';

/** A WeChat follower nobody knows. */
export async function openWechat(request, lab) {
  const { accounts } = await (await request.get(`${lab}/lab/accounts`)).json();
  const openid = `lab${String(Math.random()).slice(2)}`.padEnd(28, '0').slice(0, 28);
  return phoneAt(request, `${lab}/lab/wechat/${accounts[0].name ?? accounts[0]}`, { openid });
}

/** A telephone in Hong Kong, where free text may go. */
export function openSms(request, lab) {
  const number = `+852${61_000_000 + Math.floor(Math.random() * 999_999)}`;
  return phoneAt(request, `${lab}/lab/sms/twilio/twilio`, { number });
}

/** Returns a function that writes a text and gives the first answer to it. */
function phoneAt(request, home, owner) {
  const [who] = Object.values(owner);
  const heard = async () => {
    const shown = await (await request.get(`${home}/phone/${encodeURIComponent(who)}`)).json();
    return shown.bubbles
      .filter((bubble) => bubble.side === 'them')
      .map((bubble) => bubble.text ?? JSON.stringify(bubble.body));
  };
  return async (text) => {
    const { length } = await heard();
    await request.post(`${home}/say`, { data: { ...owner, text } });
    await until(async () => (await heard()).length > length, `an answer to ${text}`, 1000);
    return (await heard()).slice(length).join('\n');
  };
}
