// What could not be done is mended where it is seen: wrong addresses, events of nobody, runs that stand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './chat.mjs';
import { context, dialog, enter, fake, fits, page, press, setStage, told } from './stage.mjs';

setStage();

const rows = () => page.locator('.ant-table-tbody .ant-table-row');

test('a wrong number is corrected with a reason, marked, and sent again with the newer words', async () => {
  await enter(`/campaigns/${fake.desk.studio.campaigns.rows[0].id}/failures?kind=recipient`, 'marketing');
  await until(async () => (await rows().count()) === 12);
  await rows().nth(5).getByRole('button', { name: '更正地址' }).press('Enter');
  await dialog().getByRole('button', { name: '更正地址' }).press('Enter');
  await dialog().getByText('请填写新的号码或邮箱').waitFor();
  await dialog().getByLabel('新的号码').fill('13912345678');
  await dialog().getByLabel('依据').fill('客户来电告知');
  await page.keyboard.press('Control+Enter');
  await page.getByText('地址已更正，可以补发了').waitFor();
  await until(async () => (await page.getByText('地址已更新', { exact: true }).count()) === 4);
  const [{ body }] = told('correct');
  assert.deepEqual([body.address, body.reason], ['13912345678', '客户来电告知']);
  await rows().nth(5).getByRole('checkbox').press('Space');
  await page.getByRole('checkbox', { name: '改用已审批的第 2 版内容' }).press('Space');
  await press('补发所选（1）');
  await dialog().getByRole('button', { name: '补发', exact: true }).press('Enter');
  await page.getByText('已重新排队 1 条').waitFor();
  assert.equal(told('letter')[0].body.version, 2);
});

test('an event of nobody is corrected, one that failed is handled again, and the counts follow', async () => {
  await enter('/book/events', 'supervisor');
  await until(async () => (await rows().count()) === 4);
  await page.getByText('风险率 85%').waitFor();
  await page.getByText('金额 5,000.00').waitFor();
  await rows().nth(0).getByRole('button', { name: '更正' }).press('Enter');
  await dialog().getByLabel('客户号').fill('60019999');
  await page.keyboard.press('Control+Enter');
  await page.getByText('没有这个客户号的客户').waitFor();
  await dialog().getByLabel('客户号').fill('60010001');
  await page.keyboard.press('Control+Enter');
  await page.getByText('已更正，正在处理').waitFor();
  await until(async () => (await rows().count()) === 3);
  assert.deepEqual(
    told('event-correct').map(({ client_no }) => client_no),
    ['60010001'],
  );
  await press('重放本页出错的（2）');
  await page.getByText('已重新排队 2 条').waitFor();
  await until(async () => (await rows().count()) === 1);
  assert.equal(told('event-replay')[0].ids.length, 2);
  assert.ok(await fits());
  await context.clearCookies();
  await enter('/book/events', 'marketing');
  await page.getByText('没有这个页面').waitFor();
});

test('clients who stand are told with why, tried again, and taken off once a person is sure', async () => {
  await enter('/journeys', 'marketing');
  await page.locator('[data-journey="new-client"]').press('Enter');
  await page.getByRole('tab', { name: '停住的客户' }).click();
  await until(async () => (await rows().count()) === 2);
  await page.getByText('没有已审批的版本').first().waitFor();
  await rows().nth(0).getByRole('checkbox').press('Space');
  await press('立即重试（1）');
  await page.getByText('1 位正在重试').waitFor();
  await until(async () => (await rows().count()) === 1);
  await rows().nth(0).getByRole('checkbox').press('Space');
  await press('结束旅程（1）');
  await dialog().getByRole('button', { name: '返回' }).press('Enter');
  await dialog().waitFor({ state: 'hidden' });
  await press('结束旅程（1）');
  await dialog().getByRole('button', { name: '结束旅程' }).press('Enter');
  await page.getByText('没有停住的客户').waitFor();
  assert.deepEqual(
    told('standing').map(({ act }) => act),
    ['retry', 'end'],
  );
});

test('everybody changes their own password, by the old one and the new one twice', async () => {
  await enter('/tickets/queue', 'agent');
  await page.getByRole('button', { name: '李敏' }).press('Enter');
  await page.getByText('修改口令').click();
  await dialog().getByLabel('当前口令').fill('wrong');
  await dialog().getByLabel('新口令（至少 12 位）').fill('a new long password');
  await dialog().getByLabel('再输一次新口令').fill('another password');
  await page.keyboard.press('Control+Enter');
  await dialog().getByText('两次输入的新口令不一致').waitFor();
  await dialog().getByLabel('再输一次新口令').fill('a new long password');
  await page.keyboard.press('Control+Enter');
  await page.getByText('当前口令不正确，没有更改').waitFor();
  assert.deepEqual(told('password'), []);
  await dialog().getByLabel('当前口令').fill('agent-demo');
  await page.keyboard.press('Control+Enter');
  await page.getByText('口令已修改').waitFor();
  assert.deepEqual(
    told('password').map(({ by }) => by),
    ['agent'],
  );
});

test('an admin adds a person, is told the password once, changes roles and switches off, but not themselves', async () => {
  await enter('/staff', 'admin');
  await until(async () => (await rows().count()) === 5);
  await press('新增员工');
  await dialog().getByLabel('登录名').fill('agent');
  await dialog().getByLabel('姓名').fill('周敏');
  await page.keyboard.press('Control+Enter');
  await dialog().getByText('请至少选择一个角色').waitFor();
  await dialog().getByRole('checkbox').first().press('Space');
  await page.keyboard.press('Control+Enter');
  await page.getByText('用户名 agent 已被使用').waitFor();
  await dialog().getByLabel('登录名').fill('zhou');
  await page.keyboard.press('Control+Enter');
  await page.getByText('made-up-password-1').waitFor();
  await page.getByRole('button', { name: '已记下' }).press('Enter');
  const zhou = page.locator('[data-login="zhou"]');
  await zhou.getByRole('button', { name: '改角色' }).press('Enter');
  await dialog().getByRole('checkbox').nth(2).press('Space');
  await page.keyboard.press('Control+Enter');
  await page.getByText('已更改').first().waitFor();
  await zhou.getByRole('button', { name: '停用' }).press('Enter');
  await dialog().getByRole('button', { name: '确定' }).press('Enter');
  await zhou.getByText('已停用').waitFor();
  assert.deepEqual(
    told('staff').map(({ act, body }) => [act, body.roles]),
    [
      ['add', ['agent']],
      ['add', ['agent']],
      ['roles', ['agent', 'marketing']],
      ['disable', undefined],
    ],
  );
  const self = page.locator('[data-login="admin"]');
  for (const name of ['改角色', '停用', '换口令'])
    assert.ok(await self.getByRole('button', { name }).isDisabled(), name);
  await context.clearCookies();
  await enter('/staff', 'supervisor');
  await page.getByText('没有这个页面').waitFor();
});
