// The lab's page in a real browser; behind the lab stands a product made of other people's packages.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer as createSite } from 'node:http';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from './chat.mjs';
import { launch, openContext, openPage } from './chromium.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ACCOUNT = {
  appid: 'labwx0123456789',
  secret: 'lab-secret',
  token: 'labtoken',
  aes_key: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
};

let browser;
let context;
let page;
let problems;
let children;
const SMS = {
  channel: 'sms',
  provider: 'twilio',
  name: 'twilio',
  public: { account_sid: `AC${'a'.repeat(32)}`, sender: '+15005550006' },
  secret: { auth_token: 'lab-token' },
};
let lab;
let core;

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

function start(command, args, env) {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

/** A broker core with one client, who gets a code whenever the product hears the phone number. */
function startCore(port) {
  const site = createSite((request, answer) => {
    answer.setHeader('Content-Type', 'application/json');
    answer.end(
      JSON.stringify(
        request.url === '/demo/sms'
          ? { sms: core.sms }
          : { clients: [{ name: '王小明', phone: '19900000001', story: '余额充足' }] },
      ),
    );
  }).listen(port, '127.0.0.1');
  return { site, sms: [], heard: [] };
}

function hear(line) {
  const { text } = JSON.parse(line);
  if (!text) return;
  core.heard.push(text);
  if (text === '19900000001')
    core.sms.unshift({ phone: text, at: new Date().toISOString(), text: '【智达演示】验证码 482913，5分钟内有效。' });
}

async function startLab() {
  const [labPort, productPort, corePort] = [await freePort(), await freePort(), await freePort()];
  core = startCore(corePort);
  lab = `http://127.0.0.1:${labPort}`;
  start(
    path.join(ROOT, '.venv/bin/python'),
    [
      '-m',
      'lab',
      '--port',
      String(labPort),
      '--product',
      `http://127.0.0.1:${productPort}`,
      '--core',
      `http://127.0.0.1:${corePort}`,
    ],
    { ZHIDA_WECHAT_ACCOUNTS: JSON.stringify({ demo: ACCOUNT }), ZHIDA_LAB_ACCOUNTS: JSON.stringify([SMS]) },
  );
  const product = start(process.execPath, ['--no-deprecation', 'tests/peers/product.js'], {
    TOKEN: ACCOUNT.token,
    AES_KEY: ACCOUNT.aes_key,
    APPID: ACCOUNT.appid,
    SECRET: ACCOUNT.secret,
    LAB: lab,
    PORT: String(productPort),
  });
  const lines = createInterface({ input: product.stdout });
  await new Promise((resolve) => {
    lines.once('line', resolve);
  });
  lines.on('line', hear);
  await until(
    () =>
      fetch(`${lab}/lab/accounts`).then(
        (answer) => answer.ok,
        () => false,
      ),
    'the lab answers',
    600,
  );
}

before(async () => {
  children = [];
  [browser] = await Promise.all([launch(), startLab()]);
});
after(async () => {
  await browser.close();
  for (const child of children) child.kill();
  core.site.close();
});
beforeEach(async () => {
  await fetch(`${lab}/lab/reset`, { method: 'POST' });
  problems = [];
  context = await openContext(browser, { viewport: { width: 1600, height: 1000 } });
  page = await openPage(context, problems);
  await page.goto(lab);
  await page.locator('[data-testid="lab-live"][data-state="on"]').waitFor();
  await until(async () => (await page.getByTestId('wechat-menu-button').count()) === 3, 'the menu is there');
});
afterEach(async () => {
  await context.close();
  assert.deepEqual(problems, [], 'the page raised no error and broke no content policy');
});

const bubbles = (side) => page.locator(`[data-testid="wechat-bubble"][data-side="${side}"]`);

async function say(words) {
  await page.getByTestId('wechat-input').fill(words);
  await page.getByTestId('wechat-input').press('Enter');
}

test('a message, its encrypted callback, its reply and the ledger are all to be seen', async () => {
  await say('怎么出金？<b>');
  await bubbles('them').filter({ hasText: '同行：怎么出金？<b>' }).waitFor();
  assert.match(await bubbles('me').textContent(), /怎么出金？<b>/);
  const entry = page.getByTestId('trace-entry').first();
  await entry.locator('summary').click();
  assert.match(await entry.getByTestId('trace-sealed').textContent(), /<Encrypt>/);
  assert.match(await entry.getByTestId('trace-opened').textContent(), /<MsgType>/);
  assert.match(await entry.getByTestId('trace-answer-opened').textContent(), /同行：怎么出金/);
  await page.getByTestId('tab-ledger').click();
  assert.match(await page.getByTestId('ledger-entry').first().textContent(), /被动回复.*lab-1/s);
});

test('an API call is in the trace, its fault too, and its outcome is on the phone', async () => {
  await say('later 稍后回复');
  await bubbles('them').filter({ hasText: '稍后回复' }).waitFor();
  await page.getByTestId('tab-fault').click();
  await page.getByTestId('fault-window_used_up').click();
  await page.locator('[data-testid="fault-window_used_up"][aria-pressed="true"]').waitFor();
  await say('later 再来一条');
  await page.locator('[data-testid="fault-window_used_up"][aria-pressed="false"]').waitFor({ state: 'attached' });
  await page.getByTestId('tab-trace').click();
  await page.locator('[data-testid="trace-entry"][data-kind="api"]').filter({ hasText: '45047' }).first().waitFor();
  assert.equal(await bubbles('them').filter({ hasText: '再来一条' }).count(), 0);
});

test('by keyboard alone: write, open the tabs, unfold the menu', async () => {
  await page.getByTestId('wechat-input').focus();
  await page.keyboard.type('键盘');
  await page.keyboard.press('Enter');
  await bubbles('them').filter({ hasText: '键盘' }).waitFor();
  await page.getByTestId('tab-trace').focus();
  await page.keyboard.press('ArrowRight');
  assert.ok(await page.getByTestId('ledger-list').isVisible());
  await page.getByTestId('wechat-menu-button').first().focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.getByTestId('wechat-menu-item').filter({ visible: true }).count(), 4);
});

test('what the phone showed is there after a reload, and each client has a phone of their own', async () => {
  await say('第一位');
  await bubbles('them').filter({ hasText: '第一位' }).waitFor();
  await page.reload();
  await bubbles('them').filter({ hasText: '第一位' }).waitFor();
  await page.getByTestId('wechat-new').click();
  await until(async () => (await bubbles('them').count()) === 0);
  await page.getByTestId('wechat-follow').click();
  await page.getByTestId('wechat-bubble').filter({ hasText: '取消了关注' }).waitFor();
});

test('image, voice and place go out; a link in a reply becomes a button', async () => {
  for (const kind of ['image', 'voice', 'location']) {
    await page.getByTestId('wechat-more').click();
    await page.getByTestId(`wechat-${kind}`).click();
  }
  await until(async () => (await bubbles('me').count()) === 3);
  await until(() =>
    bubbles('me')
      .locator('img')
      .evaluate((picture) => picture.naturalWidth > 0),
  );
  await say(
    '<a href="weixin://bizmsgmenu?msgmenucontent=%E6%98%AF&msgmenuid=201">是</a><a href="javascript:alert(1)">坏</a>',
  );
  await page.getByTestId('wechat-choice').click();
  await bubbles('me').filter({ hasText: /^是$/ }).waitFor();
  assert.equal(await page.locator('a[href^="javascript"]').count(), 0);
});

test('binding plays the identity talk with the code from the SMS outbox', async () => {
  core.heard.length = 0;
  await until(async () => (await page.getByTestId('wechat-client').inputValue()) === '19900000001');
  await page.getByTestId('wechat-bind').click();
  await bubbles('them').filter({ hasText: '同行：482913' }).waitFor();
  assert.deepEqual(core.heard, ['查询我的余额', '19900000001', '482913']);
  await page.getByTestId('tab-sms').click();
  await page.getByTestId('sms-use').click();
  assert.equal(await page.getByTestId('wechat-input').inputValue(), '482913');
});

test('nobody takes it for the real thing', async () => {
  assert.ok(await page.getByTestId('lab-warning').isVisible());
  assert.match(await page.getByTestId('wechat-phone').textContent(), /LAB 实验室/);
  const answer = await fetch(`${lab}/wechat-api/cgi-bin/menu/get`);
  assert.equal(answer.headers.get('x-zhida-lab'), '1');
});

test('the page fits a phone, in the dark too', async () => {
  await page.getByTestId('lab-theme').click();
  await page.setViewportSize({ width: 390, height: 800 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
});

test('a phone writes an SMS, and its callback is in the trace', async () => {
  await page.getByTestId('tab-sms').click();
  await page.getByTestId('sms-words').fill('怎么出金');
  await page.getByTestId('sms-say').click();
  const mine = page.getByTestId('sms-bubble');
  await mine.filter({ hasText: '怎么出金' }).waitFor();
  await page.getByTestId('tab-trace').click();
  await page.getByTestId('trace-entry').filter({ hasText: '/channels/sms/twilio/twilio' }).waitFor();
});
