// The client book in a real browser over the fake house: tiers, trading calendars, imports and merges.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SHIPPED } from '../../../console/dev/tier.mjs';
import { until } from './chat.mjs';
import { context, dialog, enter, fake, fits, page, press, setStage, told } from './stage.mjs';

setStage();

const region = (name) => page.getByRole('region', { name });
const pages = () => page.getByRole('navigation', { name: '客户资料的各页' }).getByRole('link').allTextContents();

const open = (path, login = 'supervisor') => enter(path, login);

async function give(testId, name, text) {
  await page.locator(testId).setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
}

test('who may do what sees it, the address of the rest leads nowhere', async () => {
  const expected = {
    supervisor: ['分层', '导入', '合并', '未处理的事件', '交易日历'],
    marketing: ['分层', '交易日历'],
  };
  for (const [login, names] of Object.entries(expected)) {
    await context.clearCookies();
    await open('/book', login);
    await page.getByRole('heading', { name: '客户分层' }).waitFor();
    assert.deepEqual(await pages(), names, login);
  }
  await page.goto(`${fake.url}/desk/book/merges`);
  await page.getByText('没有这个页面').waitFor();
  await context.clearCookies();
  await open('/book', 'agent');
  await page.getByRole('heading', { name: '交易日历' }).waitFor();
  assert.match((await page.locator('header nav a').allTextContents()).at(-1), /交易日历/);
  await page.getByText('交易日由主管和管理员导入').waitFor();
  assert.equal(await page.getByRole('button', { name: '导入交易日' }).count(), 0);
});

test('tiers are computed by one key, go on before one’s eyes, and say who moved where', async () => {
  await open('/book/tiers', 'marketing');
  const layers = region('各层人数');
  await layers.getByText('620,000 位客户，6,120 位有变化').waitFor();
  await layers.locator('[data-layer="churn_risk"]').getByText('比上一次多 3,719').waitFor();
  await region('层间变动').getByText('潜力增长 → 流失风险').waitFor();
  await press('立即计算');
  await page.getByText('统计近 90 天的行为').waitFor();
  await layers.getByText('620,000 位客户，310 位有变化').waitFor();
  await layers.locator('[data-layer="churn_risk"]').getByText('92,440').waitFor();
  await region('层间变动').getByText('普通 → 流失风险').waitFor();
  assert.deepEqual(
    told('tier-run').map(({ by }) => by),
    ['marketing'],
  );
  await page.getByRole('tab', { name: '历次计算' }).press('Enter');
  await page.locator('.ant-table-row').nth(1).getByRole('button', { name: '查看' }).press('Enter');
  await layers.getByText('6,120 位有变化').waitFor();
});

test('a rule is changed in its own units; what is wrong is said before; it becomes a version with its history', async () => {
  await open('/book/tiers');
  await press('修改生命周期');
  await dialog().getByText('还没有改动').waitFor();
  await dialog().getByLabel('多少天未活跃为沉默期').fill('');
  await dialog().getByText('还有数字没有填写').waitFor();
  assert.ok(await dialog().getByRole('button', { name: '保存为新版本' }).isDisabled());
  await dialog().getByLabel('多少天未活跃为沉默期').fill('45');
  await dialog().getByText('30 → 45').waitFor();
  await dialog().getByLabel('多少天未活跃为沉默期').press('Control+Enter');
  await dialog().waitFor({ state: 'hidden' });
  await page.getByText('规则已改为第 1 版').waitFor();
  const { version, rules } = told('tier-rules')[0];
  assert.deepEqual([version, rules], [0, { ...SHIPPED, stage: { ...SHIPPED.stage, silent_days: 45 } }]);
  await press('修改流失原因');
  const loss = dialog().locator('[data-entry="large_loss"]');
  await loss.getByLabel('不低于').fill('25');
  await dialog().getByText('20% → 25%').waitFor();
  await dialog().getByRole('button', { name: '保存为新版本' }).press('Enter');
  await dialog().waitFor({ state: 'hidden' });
  assert.equal(told('tier-rules')[1].rules.churn[1].at_least, 0.25);
  await page.getByRole('tab', { name: '版本记录' }).press('Enter');
  await page.locator('[data-version="1"]').getByRole('button').press('Enter');
  await dialog().getByText('30 → 45').waitFor();
  await dialog().getByText('20% → 25%').waitFor();
  await dialog().getByRole('button', { name: '恢复为这一版' }).press('Enter');
  await page.getByText('会成为一个新版本').waitFor();
  await page.locator('.ant-modal').getByRole('button', { name: '恢复为这一版' }).press('Enter');
  await page.locator('[data-version="3"]').getByText('现行版本').waitFor();
  assert.equal(told('tier-rules')[2].rules.churn[1].at_least, 0.2);
});

test('a layer is added and moved with the keyboard; the last one must take everybody', async () => {
  await open('/book/tiers');
  await press('修改分层条件');
  await dialog().getByRole('button', { name: '添加一层' }).press('Enter');
  const fresh = dialog().locator('[data-entry="layer_6"]');
  await fresh.getByLabel('中文名').fill('钻石');
  await fresh.getByLabel('英文名').fill('diamond');
  await dialog().getByRole('button', { name: '下移“钻石”' }).press('Enter');
  await dialog().getByText('最后一层不设条件').waitFor({ state: 'hidden' });
  await dialog().getByRole('button', { name: '上移“钻石”' }).press('Enter');
  await dialog().getByRole('button', { name: '上移“普通”' }).press('Enter');
  await fresh.getByLabel('流失风险不低于').fill('10');
  await dialog().getByText('最后一层不设条件').waitFor();
  await dialog().getByRole('button', { name: '下移“普通”' }).press('Enter');
  await dialog().getByText('最后一层不设条件').waitFor({ state: 'hidden' });
  await dialog().getByRole('button', { name: '保存为新版本' }).press('Enter');
  await dialog().waitFor({ state: 'hidden' });
  const { layers } = told('tier-rules')[0].rules;
  assert.deepEqual(layers.map(({ name }) => name).slice(-2), ['layer_6', 'ordinary']);
  assert.deepEqual([layers.at(-2).churn_from, layers.at(-2).zh], [0.1, '钻石']);
});

test('what a colleague changed meanwhile is kept where it is elsewhere, and shown where it is the same part', async () => {
  const theirs = (change) => fake.desk.studio.tiers.keep(change(structuredClone(fake.desk.studio.tiers.rules)), '同事');
  await open('/book/tiers');
  await press('修改生命周期');
  await dialog().getByLabel('多少天未活跃为沉默期').fill('45');
  theirs((rules) => ({ ...rules, loyalty: { ...rules.loyalty, year_points: 12 } }));
  await dialog().getByRole('button', { name: '保存为新版本' }).press('Enter');
  await dialog().getByText('同事 刚刚改了规则，现在是第 1 版').waitFor();
  await dialog().getByRole('button', { name: '在第 1 版上保存我的修改' }).press('Enter');
  await dialog().waitFor({ state: 'hidden' });
  const mine = told('tier-rules')[0].rules;
  assert.deepEqual([mine.loyalty.year_points, mine.stage.silent_days], [12, 45]);
  await press('修改生命周期');
  await dialog().getByLabel('多少天未活跃为流失').fill('200');
  theirs((rules) => ({ ...rules, stage: { ...rules.stage, new_days: 60 } }));
  await dialog().getByRole('button', { name: '保存为新版本' }).press('Enter');
  await dialog().getByText('对方也改了这一部分').waitFor();
  await dialog().getByText('90 → 60').waitFor();
  await dialog().getByRole('button', { name: '改用对方的内容' }).press('Enter');
  await dialog().waitFor({ state: 'hidden' });
  assert.equal(told('tier-rules').length, 1);
  await region('生命周期').getByText('60', { exact: true }).waitFor();
});

test('a calendar is walked with the keyboard: sessions, breaks, nights, and which notice says so', async () => {
  await open('/book/calendars/SHFE/2026-10');
  await page.getByText('17 个交易日').waitFor();
  const sheet = page.getByTestId('day-sheet');
  await sheet.getByText('国庆节').waitFor();
  await sheet.getByText('〔2025〕157号').waitFor();
  await page.locator('[data-day="2026-10-01"]').focus();
  await page.keyboard.press('ArrowDown');
  await sheet.getByText('午休').waitFor();
  await sheet.getByText('11:30 – 13:30').waitFor();
  await sheet.getByText('21:00 – 次日 02:30').waitFor();
  await page.keyboard.press('k');
  await page.getByRole('heading', { name: '2026年9月', exact: true }).waitFor();
  await page.locator('[data-day="2026-09-24"]').click();
  await sheet.getByText('无夜盘').waitFor();
  await page.locator('[data-exchange="SSE"]').press('Enter');
  await until(async () => page.url().endsWith('/book/calendars/SSE/2026-09'));
  await page.locator('[data-day="2026-09-01"]').click();
  await until(async () => (await sheet.getByText('夜盘', { exact: true }).count()) === 0);
  await page.goto(`${fake.url}/desk/book/calendars/SHFE/2027-02`);
  await page.getByText('2027 年的休市通知还没有录入').waitFor();
  await page.goto(`${fake.url}/desk/book/calendars/NYSE`);
  await page.getByText('没有这个页面').waitFor();
});

test('days are brought in from a file; the line that is wrong is shown, mended in place and handed in', async () => {
  await open('/book/calendars/SHFE/2027-02');
  await press('导入交易日');
  await dialog().getByRole('button', { name: '导入', exact: true }).press('Enter');
  await dialog().getByText('请选择文件，或粘贴内容').waitFor();
  const rows = 'exchange,day,sessions,source\nSHFE,2027-02-05,09:00-10:15 10:30-11:30,\nSHFE,2027.2.8,,\n';
  await give('[data-testid="calendar-file"]', 'days.csv', rows);
  await dialog().getByRole('button', { name: '导入', exact: true }).press('Enter');
  await dialog().getByText('第3行有误').waitFor();
  await dialog().getByText('SHFE,2027.2.8,,').last().waitFor();
  await page.keyboard.insertText('SHFE,2027-02-08,,');
  await dialog().getByLabel('依据的通知').fill('上期所〔2026〕200号');
  await dialog().getByLabel('依据的通知').press('Control+Enter');
  await page.getByText('已导入 2 天').waitFor();
  await page.locator('[data-day="2027-02-08"]').click();
  await page.getByTestId('day-sheet').getByText('导入：上期所〔2026〕200号').waitFor();
  assert.deepEqual(
    told('trading-days').map(({ source, n }) => [source, n]),
    [['上期所〔2026〕200号', 2]],
  );
});

const FILE = '客户号,姓名,等级,备注\n86000001,王建国,C3,x\n86000009,赵丽华,C9,y\n86000010,孙强,C2,z\n';

test('a file is mapped, tried out, written when somebody says so, and its errors can be fetched', async () => {
  await open('/book/imports');
  await page.getByText('还没有导入过文件').waitFor();
  await give('input[type="file"]', '新客户.csv', FILE);
  await page.getByRole('heading', { name: '新客户.csv' }).waitFor();
  const level = page.locator('[data-header="等级"]');
  await level.getByRole('combobox').press('Enter');
  await page.keyboard.type('风险');
  await page.keyboard.press('Enter');
  await page.getByText('已对应 3 列，1 列不导入').waitFor();
  await page.locator('[data-header="姓名"]').getByText('王**').waitFor();
  await page.locator('[data-header="备注"]').getByRole('combobox').press('Enter');
  await page.keyboard.type('客户号');
  await page.keyboard.press('Enter');
  await page.getByText('有两列都对应“客户号”').waitFor();
  assert.ok(await page.getByRole('button', { name: '试跑' }).isDisabled());
  await page.locator('[data-header="备注"]').getByRole('combobox').press('Enter');
  await page.keyboard.type('标签');
  await page.keyboard.press('Enter');
  await press('试跑');
  const figures = page.getByTestId('import-check');
  await figures.waitFor();
  assert.match(await figures.textContent(), /总行数3新增客户1更新已有客户1不能导入1/);
  await region('不能导入的行').getByText('应为C1到C5').waitFor();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: '下载错误文件' }).click(),
  ]);
  assert.equal(file.suggestedFilename(), 'import-errors.csv');
  assert.equal(told('import-run').length, 0, 'nothing is written yet');
  await press('导入 2 位客户');
  await page.locator('.ant-modal').getByText('新增 1 位，更新 1 位；1 行不导入').waitFor();
  await page.locator('.ant-modal').getByRole('button', { name: '导入 2 位客户' }).press('Enter');
  await page.getByText('写入 2 位客户：新增 1 位，更新 1 位').waitFor();
  await page.getByText('1 行没有导入').waitFor();
  await page.getByRole('link', { name: '导入另一个文件' }).press('Enter');
  await page.locator('[data-import="新客户.csv"]').press('Enter');
  await page.getByText('这个文件已导入：3 行中写入 2 位客户').waitFor();
});

test('a file that cannot be read says why; one that was left is gone on with, or thrown away', async () => {
  await open('/book/imports');
  await give('input[type="file"]', '空.csv', '客户号\n');
  await page.getByText('第一行应为列名').waitFor();
  await give('input[type="file"]', '客户.csv', FILE);
  await page.getByRole('heading', { name: '客户.csv' }).waitFor();
  await page.goto(`${fake.url}/desk/book/imports`);
  await page.getByRole('link', { name: '继续' }).press('Enter');
  await page.locator('[data-header="姓名"]').waitFor();
  await press('放弃这个文件');
  await page.locator('.ant-modal').getByText('不写入任何客户').waitFor();
  await page.locator('.ant-modal').getByRole('button', { name: '放弃这个文件' }).press('Enter');
  await page.getByText('已放弃', { exact: true }).waitFor();
  assert.deepEqual(
    told('import-cancel').map(({ file }) => file),
    ['客户.csv'],
  );
});

test('records that share a phone are seen side by side, merged with a reason, and split again', async () => {
  await open('/book/merges');
  await region('手机号相同的记录').getByRole('link', { name: '对照' }).press('Enter');
  await page.locator('[data-field="risk_level"]').getByText('不同').waitFor();
  await page.getByTestId('moves').getByText('2 个联系渠道').waitFor();
  await page.getByTestId('moves').getByText('1 张工单').waitFor();
  await page.getByLabel('合并原因').press('Control+Enter');
  await page.getByText('请写明原因，2 到 200 字').waitFor();
  await page.getByLabel('合并原因').fill('客户来电确认');
  await page.getByLabel('合并原因').press('Control+Enter');
  await page.getByText('已移动：2 个联系渠道、1 张工单、3 个标签').waitFor();
  const { kept, gone, is_sure } = told('merge')[0];
  assert.deepEqual([kept, gone, is_sure], ['60010001', '60010088', false]);
  await page.getByRole('link', { name: '回到合并客户' }).press('Enter');
  await page.getByText('没有手机号相同的记录').waitFor();
  const past = region('合并记录');
  await past.getByText('王** ****0088 并入 王** ****0001').waitFor();
  await past.getByRole('button', { name: '撤销' }).press('Enter');
  await dialog().getByLabel('撤销原因').fill('弄错了');
  await page.keyboard.press('Control+Enter');
  await past.getByText(/已撤销/).waitFor();
  assert.equal(told('merge-undo')[0].reason, '弄错了');
  await region('手机号相同的记录').getByRole('link', { name: '对照' }).waitFor();
});

test('any two records are found by number; where their phones differ somebody must be sure', async () => {
  await open('/book/merges');
  const finder = region('按号码查找');
  const find = async (number) => {
    await finder.getByLabel('客户号或手机号').fill(number);
    await page.keyboard.press('Enter');
  };
  await find('99999999');
  await finder.getByText('没有这个号码的客户').waitFor();
  await find('60010002');
  await finder.getByRole('button', { name: '选入对照' }).press('Enter');
  await finder.getByText('再选一条记录即可对照').waitFor();
  await find('13900002222');
  await finder.getByText('****0003').waitFor();
  await finder.getByRole('button', { name: '选入对照' }).press('Enter');
  await finder.getByRole('button', { name: '对照', exact: true }).press('Enter');
  await page.getByText('两条记录的手机号不同').waitFor();
  await press('对调');
  await until(async () => (await page.locator('[data-field="client_no"] td').first().textContent()) === '****0003');
  await page.getByLabel('合并原因').fill('已核实身份证');
  await press('合并');
  await page.getByText('请先核实并勾选').waitFor();
  await page.getByRole('checkbox', { name: '已核实，确为同一人' }).press('Space');
  await press('合并');
  await page.getByText('如果弄错了').waitFor();
  assert.deepEqual(
    told('merge').map(({ kept, is_sure }) => [kept, is_sure]),
    [['60010003', true]],
  );
});

test('nothing to show, long words, a phone, the dark and English', async () => {
  const { tiers, merges } = fake.desk.studio;
  tiers.runs.length = 0;
  const long = structuredClone(SHIPPED);
  long.layers[0].zh = '高净值且近期十分活跃的重点客户'.repeat(4);
  tiers.keep(long, '名字特别特别长的一位同事');
  merges.records.forEach((one) => (one.name = '欧阳'.repeat(20)));
  await page.setViewportSize({ width: 390, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await open('/book/tiers');
  await page.getByText('还没有计算过分层').waitFor();
  await page.locator('[data-section="layers"]').waitFor();
  assert.ok(await fits());
  await press('修改分层条件');
  await dialog().getByText('添加一层').waitFor();
  assert.ok(await fits());
  await page
    .getByRole('button', { name: 'Close' })
    .or(page.getByRole('button', { name: '关闭' }))
    .first()
    .click();
  const seen = { 'calendars/SHFE/2026-10': '.month-grid', imports: '.ant-upload-drag', merges: '.record-line' };
  for (const [path, something] of Object.entries(seen)) {
    await page.goto(`${fake.url}/desk/book/${path}`);
    await page.locator(something).first().waitFor();
    assert.ok(await fits(), path);
  }
  await region('手机号相同的记录').getByRole('link', { name: '对照' }).click();
  await page.locator('[data-field="name"]').waitFor();
  assert.ok(await fits());
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('Two records side by side').waitFor();
  assert.ok(await fits());
});
