// The chat widget in a real browser over the fake house: what a client sees when things go well and when they do not.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { startFake } from '../../../console/dev/server.mjs';
import { launch, openContext, openPage } from './chromium.mjs';
import { openChat, say, until } from './chat.mjs';

let browser;
let fake;
let context;
let problems;

before(async () => {
  browser = await launch();
});
after(() => browser.close());
beforeEach(async () => {
  fake = await startFake({ thinkMs: 60, seeded: false });
  context = await openContext(browser);
  problems = [];
});
afterEach(async () => {
  await context.close();
  await fake.stop();
  assert.deepEqual(problems, [], 'the page raised no error and broke no content policy');
});

const open = async (path = '/chat/demo') => openChat(await openPage(context, problems), fake.url + path);
const sentTexts = () =>
  fake.house.ledger.filter((entry) => entry.what === 'message' && entry.author === 'client').map((entry) => entry.text);

test('a question is answered; the answer is read, rated and still there after a reload', async () => {
  const chat = await open();
  await say(chat, '怎么开通创业板？');
  const answer = chat.log.getByRole('article').filter({ hasText: '10 万元' });
  await answer.waitFor();
  assert.equal(await answer.getByRole('listitem').count(), 3, 'numbered lines are a list');
  await answer.getByRole('button', { name: '有帮助' }).click();
  await answer.getByText('谢谢您的反馈').waitFor();
  await until(() =>
    fake.house.ledger.some((entry) => entry.what === 'feedback' && entry.helpful === true && entry.seq === 2),
  );
  await until(() => fake.house.ledger.some((entry) => entry.what === 'read' && entry.seq === 2));

  await chat.page.reload();
  const again = await openChat(chat.page);
  await again.log.getByText('怎么开通创业板？').waitFor();
  await again.log.getByText('谢谢您的反馈').waitFor();
  assert.deepEqual(sentTexts(), ['怎么开通创业板？']);
});

test('a quick reply sends its payload and shows its title', async () => {
  const chat = await open();
  await say(chat, '怎么开通创业板？');
  await chat.log.getByRole('button', { name: '科创板有什么不同？' }).click();
  await chat.log.locator('.client').filter({ hasText: '科创板有什么不同？' }).waitFor();
  await until(() => sentTexts().length === 2);
  await until(
    async () => (await chat.log.getByRole('button', { name: '帮我看看是否符合' }).count()) === 0,
    'choices of an older message are gone',
  );
});

test('what is written while the service is away is kept, also over a reload, and sent once', async () => {
  const chat = await open();
  await say(chat, '转账时间');
  await chat.log.getByText('9:00 至 16:00').waitFor();
  fake.house.faults.chat = 'down';
  fake.drop();
  await chat.panel.getByTestId('banner').getByText('连接中断').waitFor();
  await say(chat, '断线时写的第一句');
  await say(chat, '断线时写的第二句');
  await chat.log.getByRole('img', { name: '等待网络' }).first().waitFor();
  await chat.page.reload();
  const again = await openChat(chat.page);
  fake.house.faults.chat = 'up';
  const retry = again.panel.getByRole('button', { name: '立即重试' });
  await retry.waitFor();
  await retry.click();
  await until(() => sentTexts().length === 3);
  assert.deepEqual(sentTexts(), ['转账时间', '断线时写的第一句', '断线时写的第二句']);
  await again.log.getByText('断线时写的第一句').waitFor();
  assert.equal(await again.log.getByText('断线时写的第一句').count(), 1);
});

test('an acknowledgement that is lost does not send a message twice', async () => {
  const chat = await open();
  await until(async () => (await chat.status.textContent()) === '智能助手为您服务');
  fake.house.faults.sends = 'take and hang up';
  await say(chat, '转账时间');
  await until(() => sentTexts().length === 1);
  fake.house.faults.sends = 'take';
  await chat.log.getByText('9:00 至 16:00').waitFor();
  assert.equal(await chat.log.getByText('转账时间', { exact: true }).count(), 1);
  await say(chat, '我的余额');
  await chat.log.getByText('可取资金').waitFor();
  assert.deepEqual(sentTexts(), ['转账时间', '我的余额']);
});

test('the browser going offline is said at once, and coming back sends by itself', async () => {
  const chat = await open();
  await until(async () => (await chat.status.textContent()) === '智能助手为您服务');
  await context.setOffline(true);
  await chat.panel.getByText('网络已断开').waitFor();
  await say(chat, '转账时间');
  await context.setOffline(false);
  await chat.log.getByText('9:00 至 16:00').waitFor();
  assert.equal(await chat.panel.getByText('网络已断开').count(), 0);
});

test('where WebSocket is blocked the chat works over events and POST', async () => {
  fake.house.faults.socket = 'blocked';
  const chat = await open();
  await say(chat, '转账时间');
  await chat.log.getByText('9:00 至 16:00').waitFor();
  await say(chat, '我的余额');
  await chat.log.getByText('可取资金').waitFor();
  await until(() => fake.house.ledger.some((entry) => entry.what === 'receipts' && entry.read));
  assert.deepEqual(sentTexts(), ['转账时间', '我的余额']);
});

test('a refusal is told beside the message, in plain words, with a second try', async () => {
  const chat = await open();
  await until(async () => (await chat.status.textContent()) === '智能助手为您服务');
  fake.house.faults.sends = 'refuse';
  await say(chat, '转账时间');
  await chat.log.getByRole('alert').getByText('发送太快，请稍后再试').waitFor();
  fake.house.faults.sends = 'take';
  await chat.log.getByRole('button', { name: '重新发送' }).click();
  await chat.log.getByText('9:00 至 16:00').waitFor();
});

test('older messages load as one scrolls up, and the place is kept', async () => {
  const page = await openPage(context, problems);
  const first = await openChat(page, `${fake.url}/chat/demo`);
  await say(first, '我的余额');
  await first.log.getByText('可取资金').waitFor();
  const [conversation] = fake.house.conversations.values();
  for (let number = 1; number <= 80; number += 1)
    fake.house.say(conversation, { author: 'bot', content: { kind: 'text', text: `第 ${number} 条` } });
  await page.reload();
  const chat = await openChat(page);
  await chat.log.getByText('第 80 条', { exact: true }).waitFor();
  assert.equal(await chat.log.getByText('第 10 条', { exact: true }).count(), 0);
  const anchor = chat.log.getByText('第 52 条', { exact: true });
  await chat.log.evaluate((list) => {
    list.scrollTop = 0;
  });
  await chat.log.getByText('第 25 条', { exact: true }).waitFor();
  assert.ok(await inView(anchor, chat.log), 'the reader still sees what was at the top before');
  await until(async () => {
    await chat.log.evaluate((list) => {
      list.scrollTop = 0;
    });
    return (await chat.log.getByText('我的余额').count()) === 1;
  });
});

test('an answer that is longer than the window is shown from its first line, with a way to its end', async () => {
  const chat = await open();
  await say(chat, '长');
  const answer = chat.log.locator('article.bot');
  await answer.waitFor();
  await until(async () => {
    const [inner, outer] = [await answer.boundingBox(), await chat.log.boundingBox()];
    return inner.y >= outer.y && inner.y < outer.y + 60 && inner.height > outer.height;
  });
  await chat.panel.getByRole('button', { name: '回到最新消息' }).click();
  await until(async () => chat.log.evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight < 2));
});

test('a text of the client can never become markup', async () => {
  const chat = await open();
  const evil = '<img src=x onerror="window.hacked=1"><b>粗</b> javascript:alert(1)';
  await say(chat, evil);
  await chat.log.getByText(evil).waitFor();
  assert.equal(await chat.log.locator('.client img, .client b, .client a').count(), 0);
  assert.equal(await chat.page.evaluate(() => window.hacked), undefined);
});

test('everything can be done with the keyboard, and the focus never gets lost', async () => {
  const page = await openPage(context, problems);
  await page.goto(`${fake.url}/chat/demo`);
  await page.getByRole('button', { name: '在线客服' }).waitFor();
  await page.getByRole('button', { name: '在线客服' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.matches('textarea'));
  await page.keyboard.type('第一行');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('转账时间');
  await page.keyboard.press('Enter');
  await page.getByRole('log').getByText('9:00 至 16:00').waitFor();
  assert.deepEqual(sentTexts(), ['第一行\n转账时间']);
  const inside = () =>
    page.evaluate(
      () =>
        document.activeElement?.id === 'zhida-chat' &&
        document.activeElement.shadowRoot.activeElement?.closest('.panel') !== null,
    );
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press('Tab');
    assert.ok(await inside(), `Tab ${step} stays in the panel`);
  }
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(
    await page.evaluate(() => document.activeElement.shadowRoot.activeElement.getAttribute('aria-label')),
    '在线客服',
  );
});

test('Enter that ends a pinyin word does not send', async () => {
  const chat = await open();
  await chat.field.fill('chuang');
  await chat.field.evaluate((field) =>
    field.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }),
    ),
  );
  assert.equal(await chat.field.inputValue(), 'chuang');
  assert.deepEqual(sentTexts(), []);
});

test('more than 2000 characters are not sent, and the person is told by how many', async () => {
  const chat = await open();
  await chat.field.fill('长'.repeat(2003));
  await chat.panel.getByText('还需删去 3 字').waitFor();
  assert.ok(await chat.panel.getByRole('button', { name: '发送', exact: true }).isDisabled());
});

test('on a phone the panel is the screen, and nothing is wider than it', async () => {
  await context.close();
  context = await openContext(browser, { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true });
  const chat = await open();
  await say(chat, '长');
  await chat.log.getByText('很长的一段说明').first().waitFor();
  await chat.panel.evaluate((panel) => Promise.all(panel.getAnimations().map((rise) => rise.finished)));
  const box = await chat.panel.boundingBox();
  assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, 360, 640]);
  assert.equal(
    await chat.log.evaluate((list) => list.scrollWidth <= list.clientWidth),
    true,
    'long words and links wrap',
  );
});

test('English is one click away and is remembered', async () => {
  const chat = await open();
  await chat.panel.getByRole('button', { name: 'Switch to English' }).click();
  await chat.page.getByRole('textbox', { name: /Enter sends/ }).waitFor();
  await chat.page.reload();
  await chat.page.getByRole('button', { name: 'Chat with us' }).waitFor();
});

test('a person takes over: the header, the note, the reply, the unread badge', async () => {
  const chat = await open();
  await say(chat, '转人工');
  await chat.log.getByText('已为您转接人工').waitFor();
  await chat.panel.getByTestId('ticket').getByText('已受理').waitFor();
  const [conversation] = fake.house.conversations.values();
  fake.house.moveFloor(conversation, 'agent', { id: 'p', name: '李敏' });
  await until(async () => (await chat.status.textContent()) === '客服 李敏 正在为您服务');
  await chat.page.keyboard.press('Escape');
  fake.house.say(conversation, { author: 'agent', name: '李敏', content: { kind: 'text', text: '您好，我来处理。' } });
  await chat.page.getByRole('button', { name: '在线客服，1 条未读' }).click();
  await chat.log.getByText('您好，我来处理。').waitFor();
});

async function inView(anchor, list) {
  const [inner, outer] = [await anchor.boundingBox(), await list.boundingBox()];
  return inner.y >= outer.y - 1 && inner.y < outer.y + outer.height;
}
