// Marketing's second half in a real browser over the fake house: named audiences, what came of a campaign by arm and
// channel, messages that failed and are sent again, and a journey tried on what has happened.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './chat.mjs';
import { context, dialog, enter, fake, fits, page, press, setStage, told } from './stage.mjs';

setStage();

const studio = () => fake.desk.studio;
const failed = () => page.locator('.ant-table-tbody .ant-table-row');

const open = (path, login = 'marketing') => enter(path, login);

test('a new audience: what is missing is said, it is counted, kept under its name, and a campaign begins with it', async () => {
  await open('/audiences');
  await page.getByRole('heading', { name: '已保存的人群' }).waitFor();
  await page.keyboard.press('n');
  const counted = page.getByRole('region', { name: '符合条件的客户' });
  await counted.getByText('620,000').waitFor();
  await press('保存');
  await page.getByText('请填写人群名称').waitFor();
  await page.getByLabel('人群名称').fill('沉默的高净值客户');
  await press('添加条件');
  await counted.getByText('266,600').waitFor();
  await press('保存');
  await page.getByText('已有名为“沉默的高净值客户”的人群').waitFor();
  await page.getByLabel('人群名称').fill('可联系的稳健客户');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '可联系的稳健客户' }).waitFor();
  await page.getByRole('region', { name: '历史版本' }).getByText('林晓').waitFor();
  await press('用于新活动');
  await page.getByLabel('活动名称').fill('用保存的人群');
  await page.getByRole('radio', { name: /股指期权策略讲座邀请/ }).press('Space');
  await press('下一步');
  await counted.getByText('266,600').waitFor();
});

test('an audience is renamed, an earlier version is taken back, and it is deleted once a person is sure', async () => {
  await open('/audiences');
  await press('统计 沉默的高净值客户');
  await page.getByText('90,300').waitFor();
  await page.locator('[data-audience="沉默的高净值客户"]').press('Enter');
  assert.ok(await page.getByRole('button', { name: '保存', exact: true }).isDisabled(), 'nothing changed yet');
  const history = page.getByRole('region', { name: '历史版本' });
  await history.getByText('何静').waitFor();
  await history.getByText('当前').waitFor();
  await history.getByRole('button', { name: '取回这一版' }).press('Enter');
  await page.getByText('已放入编辑器，保存后生效').waitFor();
  await page.getByLabel('人群名称').fill('沉默客户');
  await press('保存');
  await page.getByRole('heading', { name: '沉默客户' }).waitFor();
  await until(async () => (await history.locator('li').count()) === 3);
  assert.deepEqual(told('audience')[0].expression, {
    kind: 'all',
    of: [{ kind: 'profile', field: 'last_trade_at', is: 'not_within', value: 30 }],
  });
  await press('删除');
  await dialog().getByText('已经用它建好的活动不受影响').waitFor();
  await dialog().getByRole('button', { name: '删除' }).press('Enter');
  await page.getByText('还没有保存的人群').waitFor();
});

test('an approver sees what an audience says and was, and changes nothing', async () => {
  await open('/audiences', 'approver');
  assert.equal(await page.getByRole('button', { name: '新建人群' }).count(), 0);
  await page.locator('[data-audience]').press('Enter');
  await page.getByRole('region', { name: '符合条件的客户' }).getByText('90,300').waitFor();
  await page.getByRole('region', { name: '历史版本' }).getByText('何静').waitFor();
  for (const name of ['保存', '删除', '取回这一版'])
    assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0, name);
});

test('what came of a campaign stands by arm and channel, with its picture and the sum of all', async () => {
  await open(`/campaigns/${studio().campaigns.rows[0].id}`);
  const part = page.getByRole('region', { name: '各版本各渠道' });
  await part.getByRole('img', { name: /应发 4,120，已发送 3,301，已送达 2,901，已读 1,202，点击 402/ }).waitFor();
  assert.equal(await part.locator('tbody .ant-table-row').count(), 5);
  const whole = await part.locator('.whole-row').textContent();
  for (const figure of ['合计', '12,465', '10,802', '914', '¥210.00']) assert.ok(whole.includes(figure), figure);
  await page.getByText('差别可能只是偶然').waitFor();
});

test('failed messages are told by reason; chosen ones and a whole kind are sent again, and it is said how many', async () => {
  await open(`/campaigns/${studio().campaigns.rows[0].id}`);
  await page.getByRole('link', { name: '处理失败的消息（57）' }).press('Enter');
  await page.getByRole('heading', { name: '失败的消息' }).waitFor();
  await page.getByRole('button', { name: /渠道账号配置有误/ }).waitFor();
  await page.getByText('请管理员在“渠道”中改好并测试').waitFor();
  await press('补发全部（25）');
  await dialog().getByText('已拉黑、退订、拒收或风险等级不再符合的客户不会收到').waitFor();
  await dialog().getByRole('button', { name: '补发', exact: true }).press('Enter');
  await page.getByText('已重新排队 25 条').waitFor();
  assert.deepEqual(
    told('letter').map(({ act, body }) => [act, body.kind]),
    Array(3).fill(['replay-all', 'config']),
  );
  await page.getByText('号码或地址不存在、已停用').waitFor();
  await until(async () => (await failed().count()) === 12);
  assert.equal(await page.getByText('地址已更新', { exact: true }).count(), 3);
  for (const n of [0, 1]) await failed().nth(n).getByRole('checkbox').press('Space');
  await press('补发所选（2）');
  await dialog().getByRole('button', { name: '补发', exact: true }).press('Enter');
  await page.getByText('已重新排队 2 条').waitFor();
  assert.equal(told('letter').at(-1).body.messages.length, 2);
  await until(async () => (await failed().count()) === 10);
});

test('what may have arrived stands apart with a warning, and what a client refused cannot be sent again', async () => {
  await open(`/campaigns/${studio().campaigns.rows[0].id}/failures`);
  await page.locator('[data-kind="outcome_unknown"]').press('Enter');
  await page.getByText('补发可能让客户收到两次，请先与渠道核对').waitFor();
  await press('补发全部（10）');
  await dialog().getByText('这些消息可能已经送达').waitFor();
  await dialog().getByRole('button', { name: '返回' }).press('Enter');
  await dialog().waitFor({ state: 'hidden' });
  assert.deepEqual(told('letter'), [], 'nothing is sent before a person is sure');
  await page.locator('[data-kind="consent"]').press('Enter');
  await page.getByText('不能补发，也请不要换渠道再发').waitFor();
  assert.ok(await page.getByRole('button', { name: /补发全部（0）/ }).isDisabled());
  assert.ok(await failed().first().getByRole('checkbox').isDisabled());
});

test('without failed messages the page says so; of a cancelled campaign nothing is sent again; an approver only looks', async () => {
  const { letters, rows } = studio().campaigns;
  await open(`/campaigns/${rows[0].id}/failures`, 'approver');
  await until(async () => (await failed().count()) === 25);
  assert.equal(await page.getByRole('button', { name: /补发(全部|所选)/ }).count(), 0);
  await context.clearCookies();
  rows[0].state = 'cancelled';
  await open(`/campaigns/${rows[0].id}/failures`);
  await page.getByText('活动已取消，不能再补发').waitFor();
  assert.equal(await page.getByRole('button', { name: /补发(全部|所选)/ }).count(), 0);
  letters.rows.length = 0;
  await page.reload();
  await page.getByText('没有失败的消息').waitFor();
});

test('a journey is tried on history: who would enter, what would be sent, and where they would be, on the drawing', async () => {
  await open('/journeys');
  await page.locator('[data-journey="new-client"]').press('Enter');
  await page.locator('[data-step="welcome"]').getByText('经过 3,992').waitFor();
  await page.getByRole('tab', { name: '试演' }).press('Enter');
  const part = page.getByRole('region', { name: '试演' });
  await part.getByRole('button', { name: '开始试演' }).press('Enter');
  const figures = page.getByTestId('rehearsed');
  await figures.getByText('1,200').waitFor();
  assert.deepEqual(await figures.locator('strong').allTextContents(), ['1,200', '1,560', '900', '300', '900']);
  await part.locator('[data-step="start"]').getByText('经过 1,200').waitFor();
  await part.locator('[data-step="await-longer"]').getByText('180 人').waitFor();
  await part.getByRole('cell', { name: '达成：first deposit' }).waitFor();
  const today = new Date().toISOString().slice(0, 10);
  await part.getByLabel('从哪天起').fill(today);
  await part.getByRole('button', { name: '开始试演' }).press('Enter');
  await part.getByText('这段时间没有客户会进入').waitFor();
  assert.deepEqual(told('journey'), [], 'nothing was done');
});

test('a draft is tried before it is kept, and an error takes one to its line', async () => {
  await open('/journeys');
  await page.locator('[data-journey="new-client"]').press('Enter');
  await page.getByRole('tab', { name: 'YAML' }).press('Enter');
  const yaml = page.getByRole('textbox', { name: 'YAML' });
  await page.getByText('没有错误，可以运行').waitFor();
  await page.getByRole('region', { name: '试演' }).getByRole('button', { name: '开始试演' }).press('Enter');
  await page.getByTestId('rehearsed').waitFor();
  const text = await yaml.inputValue();
  await yaml.fill(text.replace('event: account_opened', 'event: account_opend'));
  await press('转到第 5 行');
  const chosen = await yaml.evaluate((field) => field.value.slice(field.selectionStart, field.selectionEnd));
  assert.equal(chosen, '  event: account_opend');
  assert.equal(await page.getByTestId('rehearsed').count(), 0, 'what was tried is not this draft');
});

test('long words, a phone, the dark and English: nothing is wider than the window', async () => {
  const { audiences, campaigns } = studio();
  audiences.named[0].name = '给所有关注股指期权的高净值活跃客户'.repeat(4);
  campaigns.letters.rows[0].reason = `recipient:${'x'.repeat(80)}`;
  await page.setViewportSize({ width: 400, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await open('/audiences');
  await page.getByRole('button', { name: 'English' }).press('Enter');
  await page.getByRole('heading', { name: 'Named audiences' }).waitFor();
  for (const path of [
    '/audiences',
    `/audiences/${audiences.named[0].id}`,
    '/audiences/new',
    `/campaigns/${campaigns.rows[0].id}`,
    `/campaigns/${campaigns.rows[0].id}/failures?kind=recipient`,
    `/journeys/${studio().journeys.rows[0].id}`,
  ]) {
    await page.goto(`${fake.url}/desk${path}`);
    await page.locator('main.page h1').waitFor();
    await page.waitForLoadState('networkidle');
    assert.ok(await fits(), path);
  }
});
