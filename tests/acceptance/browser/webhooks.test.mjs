// Which of the broker's systems are told what: set up, tried out, and told again what they missed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './chat.mjs';
import { context, dialog, enter, fits, page, press, setStage, told } from './stage.mjs';

setStage();

const rows = () => page.locator('.page .ant-table-tbody .ant-table-row');

test('an admin adds a system: what is missing is said, and the secret is shown once', async () => {
  await enter('/channels', 'admin');
  await page.getByRole('link', { name: '业务系统对接' }).press('Enter');
  await until(async () => (await rows().count()) === 2);
  await press('新增对接');
  await dialog().getByLabel('接收地址').fill('risk.example.cn');
  await page.keyboard.press('Control+Enter');
  await dialog().getByText('请填写 https:// 开头的地址').waitFor();
  await dialog().getByText('请至少选择一项').waitFor();
  await dialog().getByLabel('接收地址').fill('https://10.0.0.8/told');
  await dialog().getByLabel('告知什么').fill('消息已送达');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Control+Enter');
  await dialog().getByText('须写明是哪个系统下达的').waitFor();
  await dialog().getByLabel('系统', { exact: true }).fill('Risk!');
  await dialog().getByText('1 到 40 个小写字母').waitFor();
  await dialog().getByLabel('系统', { exact: true }).fill('risk');
  await page.keyboard.press('Control+Enter');
  await page.getByText('不允许呼叫内网地址').waitFor();
  await dialog().getByLabel('接收地址').fill('https://risk.example.cn/two');
  await page.keyboard.press('Control+Enter');
  await page.getByText('made-up-secret-1').waitFor();
  await page.getByRole('button', { name: '已记下' }).press('Enter');
  await until(async () => (await rows().count()) === 3);
  assert.deepEqual(told('webhook').at(-1).body, {
    url: 'https://risk.example.cn/two',
    kinds: ['message.delivered'],
    source: 'risk',
  });
});

test('how each goes is seen; it is tried out, changed, given a new secret and switched off', async () => {
  await enter('/channels/webhooks', 'admin');
  const risk = page.locator('[data-url="https://risk.example.cn/told"]');
  const crm = page.locator('[data-url="https://crm.example.cn/zhida/webhook"]');
  await risk.getByText('正常').waitFor();
  await crm.getByText('最近失败').waitFor();
  await crm.getByText('等待送达 12 条').waitFor();
  await risk.getByRole('button', { name: '试发' }).press('Enter');
  await page.getByText('试发成功').waitFor();
  await crm.getByRole('button', { name: '试发' }).press('Enter');
  await page.getByText('试发失败：连不上').waitFor();
  await crm.getByRole('button', { name: '修改' }).press('Enter');
  await dialog().getByLabel('接收地址').fill('https://crm.example.cn/new');
  await page.keyboard.press('Control+Enter');
  const moved = page.locator('[data-url="https://crm.example.cn/new"]');
  await moved.getByRole('button', { name: '更换密钥' }).press('Enter');
  await dialog().getByText('一天之内新旧密钥都会签名').waitFor();
  await dialog().getByRole('button', { name: '更换密钥' }).press('Enter');
  await page.getByText('made-up-secret-2').waitFor();
  await page.getByRole('button', { name: '已记下' }).press('Enter');
  await moved.getByRole('button', { name: '停用' }).press('Enter');
  await moved.getByText('已停用').waitFor();
  assert.deepEqual(
    told('webhook').map(({ act }) => act),
    ['test', 'test', 'change', 'rotate', 'change'],
  );
});

test('what a system was not told is listed with why, and told again; nobody but admins comes here', async () => {
  await enter('/channels/webhooks', 'admin');
  await page.getByRole('button', { name: '未能告知 3 条' }).press('Enter');
  const list = dialog().locator('.ant-table-tbody .ant-table-row');
  await until(async () => (await list.count()) === 3);
  await list.first().getByRole('checkbox').press('Space');
  await press('重放所选（1）');
  await page.getByText('已重新排队 1 条').waitFor();
  await until(async () => (await list.count()) === 2);
  await press('全部重放');
  await page.getByText('已重新排队 2 条').waitFor();
  await dialog().getByText('没有未能告知的').waitFor();
  assert.deepEqual(
    told('webhook').map(({ body }) => body.ids?.length ?? null),
    [1, null],
  );
  await page.setViewportSize({ width: 390, height: 844 });
  assert.ok(await fits());
  await context.clearCookies();
  await enter('/channels/webhooks', 'supervisor');
  await page.getByText('没有这个页面').waitFor();
});
