// The desk in a real browser over the fake house: signing in, the queue, the conversation, and everything that can go wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './chat.mjs';
import { pick, reply, signIn } from './staff.mjs';
import { openContext, openPage } from './chromium.mjs';
import { browser, context, fake, page, problems, setStage } from './stage.mjs';

setStage({ house: { thinkMs: 60 } });

const agent = () => signIn(page, `${fake.url}/desk/`, 'agent', 'agent-demo');
const conversationOf = (subject) => [...fake.house.conversations.values()].find((one) => one.subject === subject);
const agentTexts = () =>
  fake.house.ledger.filter((entry) => entry.what === 'message' && entry.author === 'agent').map((entry) => entry.text);

test('a wrong password is refused in words, the login stays, and the right one leads in', async () => {
  await page.goto(`${fake.url}/desk/`);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByText('请输入登录名').waitFor();
  await page.getByLabel('登录名').fill('agent');
  await page.getByLabel('密码').fill('not-this');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('登录名或密码不对').waitFor();
  assert.equal(await page.getByLabel('登录名').inputValue(), 'agent');
  assert.equal(await page.getByLabel('密码').inputValue(), '');
  await page.keyboard.type('agent-demo');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: '工单列表' }).waitFor();
});

test('the most urgent ticket is first, and the hand-over says why and what is known', async () => {
  await agent();
  const lines = page.locator('[data-ticket]');
  await lines.first().waitFor();
  assert.match(await lines.first().textContent(), /投诉：APP 卡顿/);
  await pick(page, '出金未到账');
  const talk = page.getByRole('region', { name: '出金未到账，客户着急' });
  for (const text of ['客户要求人工', '客户表示昨天已得到同样答复', '查出金', '把握 62%', '银行：招商银行'])
    await talk.getByText(text).last().waitFor();
  await talk.getByText('接手后即可回复').waitFor();
  assert.equal(await talk.getByRole('textbox').count(), 0, 'nobody writes without the floor');
});

test('take, reply, be delivered, be answered, resolve', async () => {
  await agent();
  await pick(page, '出金未到账');
  await page.getByRole('button', { name: '接手', exact: true }).first().click();
  await reply(page, '您好，正在为您核实。');
  await page.getByRole('log').getByText('已送达').waitFor();
  await page.getByTestId('window').getByText('还可发 4 条').waitFor();
  fake.house.say(conversationOf('openid-wang'), { author: 'client', content: { kind: 'text', text: '好的，谢谢' } });
  await page.getByRole('log').getByText('好的，谢谢').waitFor();
  await page.getByRole('button', { name: '解决', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: '解决' }).press('Enter');
  await dialog.getByText('请写明处理结果').waitFor();
  await dialog.getByRole('textbox').fill('已电话核实，今日到账。');
  await dialog.getByRole('button', { name: '解决' }).press('Enter');
  await page.getByText('工单已解决。').waitFor();
  assert.equal(conversationOf('openid-wang').floor, 'bot');
  await page.getByText('已解决', { exact: true }).first().click();
  await page.locator('[data-ticket]').filter({ hasText: '出金未到账' }).waitFor();
});

test('when the replies of the window are used up, the agent is told why and what else there is', async () => {
  conversationOf('openid-wang').window.remaining = 1;
  await agent();
  await pick(page, '出金未到账');
  await page.getByRole('button', { name: '接手', exact: true }).first().click();
  await reply(page, '最后一条');
  await page.getByText('48 小时内最多回复 5 条').waitFor();
  await page.getByText('发送服务通知模板（可用）').waitFor();
  await page.getByText('短信（尚未接入短信渠道）').waitFor();
  assert.ok(await page.getByRole('textbox').isDisabled());
});

test('a reply that loses the floor is not sent, and says so', async () => {
  await agent();
  await pick(page, '港股通');
  await page.getByRole('button', { name: '接手', exact: true }).first().click();
  await page.getByRole('textbox').waitFor();
  await page.waitForLoadState('networkidle'); // the ticket is read again after it was taken
  conversationOf('60010002').epoch += 1;
  await reply(page, '这条会被挡下');
  await page.getByRole('alert').getByText('您的回复没有发出').waitFor();
  assert.deepEqual(agentTexts(), []);
  await page.getByRole('button', { name: '重新发送' }).click();
  await until(() => agentTexts().length === 1, 'with the new epoch it goes out');
});

test('a reply that did not arrive is seen in the conversation, in the list and wherever the agent is', async () => {
  await agent();
  await pick(page, '出金未到账');
  await page.getByRole('button', { name: '接手', exact: true }).first().click();
  await reply(page, '请查收');
  await page.getByRole('log').getByText('已送达').waitFor();
  await page.getByText('我的', { exact: true }).first().click();
  await page.getByText('请选择一张工单').waitFor();
  await page.waitForLoadState('networkidle'); // what was read is told, so that it cannot be told after the loss
  const conversation = conversationOf('openid-wang');
  const sent = conversation.messages.at(-1);
  fake.house.deliver(conversation, sent, 'unknown', 'timeout');
  fake.house.deliver(conversation, sent, 'failed', 'recipient:43004');
  await page.locator('[data-ticket]').getByText('1 条未送达').waitFor();
  await page.getByText('发给 王** 的回复没有送达').waitFor();
  await page.getByRole('button', { name: '去看看' }).click();
  await page.getByRole('log').getByText('未送达：客户已取消关注或地址无效 (43004)').waitFor();
  await page.getByText('1 条未送达').waitFor({ state: 'detached' });
  await reply(page, '再发一次');
  await page.getByRole('log').getByText('已送达').waitFor();
  fake.house.deliver(conversation, conversation.messages.at(-1), 'unknown', 'timeout');
  await page.getByRole('log').getByText('送达未知，正在向渠道核实').waitFor();
});

test('two agents take the same ticket: one has it, the other learns who', async () => {
  await agent();
  await pick(page, '港股通');
  const other = await openContext(browser, { viewport: { width: 1440, height: 900 } });
  const otherPage = await openPage(other, problems);
  await signIn(otherPage, `${fake.url}/desk/`, 'supervisor', 'supervisor-demo');
  await pick(otherPage, '港股通');
  await page.getByRole('button', { name: '接手', exact: true }).first().click();
  await page.getByRole('textbox').waitFor();
  await otherPage.getByText('李敏 正在处理。').waitFor();
  await otherPage.getByRole('button', { name: '分派' }).click();
  await otherPage.getByRole('dialog').getByRole('combobox').click();
  await otherPage.getByTitle('陈伟（主管）').click();
  await otherPage.getByRole('dialog').getByRole('button', { name: '分派' }).click();
  await otherPage.getByRole('textbox').waitFor();
  await page.getByText('陈伟 正在处理。').waitFor();
  await other.close();
});

test('hand back to the assistant, after a question, and take again', async () => {
  await agent();
  await pick(page, '港股通');
  await page.getByRole('button', { name: '接手', exact: true }).first().click();
  await page.getByRole('button', { name: '交还助手' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '交还助手' }).click();
  await page.getByText('智能助手正在接待这位客户').waitFor();
  assert.equal(conversationOf('60010002').floor, 'bot');
  assert.equal(await page.getByRole('textbox').count(), 0);
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.keyboard.press('t');
  await page.getByRole('textbox').waitFor();
  assert.equal(conversationOf('60010002').floor, 'agent');
});

test('what a person confirms while something is under way is done after it; a late answer changes nothing', async () => {
  await agent();
  await pick(page, '港股通');
  await page.route('**/take', async (route) => {
    const answer = await route.fetch();
    await until(async () => conversationOf('60010002').floor === 'agent', 'taken');
    await new Promise((done) => setTimeout(done, 1500));
    await route.fulfill({ response: answer });
  });
  await page.getByRole('button', { name: '接手', exact: true }).first().click();
  // The live line is faster than the answer: the conversation is the agent's, the action is still under way.
  await page.getByRole('button', { name: '交还助手' }).click();
  await page.getByRole('dialog').getByRole('button', { name: '交还助手' }).click();
  await page.getByText('智能助手正在接待这位客户').waitFor();
  assert.equal(conversationOf('60010002').floor, 'bot');
});

test('nothing moves for who asked the system for stillness', async () => {
  await agent();
  const button = page.getByRole('button', { name: 'English' });
  const duration = () => button.evaluate((one) => parseFloat(getComputedStyle(one).transitionDuration));
  await until(async () => (await duration()) === 0, 'still');
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await until(async () => (await duration()) > 0, 'moving');
});

test('after the line was down, what was missed is there, once', async () => {
  await agent();
  await pick(page, '出金未到账');
  await page.getByRole('log').getByText('昨天也是这么说的').waitFor();
  await context.setOffline(true);
  fake.drop();
  await page.getByText('实时连接中断').waitFor();
  fake.house.say(conversationOf('openid-wang'), { author: 'client', content: { kind: 'text', text: '有人吗' } });
  fake.house.say(conversationOf('openid-wang'), { author: 'client', content: { kind: 'text', text: '在线等' } });
  await context.setOffline(false);
  await page.getByRole('log').getByText('在线等').waitFor();
  assert.equal(await page.getByRole('log').getByText('有人吗').count(), 1);
  assert.equal(await page.getByText('实时连接中断').count(), 0);
});

test('a new hand-over appears in the queue by itself', async () => {
  await agent();
  const conversation = fake.house.conversationOf('new-client');
  fake.house.say(conversation, { author: 'client', content: { kind: 'text', text: '我要找人' } });
  fake.house.openTicket(conversation, { reason: 'client_asked', title: '刚刚转来的客户', summary: '' });
  await page.locator('[data-ticket]').filter({ hasText: '刚刚转来的客户' }).waitFor();
  await page.getByTitle('4').waitFor();
  await until(async () => (await page.title()) === '(4) 智达工作台', 'the tab tells how many wait');
});

test('a hand-over that came before the line was up is there as well', async () => {
  fake.house.faults.deskLineMs = 1500;
  await agent();
  await page.locator('[data-ticket]').first().waitFor();
  const conversation = fake.house.conversationOf('new-client');
  fake.house.openTicket(conversation, { reason: 'client_asked', title: '线路接通之前', summary: '' });
  await page.locator('[data-ticket]').filter({ hasText: '线路接通之前' }).waitFor();
});

test('a ticket is worked on with the keyboard alone', async () => {
  await page.goto(`${fake.url}/desk/`);
  await page.getByLabel('登录名').waitFor();
  await page.keyboard.type('agent');
  await page.keyboard.press('Tab');
  await page.keyboard.type('agent-demo');
  await page.keyboard.press('Enter');
  await page.locator('[data-ticket]').first().waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('下一张工单').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  for (const [key, title] of [
    ['j', '投诉：APP 卡顿'],
    ['j', '出金未到账'],
    ['j', '港股通开通失败'],
    ['j', '港股通开通失败'],
    ['k', '出金未到账'],
  ]) {
    await page.keyboard.press(key);
    await page.getByRole('heading', { name: title }).waitFor();
  }
  await page.keyboard.press('t');
  await page.getByRole('textbox').waitFor();
  await page.keyboard.press('r');
  await page.keyboard.type('键盘回复');
  await page.keyboard.press('Enter');
  await until(() => agentTexts().includes('键盘回复'));
  await page.keyboard.press('Escape');
  await page.keyboard.press('e');
  await page.getByRole('dialog').getByRole('textbox').waitFor();
  await page.keyboard.type('已答复');
  await page.keyboard.press('Control+Enter');
  await page.getByText('工单已解决。').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  for (const [key, sentence] of [
    ['2', '您手上没有工单'],
    ['1', '请选择一张工单'],
    ['4', '请选择一张工单'],
  ]) {
    await page.keyboard.press(key);
    await page.getByText(sentence).waitFor();
  }
  await page.locator('[data-ticket]').filter({ hasText: '出金未到账' }).waitFor();
});

test('an unknown address and an unknown ticket say so and lead back', async () => {
  await agent();
  await page.goto(`${fake.url}/desk/nowhere`);
  await page.getByText('没有这个页面').waitFor();
  await page.getByRole('link').filter({ hasText: '回到工作台' }).click();
  await page.getByRole('region', { name: '工单列表' }).waitFor();
  await page.goto(`${fake.url}/desk/tickets/all/no-such-ticket`);
  await page.getByText('没有这张工单').waitFor();
});

test('a session that has ended leads to the sign-in page and back to the same ticket', async () => {
  await agent();
  await pick(page, '港股通');
  await page.getByTestId('card-phone').waitFor();
  await context.clearCookies();
  await page.getByRole('button', { name: '接手', exact: true }).first().click();
  await page.getByText('登录已过期').waitFor();
  await page.getByLabel('登录名').fill('agent');
  await page.getByLabel('密码').fill('agent-demo');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '港股通开通失败' }).waitFor();
});

test('long words stay in their place: two lines of a title, one of a summary, nothing wider than the window', async () => {
  const words = '我上个礼拜五下午两点四十分在你们APP提交了一笔到建设银行北京中关村支行的出金申请'.repeat(3);
  const conversation = fake.house.conversationOf('long', { channel: 'wechat' });
  fake.house.say(conversation, { author: 'client', content: { kind: 'text', text: words + 'x'.repeat(300) } });
  fake.house.openTicket(conversation, { reason: 'client_asked', title: `出金：${words}`, summary: words });
  fake.house.say(conversation, { author: 'client', content: { kind: 'image', media: { name: '截图.png' } } });
  await page.setViewportSize({ width: 1280, height: 720 });
  await agent();
  const line = page.locator('[data-ticket]').filter({ hasText: words.slice(0, 20) });
  await line.getByText('客户：[图片]').waitFor();
  await line.click();
  await page.getByRole('button', { name: '接手', exact: true }).first().click();
  await page.getByRole('textbox').waitFor();
  const heights = await page.evaluate(() =>
    ['.line.selected .line-title', '.talk h1', '.handover-title'].map((name) => {
      const found = document.querySelector(name);
      return found.clientHeight / parseFloat(getComputedStyle(found).lineHeight);
    }),
  );
  assert.deepEqual(
    heights.map((height) => Math.round(height)),
    [2, 2, 1],
  );
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  const log = await page.getByRole('log').evaluate((list) => list.scrollWidth <= list.clientWidth);
  assert.ok(log, 'the longest word breaks');
});

test('a narrow screen shows one pane at a time, and nothing is cut off', async () => {
  await page.setViewportSize({ width: 400, height: 800 });
  await agent();
  await pick(page, '出金未到账');
  await page.getByRole('log').waitFor();
  assert.equal(await page.locator('.tickets').isVisible(), false);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.getByRole('button', { name: '客户资料' }).click();
  await page.getByTestId('card-phone').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '工单列表' }).click();
  await page.locator('[data-ticket]').first().waitFor();
});
