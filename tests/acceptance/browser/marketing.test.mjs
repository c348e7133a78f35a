// Marketing's rooms in a real browser over the fake house: campaigns, audiences, contents, journeys, and who may do what.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './chat.mjs';
import { context, dialog, enter, fake, fits, page, press, setStage, told } from './stage.mjs';

setStage();

const state = () => page.getByTestId('campaign-state');
const rooms = () => page.locator('header nav a').allTextContents();

const open = (path, login = 'marketing') => enter(path, login);

test('each role has its own rooms, and the address of another leads nowhere', async () => {
  const expected = {
    marketing: ['营销', '人群', '内容', '旅程', '客户资料'],
    approver: ['营销', '人群', '内容', '旅程', '交易日历'],
    agent: ['工单', '任务', '触达', '交易日历'],
    supervisor: ['工单', '任务', '触达', '旅程', '客户资料', '渠道'],
    admin: ['工单', '任务', '触达', '营销', '人群', '内容', '旅程', '客户资料', '渠道', '员工'],
  };
  for (const [login, names] of Object.entries(expected)) {
    await context.clearCookies();
    await open('/', login);
    assert.deepEqual(await rooms(), names, login);
  }
  await context.clearCookies();
  await open('/campaigns', 'agent');
  await page.getByText('没有这个页面').waitFor();
});

test('a campaign under way shows its results, is paused by one key and says what that did, and goes on', async () => {
  await open('/campaigns');
  await page.locator('[data-campaign^="股指期权讲座"]').press('Enter');
  await page.getByTestId('progress').getByText('已发出 10,859 / 12,465 人（计划 20,000 人）').waitFor();
  await page.getByText('差别可能只是偶然').waitFor();
  await page.getByRole('button', { name: '未同意接收' }).press('Enter');
  await until(async () => (await dialog().locator('.ant-table-row').count()) === 7);
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'hidden' });
  await press('暂停');
  await page.getByText('已交给渠道的不能撤回').waitFor();
  await state().getByText('已暂停').waitFor();
  await page.getByText('恢复后从停下的地方继续').waitFor();
  await press('恢复发送');
  await dialog().getByText('不会重复收到').waitFor();
  await dialog().getByRole('button', { name: '恢复发送' }).press('Enter');
  await state().getByText('发送中').waitFor();
  assert.deepEqual(
    told('campaign').map(({ act }) => act),
    ['pause', 'resume'],
  );
});

test('a new campaign: what is missing is said, the audience is counted live, and it is saved as it was written', async () => {
  await open('/campaigns');
  await page.getByRole('heading', { name: '营销活动' }).waitFor();
  await page.keyboard.press('n');
  await page.getByLabel('活动名称').waitFor();
  await press('下一步');
  await page.getByText('请填写活动名称').waitFor();
  await page.getByLabel('活动名称').fill('键盘写的活动');
  await page.getByRole('radio', { name: /股指期权策略讲座邀请/ }).focus();
  await page.keyboard.press('Space');
  await page.getByTestId('preview-sms').getByText('拆成 2 条').waitFor();
  await page.getByText('内容需要填写“链接”').waitFor();
  await page.getByRole('textbox', { name: '链接' }).fill('https://z.example/lecture');
  await page.getByTestId('preview-sms').getByText('https://z.example/lecture').waitFor();
  await page.getByText('内容需要填写“链接”').waitFor({ state: 'hidden' });
  await press('下一步');
  const counted = page.getByRole('region', { name: '符合条件的客户' });
  await counted.getByText('620,000').waitFor();
  await press('添加条件');
  await counted.getByText('266,600').waitFor();
  await counted.getByText('风险等级不低于C3').waitFor();
  await page.getByRole('checkbox', { name: '排除' }).last().press('Space');
  await counted.getByText('353,400').waitFor();
  await press('下一步');
  await press('下一步');
  await page.getByText('请至少选择一个渠道').waitFor();
  await page.getByRole('checkbox', { name: '短信' }).press('Space');
  await page.getByRole('radio', { name: '交易日' }).press('Space');
  await press('下一步');
  await page.getByText('SSE 交易日收盘后 30 分钟').waitFor();
  await press('保存草稿');
  await state().getByText('草稿').waitFor();
  const { body } = told('campaign')[0];
  assert.deepEqual(body.expression, {
    kind: 'all',
    of: [
      { kind: 'consent', category: 'marketing', is: 'yes', channel: null },
      { kind: 'not', of: { kind: 'profile', field: 'risk_level', is: 'at_least', value: 'C3' } },
    ],
  });
  assert.deepEqual(
    [body.name, body.channels, body.schedule, body.hold_out, body.values],
    [
      '键盘写的活动',
      ['sms'],
      { kind: 'trading', exchange: 'SSE', session: 'close', minutes: 30 },
      0,
      { link: 'https://z.example/lecture' },
    ],
  );
});

test('its author hands it in and cannot approve it; somebody else does; then it is launched', async () => {
  fake.desk.studio.campaigns.rows[1].state = 'draft';
  await open('/campaigns');
  await page.locator('[data-campaign^="沉默客户"]').press('Enter');
  await press('提交审批');
  await dialog()
    .getByText(/符合条件的客户：[\d,]+ 位/)
    .waitFor();
  await dialog().getByRole('button', { name: '关闭' }).last().press('Enter');
  await page.getByText('等待创建人以外的同事审批').waitFor();
  assert.equal(await page.getByRole('button', { name: '批准', exact: true }).count(), 0);
  const address = new URL(page.url()).pathname.replace('/desk', '');
  await context.clearCookies();
  await open(address, 'approver');
  await press('批准');
  await dialog().getByText('批准后可以按计划发送').waitFor();
  await dialog().getByRole('button', { name: '批准' }).press('Enter');
  await state().getByText('已审批').waitFor();
  await press('启动');
  await dialog().getByRole('button', { name: '启动' }).press('Enter');
  await state().getByText('发送中').waitFor();
  assert.deepEqual(
    told('campaign').map(({ act, by }) => [act, by]),
    [
      ['submit', 'marketing'],
      ['approve', 'approver'],
      ['launch', 'approver'],
    ],
  );
});

test('an audience that nobody fits is called that, and one is kept under a name and taken over', async () => {
  await open('/campaigns/new');
  await page.getByLabel('活动名称').fill('x');
  await page.getByRole('radio').first().press('Space');
  await press('下一步');
  await page.getByLabel('条件', { exact: true }).press('Enter');
  await page.keyboard.type('标签');
  await page.keyboard.press('Enter');
  await page.getByText('还有条件没有填完').waitFor();
  await page.getByLabel('取值').focus();
  await page.keyboard.type('没有人');
  await page.keyboard.press('Enter');
  const counted = page.getByRole('region', { name: '符合条件的客户' });
  await counted.getByText('没有客户符合，请放宽条件').waitFor();
  await page.keyboard.press('Escape');
  await press('保存为人群');
  await dialog().getByLabel('人群名称').fill('测试人群');
  await page.keyboard.press('Control+Enter');
  await dialog().waitFor({ state: 'hidden' });
  assert.deepEqual(told('audience')[0].expression, { kind: 'all', of: [{ kind: 'tag', any: ['没有人'] }] });
});

test('a test send tells what became of it on each channel', async () => {
  await open('/campaigns');
  await page.locator('[data-campaign^="股指期权讲座"]').press('Enter');
  await press('测试发送');
  await dialog().getByRole('button', { name: '发送' }).press('Enter');
  await dialog().getByText('请选择测试客户').waitFor();
  await dialog().getByLabel('测试客户').press('Enter');
  await page.getByTitle('王** 6001****1').waitFor();
  await page.keyboard.press('Enter');
  await dialog().getByRole('button', { name: '发送' }).press('Enter');
  await dialog().getByText('王** · APP 推送：已发出').waitFor();
  await dialog().getByText('王** · 短信：没有可用的联系方式').waitFor();
});

test('a content is written with a live preview; the rule of a channel speaks; it is approved by somebody else', async () => {
  await open('/contents');
  await page.locator('[data-content="options_lecture"]').waitFor();
  await page.keyboard.press('n');
  await page.getByLabel('标题').fill('春节休市安排');
  await page.getByLabel('标识').fill('9x');
  await page.getByText('以小写字母开头').waitFor();
  await page.getByLabel('标识').fill('spring_break');
  await page.getByLabel('正文').fill('春节休市安排已发布：');
  await page.getByRole('button', { name: '链接' }).press('Enter');
  await page.getByTestId('preview-push').getByText('您有一条新消息').waitFor();
  await page.getByTestId('preview-push').getByText('https://z.example/abc').waitFor();
  await page.getByLabel('渠道', { exact: true }).press('Enter');
  await page.keyboard.type('短信');
  await page.getByTitle('短信', { exact: true }).click();
  await page.getByTestId('preview-sms').getByText('拆成 1 条').waitFor();
  assert.ok(await page.getByRole('button', { name: '金额' }).isDisabled(), 'figures of accounts stay out of SMS');
  await press('保存草稿');
  await page.getByText('营销短信需写明退订方式').waitFor();
  await page.getByLabel('正文').press('End');
  await page.getByLabel('正文').press('Control+End');
  await page.keyboard.type(' 拒收请回复R');
  await press('保存草稿');
  await page.getByRole('heading', { name: '春节休市安排' }).waitFor();
  await press('提交审批');
  await page.getByText('待审批').first().waitFor();
  const address = new URL(page.url()).pathname.replace('/desk', '');
  await context.clearCookies();
  await open(address, 'approver');
  await press('批准');
  await dialog().getByRole('button', { name: '批准' }).press('Enter');
  await page.getByText('已审批').first().waitFor();
});

test('a journey is drawn with who waits where; an error stands at its line, and only what is sound is kept', async () => {
  await open('/journeys');
  await page.locator('[data-journey="new-client"]').press('Enter');
  const step = page.locator('[data-step="await-deposit"]');
  await step.getByText('1,204 人').waitFor();
  await page.getByText('1,592 位客户在途').waitFor();
  await page.getByRole('tab', { name: 'YAML' }).press('Enter');
  const yaml = page.getByRole('textbox', { name: 'YAML' });
  await page.getByText('没有错误，可以运行').waitFor();
  const text = await yaml.inputValue();
  await yaml.fill(text.replace('event: account_opened', 'event: account_opend'));
  await page.getByText('第 5 行：没有事件 account_opend').waitFor();
  assert.ok(await page.getByRole('button', { name: '保存为新版本草稿' }).isDisabled());
  assert.equal(await page.locator('.code li.wrong').textContent(), '5');
  await yaml.fill(text.replace('3d', '5d'));
  await page.getByText('没有错误，可以运行').waitFor();
  await press('保存为新版本草稿');
  await page.getByText('第 2 版').waitFor();
  await press('提交审批');
  await page.getByText('待审批').first().waitFor();
  assert.equal(await page.getByRole('button', { name: '批准', exact: true }).count(), 0);
});

test('empty rooms say so, and what fails to load offers another try', async () => {
  const { campaigns, contents, journeys } = fake.desk.studio;
  for (const room of [campaigns, journeys]) room.rows.length = 0;
  await open('/campaigns');
  await page.getByText('还没有营销活动').waitFor();
  await page.getByRole('link', { name: '旅程' }).press('Enter');
  await page.getByText('还没有旅程').waitFor();
  contents.rows.length = 0;
  await context.route('**/v1/contents', (route) => route.abort());
  await page.getByRole('link', { name: '内容' }).press('Enter');
  await page.getByText('没有加载出来').waitFor();
  await context.unroute('**/v1/contents');
  await press('重试');
  await page.getByText('还没有内容').waitFor();
});

test('long words, a phone, the dark and English: nothing is wider than the window', async () => {
  const { campaigns, contents } = fake.desk.studio;
  campaigns.rows[0].name = '给所有关注股指期权的高净值活跃客户的讲座邀请'.repeat(5);
  contents.rows[1].variants[0].body = `${'长'.repeat(300)}${'x'.repeat(200)} 拒收请回复R`;
  await page.setViewportSize({ width: 400, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await open('/campaigns');
  await page.locator('[data-campaign]').first().waitFor();
  await page.getByRole('button', { name: 'English' }).press('Enter');
  await page.getByRole('heading', { name: 'Campaigns' }).waitFor();
  for (const path of [
    '/campaigns',
    `/campaigns/${campaigns.rows[0].id}`,
    '/campaigns/new',
    '/contents',
    `/contents/${contents.rows[1].id}`,
    '/contents/new',
    '/journeys',
    `/journeys/${fake.desk.studio.journeys.rows[0].id}`,
  ]) {
    await page.goto(`${fake.url}/desk${path}`);
    await page.locator('main.page h1').waitFor();
    await page.waitForLoadState('networkidle');
    assert.ok(await fits(), path);
  }
});
