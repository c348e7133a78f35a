// The client's card in a real browser over the fake house: masked, one person on every channel, a wrong binding undone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pick, signIn } from './staff.mjs';
import { fake, page, setStage } from './stage.mjs';

setStage({ house: { thinkMs: 60 } });

const agent = () => signIn(page, `${fake.url}/desk/`, 'agent', 'agent-demo');

test('a masked number is shown for a reason only, and the reason is on record', async () => {
  await agent();
  await pick(page, '出金未到账');
  await page.getByTestId('card-phone').getByText('138****2231').waitFor();
  await page.getByRole('button', { name: '查看完整手机' }).click();
  const dialog = page.getByRole('dialog');
  // By keyboard: a click may fall beside a dialog that is still opening.
  await dialog.getByRole('textbox').press('Control+Enter');
  await dialog.getByText('请写明原因').waitFor();
  await dialog.getByRole('textbox').fill('核对回访号码');
  await dialog.getByRole('button', { name: '查看' }).press('Enter');
  await page.getByTestId('card-phone').getByText('13812342231').waitFor();
  assert.deepEqual(
    fake.house.ledger.filter((entry) => entry.what === 'reveal').map(({ field, reason }) => [field, reason]),
    [['phone', '核对回访号码']],
  );
  await pick(page, '投诉');
  await page.getByText('这是一位未识别的访客').waitFor();
});

test("a client's other conversations lead from the card to each, and stay apart", async () => {
  const phone = fake.house.conversationOf('+8613800138000', {
    channel: 'sms',
    client: { id: 'c-60010001', name: '王**' },
  });
  fake.house.say(phone, { author: 'client', content: { kind: 'text', text: '短信里再问一次' } });
  fake.house.openTicket(phone, { reason: 'client_asked', title: '短信：出金进度', summary: '' });
  await agent();
  await pick(page, '出金未到账');
  const talks = page.getByRole('list', { name: '其他会话' });
  await talks.getByText('1 张未结工单').waitFor();
  assert.equal(await talks.getByRole('listitem').count(), 1, 'not the one that is open');
  assert.equal(await page.getByRole('log').getByText('短信里再问一次').count(), 0);
  assert.equal(await page.getByRole('button', { name: '解除绑定' }).count(), 0, 'that is for leaders');
  await talks.getByRole('link', { name: '短信' }).click();
  await page.getByRole('heading', { name: '短信：出金进度' }).waitFor();
  await page.getByRole('log').getByText('短信里再问一次').waitFor();
  await page.getByRole('list', { name: '其他会话' }).getByRole('link', { name: '微信' }).waitFor();
});

test('a supervisor undoes a wrong binding, for a reason, after the consequences were said', async () => {
  await signIn(page, `${fake.url}/desk/`, 'supervisor', 'supervisor-demo');
  await pick(page, '出金未到账');
  const bound = page.locator('.identities li').filter({ hasText: '短信' });
  await bound.getByRole('button', { name: '解除绑定' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('核验立即失效').waitFor();
  await dialog.getByRole('button', { name: '解除绑定' }).press('Enter');
  await dialog.getByText('请写明原因').waitFor();
  await dialog.getByLabel('解除原因').fill('客户来电：不是本人的号码');
  await dialog.getByRole('checkbox').uncheck();
  await page.keyboard.press('Control+Enter');
  await bound.waitFor({ state: 'detached' });
  assert.deepEqual(
    fake.house.ledger
      .filter((entry) => entry.what === 'unbind')
      .map(({ identity, reason, with_history }) => [identity, reason, with_history]),
    [['i-sms', '客户来电：不是本人的号码', false]],
  );
});
