// The client's whole picture over the fake house: tiers with their reasons, consents written down, preferences stated.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { picture } from './chromium.mjs';
import { pick, signIn } from './staff.mjs';
import { dialog, fake, fits, page, setStage, told } from './stage.mjs';

setStage({ house: { thinkMs: 60 } });

const drawer = () => page.locator('.ant-drawer-open .picture');
const part = (name) => drawer().getByRole('region', { name, exact: true });
const place = (id) => part('同意与退订').locator(`[data-place="${id}"]`);
const modal = () => page.locator('.ant-modal').last();
const choice = (name) => modal().getByRole('radio', { name, exact: true });

async function open(title = '出金未到账') {
  await signIn(page, `${fake.url}/desk/`, 'agent', 'agent-demo');
  await pick(page, title);
  await page.getByTestId('card-tier').or(page.getByText('尚无分层，今晚计算')).first().waitFor();
  await page.keyboard.press('c');
  await drawer().waitFor();
}

test('the card says layer, classes of margin trading, stage and churn risk', async () => {
  await signIn(page, `${fake.url}/desk/`, 'agent', 'agent-demo');
  await pick(page, '出金未到账');
  const card = page.getByRole('region', { name: '客户资料' });
  await card.getByTestId('card-tier').getByText('高净值活跃').waitFor();
  await card.getByText('C3 · 稳健').waitFor();
  await card.getByText('中风险 · 短线 · 中等 · 主动型').waitFor();
  await card.getByText('成熟期').waitFor();
  await card.getByText('35%').waitFor();
  await picture(page, 'desk-card');
});

test('each tier has its rule and figures; a key opens the page, Esc leads back to the conversation', async () => {
  await open();
  const assets = part('分层与依据').locator('[data-tier="asset_band"]');
  await assets.getByText('资产不低于 1,000,000 元').waitFor();
  await assets.getByText('¥1,203,400.55').waitFor();
  await part('分层与依据').locator('[data-tier="layer"]').getByText('4 / 5 分').first().waitFor();
  await part('分层与依据').locator('[data-tier="credit_style"]').getByText('规则已改，今晚重算').waitFor();
  const churn = part('流失风险');
  await churn.getByText('大额亏损（回撤超过20%）').waitFor();
  await churn.getByText('23.1%').waitFor();
  await churn.getByText('计 25%').waitFor();
  await place('i-sms').getByText('点退订链接').waitFor();
  await place('i-chat').getByText('没有表示过，不会发送营销').waitFor();
  await part('渠道偏好').getByText('短信 不要').waitFor();
  await part('渠道偏好').getByText('学到的').waitFor();
  await part('标签').getByText('股指期货').waitFor();
  await drawer().getByRole('region', { name: '客户时间线' }).getByText('出金到账').first().waitFor();
  await picture(page, 'desk-picture');
  const before = page.url();
  await page.keyboard.press('j');
  assert.equal(page.url(), before, 'keys of the list rest while the page is open');
  await page.keyboard.press('Escape');
  await drawer().waitFor({ state: 'detached' });
});

test('a yes that a client told by telephone is written down after its consequences were said', async () => {
  await open();
  await part('同意与退订').getByRole('button', { name: '记录同意或拒绝' }).press('Enter');
  await modal().getByRole('button', { name: '记录' }).press('Enter');
  await modal().getByText('请写明依据').waitFor();
  await modal().getByText('请选择同意或拒绝').waitFor();
  assert.equal(await choice('同意').isChecked(), false, 'nobody agrees by default');
  assert.equal(told('consent').length, 0);
  await choice('同意').press('Space');
  await modal().getByText('此后的营销活动和旅程可以发给这位客户').waitFor();
  await modal().getByLabel('依据').fill('录音 20261123-017');
  await picture(page, 'desk-consent');
  await page.keyboard.press('Control+Enter');
  await place('i-sms').getByText('可发营销').waitFor();
  await place('i-sms').getByText('电话').waitFor();
  await place('i-sms').getByText('李敏 记录').waitFor();
  await place('i-sms').getByText('录音 20261123-017').waitFor();
  const [{ channel, category, value, source, note, by }] = told('consent');
  assert.deepEqual(
    [channel, category, value, source, note, by],
    ['all', 'marketing', 'yes', 'phone', '录音 20261123-017', 'agent'],
  );
});

test('a refusal of everything at one address stops there alone; an older word is said to change nothing', async () => {
  await open();
  const record = part('同意与退订').getByRole('button', { name: '记录同意或拒绝' });
  await record.press('Enter');
  await modal().getByLabel('对哪个渠道').press('Enter');
  await page.keyboard.type('微信');
  await page.locator('.ant-select-dropdown').getByText('微信', { exact: true }).click();
  await choice('拒绝').press('Space');
  await modal().getByLabel('客户何时说的').fill('2026-01-05T10:00');
  await modal().getByText('以较新的为准').waitFor();
  await modal().getByLabel('客户何时说的').fill('');
  await modal().getByText('微信：即刻停止营销').waitFor();
  await modal().getByLabel('哪一类消息').press('Enter');
  await page.locator('.ant-select-dropdown').getByText('全部消息', { exact: true }).click();
  await modal().getByText('微信：即刻停止一切可以停的消息').waitFor();
  await choice('书面').press('Space');
  await modal().getByLabel('依据').fill('退订函 8 号');
  await modal().getByLabel('依据').press('Control+Enter');
  await place('i-wechat').getByText('全部消息').waitFor();
  await place('i-wechat').getByText('不发营销').waitFor();
  assert.equal(await place('i-sms').getByText('全部消息').count(), 0);
  const [{ identity, value, source, category }] = told('consent');
  assert.deepEqual([identity, value, source, category], ['i-wechat', 'no', 'paper', 'all']);
});

test('what the client prefers is stated by kind of message, and taken back by leaving all open', async () => {
  await open();
  await part('渠道偏好').getByRole('button', { name: '记录偏好' }).press('Enter');
  const field = (name) => modal().locator('.ant-form-item').filter({ hasText: name });
  await field('微信').getByText('不要').click();
  await field('短信').getByText('首选').click();
  await modal().getByRole('button', { name: '记录偏好' }).press('Enter');
  await part('渠道偏好').getByText('短信 首选').waitFor();
  assert.deepEqual(
    told('wish').map(({ category, weights }) => [category, weights]),
    [['marketing', { wechat: -1, sms: 100 }]],
  );
});

test('nothing known, long words, what fails, a phone, the dark and English', async () => {
  const { insights } = fake.desk;
  insights.tier = null;
  insights.tags = [];
  insights.words = [];
  insights.wishes = [];
  await page.setViewportSize({ width: 1440, height: 900 });
  await open();
  await drawer().getByText('尚无分层，今晚计算').waitFor();
  for (const words of ['没有标签', '没有说过，也还没有学到偏好', '还没有发送和回应的记录'])
    await drawer().getByText(words).waitFor();
  insights.fault = true;
  await page.keyboard.press('Escape');
  await page.keyboard.press('c');
  await page.getByText('数据库暂时不可用').waitFor();
  insights.fault = false;
  insights.tier = structuredClone((await import('../../../console/dev/insight.mjs')).TIER);
  insights.tier.layer.zh = '高净值且近期十分活跃的重点客户'.repeat(4);
  insights.tags = [{ tag: '很长的标签'.repeat(12), source: 'import', at: '2026-11-01T00:00:00Z', expires_at: null }];
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.locator('.ant-drawer').getByRole('button', { name: '重试' }).press('Enter');
  await part('分层与依据').waitFor();
  await picture(page, 'desk-picture-dark');
  assert.ok(await drawer().evaluate((node) => node.scrollWidth <= node.clientWidth), 'nothing sticks out');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'English' }).click();
  await page.keyboard.press('c');
  await drawer().getByText('Tiers and why').first().waitFor();
  await page.setViewportSize({ width: 390, height: 800 });
  await drawer().or(page.locator('.workspace')).first().waitFor();
  assert.ok(await fits());
});
